// Editing in the table of contacts, as people do it: Enter goes down, Tab goes right, Esc restores, leaving saves; what is
// refused keeps what was typed, and what two people changed is shown twice. Without JavaScript the pencil leads to the form.

import assert from 'node:assert/strict';

const row = (page, name) => page.locator('tbody tr', { has: page.getByRole('rowheader', { name, exact: false }) });
const cell = (page, name, column) => row(page, name).locator(`[data-col="${column}"]`);
const pencil = (page, name, column) => cell(page, name, column).getByRole('link', { name: `Edit ${column === 'name' ? 'Name' : column[0].toUpperCase() + column.slice(1)} of` });
const input = (page) => page.locator('form.cell .input').first();

async function add(page, server, name) {
  await page.goto(`${server.base}/contacts/new`);
  await page.getByLabel('First name').fill(name);
  await page.getByRole('button', { name: 'Save contact' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  return page.url().split('/').at(-1);
}

/** Edits three new contacts; `server` is set up and `page` signed in. */
export async function cells(page, server, javaScriptEnabled) {
  const names = ['Cell Three', 'Cell Two', 'Cell One'].map((name) => (javaScriptEnabled ? name : `${name} Plain`));
  const ids = [];
  for (const name of names) ids.unshift(await add(page, server, name));
  const [one, two, three] = [...names].reverse();
  await page.goto(`${server.base}/contacts`);
  if (!javaScriptEnabled) {
    await pencil(page, one, 'company').click();
    await page.getByRole('heading', { level: 1, name: one }).waitFor();
    await page.locator('#f-company:focus').fill('By the form');
    await page.getByRole('button', { name: 'Save contact' }).click();
    await page.getByText('By the form').first().waitFor();
    return;
  }

  // Enter saves and goes down, Tab saves and goes right.
  await pencil(page, one, 'company').click();
  await input(page).fill('Mill');
  await page.keyboard.press('Enter');
  await cell(page, two, 'company').locator('form.cell').waitFor();
  await cell(page, one, 'company').getByText('Mill').waitFor();
  await page.keyboard.type('Bakery');
  await page.keyboard.press('Tab');
  await cell(page, two, 'email').locator('form.cell').waitFor();
  await cell(page, two, 'company').getByText('Bakery').waitFor();

  // A mistake keeps what was typed, and says why; Esc restores.
  await page.keyboard.type('two@');
  await page.keyboard.press('Enter');
  await cell(page, two, 'email').getByRole('alert').waitFor();
  assert.equal(await input(page).inputValue(), 'two@');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'primary_email', 'the focus stays in the cell');
  await page.keyboard.press('End');
  await page.keyboard.type('example.org');
  await page.keyboard.press('Enter');
  await cell(page, two, 'email').getByText('two@example.org').waitFor();
  await cell(page, three, 'email').locator('form.cell').waitFor();
  await page.keyboard.type('nobody@example.org');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('form.cell').count(), 0);
  assert.equal(await cell(page, three, 'email').getByText('nobody').count(), 0);

  // Leaving the cell saves it.
  await pencil(page, three, 'company').click();
  await input(page).fill('Granary');
  await page.getByRole('heading', { level: 1, name: 'Contacts' }).click();
  await cell(page, three, 'company').getByText('Granary').waitFor();
  assert.equal(await page.locator('form.cell').count(), 0);

  // A stage is chosen. e edits the row, and only a name has two inputs.
  await pencil(page, one, 'stage').click();
  await input(page).selectOption({ index: 1 });
  await page.keyboard.press('Enter');
  await cell(page, two, 'stage').locator('form.cell').waitFor();
  await page.keyboard.press('Escape');
  await row(page, one).getByRole('rowheader').getByRole('link', { name: one, exact: true }).focus();
  await page.keyboard.press('e');
  await cell(page, one, 'name').locator('form.cell').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.type('Byron');
  await page.keyboard.press('Enter');
  await row(page, `${one} Byron`).getByRole('link', { name: `${one} Byron`, exact: true }).waitFor();
  await page.keyboard.press('Escape');

  // Both versions of what two people changed.
  const token = await page.locator('input[name=csrf_token]').first().inputValue();
  const theirs = async (company) => {
    const answer = await page.request.patch(`${server.base}/api/contacts/${ids[0]}`, { headers: { 'X-CSRF-Token': token }, data: { company } });
    assert.equal(answer.status(), 200, await answer.text());
  };
  for (const [button, left] of [['Take theirs', 'Their mill'], ['Keep mine', 'My mill']]) {
    await pencil(page, one, 'company').click();
    await input(page).waitFor();
    await theirs('Their mill');
    await input(page).fill('My mill');
    await page.keyboard.press('Enter');
    const clash = cell(page, one, 'company').getByRole('alert');
    for (const text of ['My mill', 'Their mill']) await clash.getByText(text, { exact: true }).waitFor();
    await clash.getByRole('button', { name: button }).click();
    await cell(page, one, 'company').getByText(left, { exact: true }).waitFor();
    await page.locator('form.cell').waitFor({ state: 'detached' });
    await theirs('Another mill');
  }

  // The server is gone: the text stays.
  await page.route('**/cells/company', (route) => (route.request().method() === 'POST' ? route.abort('connectionfailed') : route.continue()));
  await pencil(page, two, 'company').click();
  await input(page).fill('Kept');
  await page.keyboard.press('Enter');
  await cell(page, two, 'company').getByText('Not saved').waitFor();
  assert.equal(await input(page).inputValue(), 'Kept');
  await page.unroute('**/cells/company');
  await page.keyboard.press('Enter');
  await cell(page, two, 'company').getByText('Kept').waitFor();
  await page.keyboard.press('Escape');

  // Rows by keys.
  await page.goto(`${server.base}/contacts`);
  for (const key of ['j', 'j', 'x']) await page.keyboard.press(key);
  assert.equal(await page.locator('tbody tr').nth(1).getByRole('checkbox').isChecked(), true);
  await page.getByRole('region', { name: 'Selection' }).getByText('1 selected').waitFor();
  page.faults = page.faults.filter((fault) => !/status of 409|ERR_CONNECTION_FAILED/.test(fault));
}

/** On a phone contacts are ticked too, and nothing is wider than the window. */
export async function onAPhone(page, server) {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${server.base}/contacts`);
  await page.locator('tbody tr').nth(0).getByRole('checkbox').check();
  const bar = page.getByRole('region', { name: 'Selection' });
  await bar.getByRole('button', { name: 'Move' }).click();
  await page.getByRole('heading', { level: 1, name: 'Move to a stage' }).waitFor();
  await page.setViewportSize({ width: 1280, height: 900 });
}
