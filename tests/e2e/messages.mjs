// A message to one contact, by e-mail and by text, taken back and sent; and an address no message goes to.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** Longer than a message is held. */
const SENT_LIMIT = 60_000;

/** Works with a contact of its own; `server` is set up and `page` signed in. */
export async function messages(page, server, javaScriptEnabled) {
  const name = `Emma ${javaScriptEnabled ? 'On' : 'Off'}`;
  const address = `emma-${javaScriptEnabled ? 'on' : 'off'}@example.org`;
  await page.goto(`${server.base}/contacts/new`);
  await page.locator('#f-first_name').fill(name);
  await page.locator('#f-primary_email').fill(address);
  await page.locator('#f-primary_phone').fill(javaScriptEnabled ? '+43 664 7654301' : '+43 664 7654302');
  await page.locator('main form').getByRole('button').last().click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  const contact = page.url().split('?')[0];

  await page.getByRole('navigation', { name: 'What to write down' }).getByRole('link', { name: 'Email' }).click();
  await page.getByLabel('Subject').fill('Our offer');
  await page.getByLabel('Message', { exact: true }).fill('Dear {{ contact.first_name }},\n\nhere it is.');
  await page.getByRole('button', { name: 'Send' }).click();
  const waiting = page.getByRole('region', { name: 'Messages under way' });
  await waiting.getByText('Our offer').waitFor();
  await waiting.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('The message is taken back. Nothing was sent.').first().waitFor();
  // What was written is there to be gone on with.
  assert.match(await page.getByLabel('Message', { exact: true }).inputValue(), /here it is/);
  await page.getByRole('button', { name: 'Send' }).click();
  await waiting.getByText('Our offer').waitFor();
  const until = Date.now() + SENT_LIMIT;
  for (;;) {
    await page.goto(contact);
    if (await page.getByRole('list', { name: 'Timeline' }).getByText('here it is').isVisible()) break;
    assert.ok(Date.now() < until, 'the message was not sent');
    await pause(500);
  }
  assert.equal(await waiting.count(), 0);

  await page.getByRole('navigation', { name: 'What to write down' }).getByRole('link', { name: 'Text' }).click();
  assert.equal(await page.getByLabel('Subject').count(), 0, 'a text message has no subject');
  await page.getByLabel('Message', { exact: true }).fill('Your rye is here, {{ contact.first_name }}.');
  await page.getByRole('button', { name: 'Send' }).click();
  await waiting.getByText('Your rye is here').waitFor();
  await waiting.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('The message is taken back. Nothing was sent.').first().waitFor();
  assert.match(await page.getByLabel('Message', { exact: true }).inputValue(), /Your rye is here/);

  await page.goto(`${server.base}/suppressions/new`);
  await page.getByLabel('E-mail address or phone number').fill(address);
  await page.getByLabel('Reason').selectOption({ label: 'Unsubscribed' });
  await page.getByRole('button', { name: 'Suppress' }).click();
  await page.getByText(`No message goes to ${address} any more.`).first().waitFor();
  await page.goto(`${contact}?write=email`);
  await page.getByText('This person unsubscribed.').waitFor();
  await page.goto(`${server.base}/suppressions`);
  await page.getByRole('link', { name: address, exact: true }).click();
  await page.getByLabel('Why may they be written to again?').fill('She wrote to us and asked for it.');
  await page.getByRole('button', { name: 'Take off the list' }).click();
  await page.getByText('The address may be written to again.').first().waitFor();
}
