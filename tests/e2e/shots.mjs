// Pictures of every page after the main job, for a person to look at.
//
//   PI_CRM_BIN=…/pi-crm node shots.mjs FOLDER

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LOOKS, reachable } from './a11y.mjs';
import { launch, newPage } from './lib/browser.mjs';
import { Server } from './lib/server.mjs';
import { mainJob } from './main-job.mjs';

const folder = process.argv[2] ?? 'shots';
await mkdir(folder, { recursive: true });
const browser = await launch();
const server = await Server.start();
try {
  const first = await newPage(browser);
  await first.goto(`${server.base}/setup`);
  await first.screenshot({ path: join(folder, 'setup.png'), fullPage: true });
  await mainJob(first, server);
  const pages = await reachable(first, server.base);
  const storageState = await first.context().storageState();
  for (const { name, ...look } of LOOKS) {
    const page = await newPage(browser, { ...look, storageState });
    for (const { kind, path } of pages) {
      await page.goto(server.base + path);
      const file = `${kind.slice(1).replaceAll(/[/:]+/g, '-') || 'home'}-${name.replace(' ', '-')}.png`;
      await page.screenshot({ path: join(folder, file), fullPage: true });
    }
    await page.context().close();
  }
  console.log(`${pages.length * LOOKS.length} pictures in ${folder}`);
} finally {
  await browser.close();
  await server.stop();
}
