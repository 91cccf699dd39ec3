// Every page somebody can reach by links, in light and dark, on a desk and on a phone: no axe violation, no
// complaint of the browser (our content security policy included), nothing wider than the window.

import axe from 'axe-core';
import assert from 'node:assert/strict';
import { newPage, overflow } from './lib/browser.mjs';
import { noFaults } from './lib/report.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
export const LOOKS = ['light', 'dark'].flatMap((colorScheme) =>
  [
    { width: 1280, height: 900 },
    { width: 360, height: 740 },
  ].map((viewport) => ({ colorScheme, viewport, name: `${viewport.width} ${colorScheme}` })),
);

/** One address for each kind of page: ids are alike, and so are filters and places in a list. */
function kindOf(path) {
  return path.replace(/[?#].*$/, '').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id');
}

/** Follows links from `start`; returns the first path found of each kind, sorted by kind. */
export async function reachable(page, base, start = '/dashboard') {
  const found = new Map([[kindOf(start), start]]);
  const queue = [start];
  while (queue.length > 0) {
    const answer = await page.goto(base + queue.shift());
    if (!/text\/html/.test(answer.headers()['content-type'] ?? '')) continue;
    const paths = await page.$$eval('a[href]:not([download])', (links) =>
      links.filter((link) => link.origin === location.origin).map((link) => link.pathname + link.search),
    );
    for (const path of paths) {
      if (found.has(kindOf(path)) || /\.(csv|json|gif)$/.test(kindOf(path))) continue;
      found.set(kindOf(path), path);
      queue.push(path);
    }
  }
  return [...found].sort(([a], [b]) => a.localeCompare(b)).map(([kind, path]) => ({ kind, path }));
}

/** Looks at what is open in `page` now. */
export async function checkOpenPage(page) {
  // Frames show messages and run no scripts, so nothing can look into them from within: the page itself is checked.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (values) => globalThis.axe.run({ runOnly: { type: 'tag', values }, iframes: false }),
    TAGS,
  );
  const told = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n    ${node.target.join(' ')}\n    ${node.html.slice(0, 200)}`),
  );
  assert.deepEqual(told, [], `axe on ${page.url()}`);
  assert.equal(await overflow(page), 0, `${page.url()} is wider than the window`);
  noFaults(page);
}

/** Runs one test for each page and look, with the session of `signedIn`. */
export async function checkPages(report, browser, signedIn, server) {
  const storageState = await signedIn.context().storageState();
  const pages = await reachable(signedIn, server.base);
  await report.test('accessibility: the crawl finds the pages of the product', async () => {
    const kinds = pages.map(({ kind }) => kind);
    for (const kind of ['/dashboard', '/contacts', '/contacts/:id', '/pipeline', '/tasks', '/campaigns/:id', '/templates/:id', '/practice/:id']) {
      assert.ok(kinds.some((found) => found === kind || found.startsWith(`${kind}/`)), `${kind} is not among ${kinds}`);
    }
  });
  for (const { name, ...look } of LOOKS) {
    const page = await newPage(browser, { ...look, storageState });
    for (const { kind, path } of pages) {
      await report.test(`accessibility: ${kind} at ${name}`, async () => {
        page.faults = [];
        await page.goto(server.base + path);
        await checkOpenPage(page);
      });
    }
    const stranger = await newPage(browser, look);
    for (const path of ['/login', '/reset', '/reset/code']) {
      await report.test(`accessibility: ${path} at ${name}`, async () => {
        await stranger.goto(server.base + path);
        await checkOpenPage(stranger);
      });
    }
    await report.test(`accessibility: /invitation/:token at ${name}`, async () => {
      await page.goto(`${server.base}/settings/team`);
      await page.getByLabel('Email').fill('invited@example.com');
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      const link = await page.getByLabel('Path of the link').inputValue();
      await checkOpenPage(page);
      await stranger.goto(server.base + link);
      await checkOpenPage(stranger);
      // Once more by another person, who is told that it is not for them.
      await page.goto(server.base + link);
      await checkOpenPage(page);
    });
    await stranger.context().close();
    await page.context().close();
  }
}

/** The first-run page, which is gone once it was used. */
export async function checkSetup(report, browser, server) {
  for (const { name, ...look } of LOOKS) {
    const page = await newPage(browser, look);
    await report.test(`accessibility: /setup at ${name}`, async () => {
      await page.goto(`${server.base}/setup`);
      await checkOpenPage(page);
    });
    await page.context().close();
  }
}
