// AI drafts in the template editor, with and without JavaScript: the draft is a proposal until somebody takes it.

import assert from 'node:assert/strict';
import { newPage } from './lib/browser.mjs';
import { Model } from './lib/model.mjs';
import { noFaults } from './lib/report.mjs';
import { Server } from './lib/server.mjs';
import { firstRun } from './main-job.mjs';

const GOAL = 'Tell bakeries that the winter rye is in.';
const SUBJECT = 'The winter rye is in, {{ contact.first_name | default("there") }}';

async function template(page, server) {
  await page.goto(`${server.base}/templates/new?from=source`);
  await page.getByLabel('Name', { exact: true }).fill('Rye');
  await page.getByLabel('Subject', { exact: true }).fill('Old subject');
  await page.getByLabel('Message, HTML').fill('<p>Old text</p>');
  await page.getByRole('button', { name: /^Save/ }).click();
  await page.getByText('The template is saved.').waitFor();
}

const fields = (page) =>
  page.locator('#template').evaluate((form) => ['subject', 'preheader', 'body_html'].map((name) => form.elements[name].value));

/** The whole story; `shoot(name)` takes a picture of a moment. */
export async function ai(report, browser, { javaScriptEnabled, shoot = async () => {} }) {
  const model = await Model.start();
  const server = await Server.start({ OPENAI_BASE_URL: model.base, OPENAI_MODEL: 'stand-in' });
  const page = await newPage(browser, { javaScriptEnabled });
  try {
    await report.test(`AI drafts, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
      await firstRun(page, server);
      await template(page, server);
      await page.locator('summary', { hasText: 'Draft with AI' }).click();
      await page.getByLabel('What is the message for?').fill(GOAL);
      await shoot(page, 'panel');
      if (javaScriptEnabled) await withScript(page, model, shoot);
      else await withoutScript(page, model);
      await versions(page);
      await textMessage(page, server, javaScriptEnabled, shoot);
      if (javaScriptEnabled) await inBlocks(page, server, shoot);
      await off(page, server, shoot);
      noFaults(page);
    });
  } finally {
    await page.context().close();
    await server.stop();
    await model.stop();
  }
}

async function withScript(page, model, shoot) {
  const before = await fields(page);
  const panel = page.locator('[data-ai]');
  const box = panel.getByRole('region', { name: 'AI proposal' });
  await panel.getByRole('button', { name: 'See what is sent' }).click();
  await box.getByText('Nothing has left yet').waitFor();
  assert.equal(model.asked, 0, 'looking sends something');
  await shoot(page, 'sent');

  // Stop: what has come stays to be read, and nothing of it is in the text.
  model.stallsAfter = 20;
  await panel.getByRole('button', { name: 'Write a draft' }).click();
  await box.getByText('Dear').waitFor();
  await shoot(page, 'writing');
  assert.deepEqual(await fields(page), before, 'the text changes while the draft is written');
  await panel.getByRole('button', { name: 'Stop' }).click();
  await box.getByText('Stopped').waitFor();
  await model.readerGone();
  assert.equal(model.left, 1, 'the model goes on after Stop');

  // Discard leaves everything as it was.
  model.stallsAfter = Infinity;
  await box.getByRole('button', { name: 'Try again' }).click();
  await box.getByRole('button', { name: 'Accept' }).waitFor();
  await shoot(page, 'proposal');
  assert.deepEqual(await fields(page), before);
  await box.getByRole('button', { name: 'Discard' }).click();
  assert.equal(await box.isVisible(), false);
  assert.deepEqual(await fields(page), before);

  // Accept puts it into the text, Undo takes it out again; nothing is saved by either.
  await panel.getByRole('button', { name: 'Write a draft' }).click();
  await box.getByRole('button', { name: 'Subject only' }).click();
  assert.deepEqual(await fields(page), [SUBJECT, 'Order your share by 16 November', before[2]]);
  await box.getByRole('button', { name: 'Undo' }).click();
  assert.deepEqual(await fields(page), before);
  await box.getByRole('button', { name: 'Accept' }).click();
  const [subject, , body] = await fields(page);
  assert.equal(subject, SUBJECT);
  assert.match(body, /^<p>Dear \{\{ contact\.first_name \| default\("there"\) \}\},<\/p>/);
  await shoot(page, 'accepted');
  await page.getByRole('button', { name: /^Save/ }).click();
  await page.getByText('The template is saved.').waitFor();
  assert.equal((await fields(page))[0], SUBJECT);
}

async function withoutScript(page, model) {
  await page.getByRole('button', { name: 'See what is sent' }).click();
  await page.getByRole('heading', { name: 'What is sent' }).waitFor();
  assert.equal(model.asked, 0);
  await page.getByRole('button', { name: 'Write a draft' }).click();
  await page.getByRole('region', { name: 'AI proposal' }).getByText('The winter rye is in').waitFor();
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText('The template is saved.').waitFor();
  assert.equal((await fields(page))[0], SUBJECT);
}

/** The version that holds a draft says so. */
async function versions(page) {
  await page.goto(`${page.url()}/versions`);
  await page.getByText('AI draft, edited by').waitFor();
  assert.equal(await page.getByText('AI draft, edited by').count(), 1);
}

/** A text message gets a draft of its own kind. */
async function textMessage(page, server, javaScriptEnabled, shoot) {
  await page.goto(`${server.base}/templates/new?from=text`);
  await page.locator('summary', { hasText: 'Draft with AI' }).click();
  await page.getByLabel('What is the message for?').fill(GOAL);
  await page.getByRole('button', { name: 'Write a draft' }).click();
  const box = page.getByRole('region', { name: 'AI proposal' });
  await box.getByText('Dear').waitFor();
  assert.equal(await box.getByText('Preview line').count(), 0);
  await box.getByRole('button', { name: 'Accept' }).waitFor();
  await shoot(page, 'text');
  if (javaScriptEnabled) {
    await box.getByRole('button', { name: 'Accept' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Rye by text');
    assert.match(await page.getByLabel('Text message').inputValue(), /^Dear \{\{ contact\.first_name/);
    await page.getByRole('button', { name: /^Save/ }).click();
  } else {
    await page.getByLabel('Name of the template').fill('Rye by text');
    await box.getByRole('button', { name: 'Accept' }).click();
  }
  await page.getByText('The template is saved.').waitFor();
  assert.match(await page.getByLabel('Text message').inputValue(), /^Dear \{\{ contact\.first_name/);
}

/** In a message made of blocks an accepted draft becomes a block of text before its end. */
async function inBlocks(page, server, shoot) {
  await page.goto(`${server.base}/templates/new?from=blank`);
  await page.getByLabel('Name', { exact: true }).fill('Rye in blocks');
  const blocks = page.locator('#blocks .blk');
  const before = await blocks.count();
  await page.locator('summary', { hasText: 'Draft with AI' }).click();
  await page.getByLabel('What is the message for?').fill(GOAL);
  await page.getByRole('button', { name: 'Write a draft' }).click();
  const box = page.getByRole('region', { name: 'AI proposal' });
  await box.getByRole('button', { name: 'Accept' }).click();
  await page.waitForFunction((count) => document.querySelectorAll('#blocks .blk').length === count, before + 1, { polling: 100 });
  const added = page.locator('#blocks .blk').nth(before - 1).locator('textarea');
  await page.waitForFunction(() => [...document.querySelectorAll('#blocks textarea')].some((area) => area.value.startsWith('Dear {{')), null, { polling: 100 });
  assert.match(await added.inputValue(), /^Dear \{\{ contact\.first_name \| default\("there"\) \}\},\n\nthe winter rye has come/);
  assert.equal(await page.getByLabel('Subject', { exact: true }).inputValue(), SUBJECT);
  await shoot(page, 'blocks');
  await page.getByRole('button', { name: /^Save/ }).click();
  await page.getByText('The template is saved.').waitFor();
  assert.equal(await blocks.count(), before + 1);
  await page.goto(`${page.url()}/versions`);
  await page.getByText('AI draft, edited by').waitFor();
}

/** Switched off, the panel says why and leads to where that is changed. */
async function off(page, server, shoot) {
  await page.goto(`${server.base}/settings/ai`);
  await shoot(page, 'settings');
  await page.getByLabel('Let people here use a language model').uncheck();
  await page.getByRole('button', { name: /^Save settings/ }).click();
  await page.getByText('AI drafts are switched off in this workspace.').first().waitFor();
  await page.goto(`${server.base}/templates/new?from=source`);
  await page.locator('summary', { hasText: 'Draft with AI' }).click();
  await page.getByText('Everything else works without it.').waitFor();
  await shoot(page, 'off');
  await page.getByRole('link', { name: 'Set up AI drafts' }).click();
  await page.waitForURL('**/settings/ai');
}
