// The template editor as people use it: begun from a starter, blocks put in order, shown as somebody gets it, saved,
// compared and brought back. The same steps run without JavaScript.

import assert from 'node:assert/strict';

const frame = (page) => page.frameLocator('iframe[name=preview]');
const block = (page, title) => page.locator('#blocks .blk', { has: page.locator('b', { hasText: new RegExp(`^${title}$`) }) });
const order = (page) => page.locator('#blocks .blk .head b').allTextContents();

async function begin(page, server, what) {
  await page.goto(`${server.base}/templates`);
  await page.getByRole('link', { name: 'New template' }).first().click();
  await page.getByRole('link', { name: new RegExp(`^${what}`) }).click();
}

/** Works on templates of its own; `server` is set up and `page` signed in. */
export async function templates(page, server, javaScriptEnabled) {
  const name = javaScriptEnabled ? 'News, scripted' : 'News, plain';
  const show = async () => {
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Show' }).click();
  };
  await begin(page, server, 'Newsletter');
  await page.getByLabel('Name', { exact: true }).fill(name);
  const first = await order(page);
  assert.deepEqual(first, ['Heading', 'Text', 'Button', 'Divider', 'Columns', 'Spacer', 'Signature', 'Unsubscribe']);
  await block(page, 'Heading').locator('summary').click();
  await page.getByLabel('Heading', { exact: true }).fill('A stone from Saxony');
  await show();
  await frame(page).getByRole('heading', { name: 'A stone from Saxony' }).waitFor();

  // Another order, one more, one less and back again; what was typed stays.
  await page.getByRole('button', { name: 'Move Heading down' }).click();
  await page.waitForFunction(() => document.querySelector('#blocks .blk .head b')?.textContent === 'Text', null, { polling: 100 });
  await page.getByRole('button', { name: 'Delete Divider' }).click();
  await page.getByText('Divider is deleted.').waitFor();
  assert.equal(await block(page, 'Divider').count(), 0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await block(page, 'Divider').waitFor();
  await page.getByRole('group', { name: 'Add a block' }).getByRole('button', { name: 'Button' }).click();
  await page.getByLabel('Words on the button').last().fill('Come and see');
  await page.getByLabel('Where it leads').last().fill('javascript:alert(1)');
  await page.getByRole('button', { name: /^Save/ }).first().click();
  await page.getByText('The address begins with https://').first().waitFor();
  await page.getByLabel('Where it leads').last().fill('https://mill.example/visit');
  await page.getByRole('button', { name: /^Save/ }).first().click();
  await page.waitForURL(/\/templates\/[0-9a-f-]{36}$/);
  assert.deepEqual(await order(page), ['Text', 'Heading', 'Button', 'Divider', 'Columns', 'Spacer', 'Signature', 'Button', 'Unsubscribe']);
  assert.equal(await page.getByText(/missing for [\d,]+ of [\d,]+/).count() > 0 || await page.getByText(/is there for all/).count() > 0, true);

  await asSomebody(page, show);
  await versions(page, name);
  await textMessage(page, server, javaScriptEnabled);
  if (javaScriptEnabled) await kept(page, server);
  await writing(page, server, javaScriptEnabled);
  await harmless(page, server, show);
}

/** What was typed is there again after its tab was closed, and is gone once it is discarded or saved. */
async function kept(page, server) {
  await page.goto(`${server.base}/templates`);
  const url = `${server.base}${await page.getByRole('link', { name: /^News, scripted copy/ }).first().getAttribute('href')}`;
  const type = async (subject) => {
    const tab = await page.context().newPage();
    await tab.goto(url);
    await tab.getByLabel('Subject', { exact: true }).fill(subject);
    await tab.waitForFunction((text) => Object.values(localStorage).some((kept) => kept.includes(text)), subject, { polling: 100 });
    await tab.close();
  };
  const subject = page.getByLabel('Subject', { exact: true });
  const offer = page.getByText(/^You have unsaved changes from/);
  await type('Typed and lost');
  await page.goto(url);
  await offer.waitFor();
  const stored = await subject.inputValue();
  assert.notEqual(stored, 'Typed and lost');
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await page.waitForFunction(() => document.querySelector('#f-subject')?.value === 'Typed and lost', null, { polling: 100 });
  await page.getByRole('button', { name: /^Save/ }).first().click();
  await page.getByText('The template is saved.').waitFor();
  await page.goto(url);
  assert.equal(await subject.inputValue(), 'Typed and lost');
  assert.equal(await offer.isVisible(), false);
  await type('Not wanted');
  await page.goto(url);
  await offer.waitFor();
  await page.getByRole('button', { name: 'Discard', exact: true }).click();
  await page.goto(url);
  await page.locator('#f-subject').waitFor();
  assert.equal(await offer.isVisible(), false);
  assert.equal(await subject.inputValue(), 'Typed and lost');
  await keptAndOvertaken(page, url, type, offer);
}

/** What was typed before somebody else saved comes back beside what they saved, and nothing is lost. */
async function keptAndOvertaken(page, url, type, offer) {
  const subject = page.getByLabel('Subject', { exact: true });
  await type('Mine, typed first');
  const other = await page.context().browser().newContext({ storageState: await page.context().storageState().then((state) => ({ cookies: state.cookies, origins: [] })) });
  const theirs = await other.newPage();
  await theirs.goto(url);
  await theirs.getByLabel('Subject', { exact: true }).fill('Theirs, saved meanwhile');
  await theirs.getByRole('button', { name: /^Save/ }).first().click();
  await theirs.getByText('The template is saved.').waitFor();
  await other.close();
  await page.goto(url);
  await offer.waitFor();
  assert.equal(await subject.inputValue(), 'Theirs, saved meanwhile');
  await page.getByText('Another version was saved since; saving yours shows both.').waitFor();
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await page.waitForFunction(() => document.querySelector('#f-subject')?.value === 'Mine, typed first', null, { polling: 100 });
  await page.getByRole('button', { name: /^Save/ }).first().click();
  await page.getByText('Theirs, saved meanwhile').first().waitFor();
  assert.equal(await page.getByText('The template is saved.').isVisible(), false);
  // The answer is one of trouble, which the browser notes; that is no fault here.
  page.faults = page.faults.filter((fault) => !/409 \(Conflict\)/.test(fault));
}

/** Marks and variables by button and key; without script there are no buttons, and the page is the same. */
async function writing(page, server, javaScriptEnabled) {
  await begin(page, server, 'Blocks');
  await frame(page).getByText(/^Hello /).waitFor({ timeout: javaScriptEnabled ? 10_000 : 1 }).catch((error) => {
    if (javaScriptEnabled) throw error;
  });
  await block(page, 'Text').locator('summary').click();
  const text = block(page, 'Text').locator('textarea');
  const tools = block(page, 'Text').getByRole('toolbar', { name: 'Format' });
  assert.equal(await tools.isVisible(), javaScriptEnabled);
  if (!javaScriptEnabled) return;
  await text.fill('rye');
  await text.selectText();
  await tools.getByRole('button', { name: 'Bold' }).click();
  assert.equal(await text.inputValue(), '**rye**');
  await page.keyboard.press('Control+b');
  assert.equal(await text.inputValue(), 'rye');
  await page.keyboard.press('Control+z');
  assert.equal(await text.inputValue(), '**rye**');
  await text.fill('one\ntwo');
  await text.selectText();
  await tools.getByRole('button', { name: 'Numbered list' }).click();
  assert.equal(await text.inputValue(), '1. one\n1. two');
  await tools.getByRole('button', { name: 'Numbered list' }).click();
  assert.equal(await text.inputValue(), 'one\ntwo');

  await text.fill('');
  await text.pressSequentially('Dear {{ comp');
  const options = page.getByRole('listbox', { name: 'Variables' }).getByRole('option');
  await options.first().waitFor();
  assert.deepEqual(await options.locator('code').allTextContents(), ['contact.company | default("your company")']);
  await page.keyboard.press('Escape');
  assert.equal(await options.count(), 0);
  await page.keyboard.press('Backspace');
  await options.first().waitFor();
  await page.keyboard.press('Enter');
  assert.equal(await text.inputValue(), 'Dear {{ contact.company | default("your company") }}');
  const subject = page.getByLabel('Subject', { exact: true });
  await subject.pressSequentially('{{');
  await page.keyboard.press('ArrowDown');
  await options.nth(2).click();
  assert.match(await subject.inputValue(), /^\{\{ contact\.company .* \}\}$/);
}

/** The preview is of whoever is chosen, and in each of its looks. */
async function asSomebody(page, show) {
  const person = await page.locator('#f-contact_id option').nth(1).textContent();
  await page.getByLabel('Preview as').fill(person);
  await show();
  await frame(page).getByText(`To ${person}`).waitFor();
  for (const look of ['Phone', 'Dark', 'Plain text', 'Desktop']) {
    await page.locator('.seg label', { hasText: look }).click();
    await show();
    await frame(page).locator(look === 'Plain text' ? 'pre.pi-text' : 'h1').getByText('A stone from Saxony').waitFor();
  }
}

async function versions(page, name) {
  await page.getByLabel('Subject', { exact: true }).fill('Other news');
  await page.getByRole('button', { name: /^Save/ }).first().click();
  await page.getByText('The template is saved.').waitFor();
  await page.getByRole('link', { name: 'Version 2' }).click();
  await page.getByRole('heading', { level: 1, name: 'Versions' }).waitFor();
  await page.getByRole('link', { name: 'Version 1' }).click();
  await page.getByText('Other news').waitFor();
  await page.getByRole('button', { name: 'Bring back' }).click();
  await page.getByText('The template is as it was in version 1.').waitFor();
  assert.equal(await page.getByLabel('Subject', { exact: true }).inputValue(), 'News from {{ workspace.name }}');
  await page.getByRole('button', { name: 'Duplicate', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: `${name} copy` }).waitFor();
}

async function textMessage(page, server, javaScriptEnabled) {
  await begin(page, server, 'Text message');
  await page.getByLabel('Name', { exact: true }).fill(javaScriptEnabled ? 'Text, scripted' : 'Text, plain');
  await page.getByLabel('Text message').fill(`${'a'.repeat(159)}€`);
  if (!javaScriptEnabled) {
    await page.getByRole('button', { name: /^Save/ }).first().click();
    await page.waitForURL(/\/templates\/[0-9a-f-]{36}$/);
  }
  await page.locator('#sms-count', { hasText: '161 of 306 characters, 7-bit, 2 messages' }).waitFor();
  if (!javaScriptEnabled) return;
  await page.getByLabel('Text message').fill(`${'a'.repeat(60)}’`);
  await page.locator('#sms-count', { hasText: '61 of 70 characters, 16-bit, 1 message' }).waitFor();
  await page.getByRole('button', { name: /^Save/ }).first().click();
  await page.waitForURL(/\/templates\/[0-9a-f-]{36}$/);
}

/** A script and a picture from elsewhere run and ask for nothing. */
async function harmless(page, server, show) {
  const asked = [];
  const elsewhere = (request) => !request.url().startsWith(server.base) && !request.url().startsWith('data:');
  page.on('requestfinished', (request) => elsewhere(request) && asked.push(request.url()));
  // What the policy stopped never left.
  page.on('requestfailed', (request) => elsewhere(request) && request.failure()?.errorText !== 'csp' && asked.push(request.url()));
  await begin(page, server, 'HTML or MJML');
  await page.getByLabel('Message, HTML').fill(
    '<p>Before</p><script>parent.document.title="run";fetch("/api/contacts")</script><img src="http://192.0.2.1/pixel.png" onerror="top.document.title=1">' +
      '<style>@import url("http://192.0.2.1/a.css"); p{background:url("http://192.0.2.1/b.png")}</style><link rel="stylesheet" href="http://192.0.2.1/c.css"><form action="/templates"><button>x</button></form><p>After</p>',
  );
  await show();
  await frame(page).getByText('After').waitFor();
  const sandbox = await page.locator('iframe[name=preview]').getAttribute('sandbox');
  assert.equal(sandbox, '', 'the frame allows nothing');
  assert.notEqual(await page.title(), 'run');
  assert.deepEqual(asked, []);
  await page.getByLabel('Message, HTML').fill('<mjml>\n<mj-body>\n<mj-tekst>x</mj-tekst></mj-body></mjml>');
  await page.getByText('MJML', { exact: true }).click();
  await show();
  await frame(page).getByText('Line 3: this element is unknown: mj-tekst').waitFor();
  // The policy says what it kept from happening; that is no fault here.
  page.faults = page.faults.filter((fault) => !/Content Security Policy|sandboxed|192\.0\.2\.1/.test(fault));
}
