// The main job by clicks, as somebody does it who has just started pi-crm for the first time: setup code, user,
// import, template, campaign, approval, sending, outbox, timeline. The same steps run without JavaScript.

import assert from 'node:assert/strict';
import { goodPeople, MANIFEST, SAMPLE } from './lib/fixtures.mjs';

const LIST = 'Newsletter';
const TEMPLATE = 'New stone';
const SUBJECT = 'News for {{ contact.first_name }}';
const CAMPAIGN = 'Stone, spring';
const BODY = '<p>Hello {{ contact.first_name }}, our mill has a new stone.</p>';

/** How long the import and the sending may take, in milliseconds. */
const WORK_LIMIT = 90_000;

/** Does it all; ends on the timeline of a contact. */
export async function mainJob(page, server) {
  await firstRun(page, server);
  await makeList(page);
  await importSample(page);
  await makeTemplate(page);
  const sent = await sendCampaign(page);
  await open(page, 'Practice outbox');
  await page.getByText(`${sent} messages, none left this machine`).waitFor();
  const people = someOfThem();
  for (const person of people) await readInOutbox(page, person);
  for (const person of people.slice(0, 2)) await readOnTimeline(page, person);
}

/** People at both ends of the file and in other scripts, of whose name there is only one. */
function someOfThem() {
  const good = goodPeople();
  const alone = good.filter((person) => good.filter((other) => nameOf(other) === nameOf(person)).length === 1);
  const farEast = alone.find((person) => /[\u3040-\u9fff]/.test(person.first_name));
  const cyrillic = alone.find((person) => /[\u0400-\u04ff]/.test(person.first_name));
  return [alone[0], alone.at(-1), farEast, cyrillic].filter(Boolean);
}

const nameOf = (person) => `${person.first_name} ${person.last_name}`;
const filledIn = (text, person) => text.replaceAll('{{ contact.first_name }}', person.first_name);

export async function firstRun(page, server) {
  await page.goto(server.base);
  await page.getByLabel('Setup code').fill(server.setupCode);
  const [yours, workspace] = await page.getByLabel('Name', { exact: true }).all();
  await yours.fill('Andy Miller');
  await workspace.fill('Miller’s Mill');
  await page.getByLabel('Email').fill('andy@example.com');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery staple');
  await page.getByLabel('Time zone').fill('Europe/Vienna');
  await page.getByLabel('Currency').selectOption('EUR');
  await press(page, 'Create user and workspace');
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
}

/** Presses the button of this name. */
async function press(page, name) {
  await page.getByRole('button', { name }).click();
}

/** Opens a page by the main navigation. */
async function open(page, name) {
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** Chooses the option that begins with `label`; a count may follow it. */
async function choose(select, label) {
  const options = await select.locator('option').allInnerTexts();
  const text = options.find((option) => option.trim().startsWith(label));
  assert.ok(text, `${label} is not among ${options.join(', ')}`);
  await select.selectOption({ label: text.trim() });
}

async function makeList(page) {
  await open(page, 'Lists');
  await page.getByLabel('New tag').fill(LIST);
  await press(page, 'Add tag');
  await page.getByRole('link', { name: LIST }).waitFor();
}

async function importSample(page) {
  await open(page, 'Import');
  await page.getByLabel('CSV or vCard file').setInputFiles(SAMPLE);
  await press(page, 'Upload and continue');
  // What the columns mean is suggested from their names; there is nothing to change for this file.
  await page.getByRole('heading', { level: 1, name: 'Map columns' }).waitFor();
  for (const [column, field] of [['first_name', 'First name'], ['email', 'Email'], ['phone', 'Phone']]) {
    const chosen = page.getByLabel(column, { exact: true }).locator('option:checked');
    assert.equal((await chosen.innerText()).trim(), field, `the suggestion for ${column}`);
  }
  await press(page, 'Check all rows');
  const start = page.getByRole('button', { name: /^Import \d+ contacts$/ });
  await start.waitFor({ timeout: WORK_LIMIT });
  await choose(page.getByLabel('Also put everybody into'), LIST);
  await start.click();
  await page.locator('#import-progress[data-state=done]').waitFor({ timeout: WORK_LIMIT });

  const figures = await page.locator('#import-progress .stats .num').allInnerTexts();
  const [created, updated, skipped, failed] = figures.map((figure) => Number(figure.replace(/\D/g, '')));
  assert.equal(created + updated + skipped + failed, MANIFEST.rows, `every row is accounted for: ${figures}`);
  assert.ok(created >= MANIFEST.counts.ok, `the good rows are in: ${figures}`);
  const badAddresses = MANIFEST.counts.bad_no_at + MANIFEST.counts.bad_space_in_email;
  assert.ok(failed >= badAddresses, `rows without a usable address are not: ${figures}`);
}

async function makeTemplate(page) {
  await open(page, 'Templates');
  await page.getByRole('link', { name: 'New template' }).first().click();
  await page.getByRole('link', { name: /^HTML or MJML/ }).click();
  await page.getByLabel('Name', { exact: true }).fill(TEMPLATE);
  await page.getByLabel('Subject', { exact: true }).fill(SUBJECT);
  await page.getByLabel('Message, HTML').fill(BODY);
  await press(page, 'Show');
  await page.frameLocator('iframe[name=preview]').getByText('our mill has a new stone').waitFor();
  await page.getByRole('button', { name: /^Save/ }).first().click();
  await page.waitForURL(/\/templates\/[0-9a-f-]{36}$/);
}

/** Makes, submits, approves and sends the campaign; returns how many messages left. */
async function sendCampaign(page) {
  await open(page, 'Campaigns');
  await page.getByRole('link', { name: 'New campaign' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(CAMPAIGN);
  await choose(page.getByLabel('Template'), TEMPLATE);
  await page.getByRole('radio', { name: /^People in lists/ }).check();
  await page.getByRole('group', { name: 'Lists' }).getByRole('checkbox', { name: new RegExp(LIST) }).check();
  await press(page, /^Save and review/);
  await press(page, 'Submit for approval');
  const approve = page.getByRole('button', { name: /^Approve for/ });
  const people = Number((await approve.innerText()).replace(/[^0-9]/g, ''));
  assert.ok(people >= MANIFEST.counts.ok, `${people} people`);
  await approve.click();
  await press(page, `Send to ${people} people`);
  await page.locator('#live-campaign[data-state=sent]').waitFor({ timeout: WORK_LIMIT });
  const progress = await page.locator('#live-campaign').innerText();
  assert.match(progress, new RegExp(`${people}\\s+of ${people} sent`), progress);
  return people;
}

/** What the outbox holds for one person: their own name in subject and text, both parts. */
async function readInOutbox(page, person) {
  await open(page, 'Practice outbox');
  const messages = page.getByRole('region', { name: 'Messages', exact: true });
  const link = messages.getByRole('link', { name: nameOf(person), exact: true });
  while ((await link.count()) === 0) {
    const next = page.getByRole('navigation', { name: 'Pages of messages' }).getByRole('link', { name: 'Next' });
    assert.equal(await next.count(), 1, `${nameOf(person)} is on no page of the outbox`);
    const here = page.url();
    await next.click();
    await page.waitForURL((url) => url.href !== here);
  }
  await link.click();
  const message = page.getByRole('region', { name: 'Message', exact: true });
  await message.getByText(filledIn(SUBJECT, person), { exact: true }).waitFor();
  await message.locator('.mail > header').getByText(person.email.trim().toLowerCase()).waitFor();
  const hello = filledIn(BODY, person).replace(/<[^>]+>/g, '');
  await message.frameLocator('iframe').getByText(hello).waitFor();
  await message.getByRole('link', { name: 'Plain text' }).click();
  await message.locator('.body').getByText(hello).waitFor();
}

/** The mail on the timeline of one person, found by searching for the address. */
async function readOnTimeline(page, person) {
  await open(page, 'Contacts');
  const search = page.getByLabel('Filter contacts').and(page.locator('input'));
  await search.fill(person.email);
  await search.press('Enter');
  await page.getByRole('main').getByRole('link', { name: nameOf(person), exact: true }).click();
  const timeline = page.getByRole('list', { name: 'Timeline' });
  const entry = timeline.getByRole('listitem').filter({ hasText: filledIn(SUBJECT, person) });
  await entry.getByText(filledIn(SUBJECT, person), { exact: true }).waitFor();
  // It names the campaign that sent it, as does the list of the contact's campaigns.
  await entry.getByRole('link', { name: CAMPAIGN, exact: true }).waitFor();
  const campaigns = page.getByRole('region', { name: 'Pipeline' });
  await campaigns.getByRole('link', { name: CAMPAIGN, exact: true }).waitFor();
}
