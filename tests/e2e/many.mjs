// Many contacts at once, as people do it: ticked, moved, and put back; two made one, and two again.

import assert from 'node:assert/strict';

async function tickTwo(page, server, javaScriptEnabled) {
  await page.goto(`${server.base}/contacts`);
  const boxes = page.locator('tbody input[type=checkbox]');
  const bar = page.getByRole('region', { name: 'Selection' });
  assert.equal(await bar.isVisible(), false, 'the bar is there before anything is ticked');
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  if (javaScriptEnabled) await bar.getByText('2 selected').waitFor();
  return bar;
}

/** Works on the two newest contacts; `server` is set up and `page` signed in. */
export async function many(page, server, javaScriptEnabled) {
  let bar = await tickTwo(page, server, javaScriptEnabled);
  await bar.getByRole('button', { name: 'Move' }).click();
  await page.getByRole('heading', { level: 1, name: 'Move to a stage' }).waitFor();
  await page.getByLabel('Stage').selectOption({ label: 'Won' });
  await page.getByRole('button', { name: 'Move 2 contacts' }).click();
  await page.getByText('2 contacts changed').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('2 contacts are as before').waitFor();

  // Nothing chosen: the form says so and nothing is done.
  bar = await tickTwo(page, server, javaScriptEnabled);
  await bar.getByRole('button', { name: 'Tag', exact: true }).click();
  await page.getByRole('button', { name: 'Tag 2 contacts' }).click();
  await page.getByText('Choose one of the lists.').first().waitFor();
  page.faults = page.faults.filter((fault) => !/status of 422/.test(fault));

  bar = await tickTwo(page, server, javaScriptEnabled);
  const names = await page.locator('tbody th a').allTextContents();
  await bar.getByRole('button', { name: 'Merge' }).click();
  await page.getByRole('button', { name: 'Merge 2 contacts' }).click();
  await page.getByText('Two contacts are one now').waitFor();
  await page.getByRole('button', { name: 'Undo the merge of' }).click();
  await page.getByText('is a contact of its own again, as before the merge').waitFor();
  await page.goto(`${server.base}/contacts`);
  assert.deepEqual(await page.locator('tbody th a').allTextContents(), names);
}
