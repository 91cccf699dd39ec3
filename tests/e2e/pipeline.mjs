// The pipeline board as people use it: a contact is added and moved along, by the menu, by keys and by dragging, and
// without JavaScript by a page that asks for the stage.

import assert from 'node:assert/strict';

const column = (page, stage) => page.locator('.col', { has: page.getByRole('heading', { level: 2, name: stage }) });
const card = (page, stage, name) => column(page, stage).locator('.kcard', { hasText: name });

/** Moves a new contact along; `server` is set up and `page` signed in. */
export async function pipeline(page, server, javaScriptEnabled) {
  const name = javaScriptEnabled ? 'Zoe Script' : 'Zoe Plain';
  await page.goto(`${server.base}/contacts/new`);
  await page.getByLabel('First name').fill(name);
  await page.getByRole('button', { name: 'Save contact' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();

  await page.goto(`${server.base}/pipeline`);
  const stages = await page.locator('.col h2 bdi').allTextContents();
  assert.ok(stages.length >= 4, `stages: ${stages}`);
  await card(page, stages[0], name).waitFor();
  if (javaScriptEnabled) await byScript(page, server, stages, name);
  else await byPage(page, stages, name);
}

async function byPage(page, stages, name) {
  await page.getByRole('link', { name: `Move ${name} to another stage` }).click();
  await page.getByRole('heading', { level: 1, name: `Move ${name}` }).waitFor();
  await page.getByRole('button', { name: stages[1] }).click();
  await page.getByText(`${name} moved to ${stages[1]}.`).waitFor();
  await card(page, stages[1], name).waitFor();
  assert.equal(await card(page, stages[0], name).count(), 0);
}

async function byScript(page, server, stages, name) {
  const said = page.locator('#live');
  await page.getByRole('link', { name: `Move ${name} to another stage` }).click();
  await page.locator('#move').getByRole('button', { name: stages[1] }).click();
  await card(page, stages[1], name).waitFor();
  await said.getByText(`${name} moved to ${stages[1]}, 1 of`).waitFor();

  // The card that was moved has the focus; s and a digit move it on.
  await page.keyboard.press('s');
  await page.locator('#move').waitFor();
  await page.keyboard.press('3');
  await card(page, stages[2], name).waitFor();
  await said.getByText(`${name} moved to ${stages[2]}`).waitFor();

  await card(page, stages[2], name).dragTo(column(page, stages[3]).locator('header'));
  await card(page, stages[3], name).waitFor();
  await said.getByText(`${name} moved to ${stages[3]}`).waitFor();

  // What somebody else moves appears by itself, and takes neither the focus nor the scroll.
  const link = card(page, stages[3], name).getByRole('link', { name, exact: true });
  const id = (await link.getAttribute('href')).split('/').at(-1);
  const stage = await column(page, stages[1]).getAttribute('data-stage');
  await page.mouse.move(0, 0);
  await page.locator('#board').evaluate((board) => (board.scrollLeft = 40));
  const scroll = await page.locator('#board').evaluate((board) => board.scrollLeft);
  await link.focus({ preventScroll: true });
  const headers = { 'X-CSRF-Token': await page.locator('#move').getAttribute('data-token') };
  await page.request.post(`${server.base}/pipeline/${id}/move`, { headers, form: { list_id: stage } });
  await card(page, stages[1], name).waitFor({ timeout: 20_000 });
  assert.equal(await card(page, stages[3], name).count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), name, 'the card keeps the focus');
  assert.equal(await page.locator('#board').evaluate((board) => board.scrollLeft), scroll);
  await card(page, stages[1], name).dragTo(column(page, stages[3]).locator('header'));
  await card(page, stages[3], name).waitFor();

  // Refused: the card stays, and the reason is said.
  await page.route('**/pipeline/*/move', (route) => route.fulfill({ status: 409, contentType: 'text/html', body: 'This stage is closed.' }));
  await card(page, stages[3], name).dragTo(column(page, stages[0]).locator('header'));
  await page.locator('.toast').getByText(`${name} was not moved. This stage is closed.`).waitFor();
  await card(page, stages[3], name).waitFor();
  await page.unroute('**/pipeline/*/move');
  page.faults = page.faults.filter((fault) => !/status of 409/.test(fault));
}
