// All end-to-end tests: the main job, the board, many contacts at once, a message to one, cells of the table and the template editor with and
// without JavaScript, then every page as axe sees it, and AI drafts.
//
//   PI_CRM_BIN=…/pi-crm node run.mjs [part of a test's name]

import { checkPages, checkSetup } from './a11y.mjs';
import { ai } from './ai.mjs';
import { cells, onAPhone } from './cells.mjs';
import { launch, newPage } from './lib/browser.mjs';
import { noFaults, Report } from './lib/report.mjs';
import { Server } from './lib/server.mjs';
import { mainJob } from './main-job.mjs';
import { many } from './many.mjs';
import { messages } from './messages.mjs';
import { pipeline } from './pipeline.mjs';
import { templates } from './templates.mjs';

const wanted = process.argv[2] ?? '';
const report = new Report();
const browser = await launch();
try {
  for (const javaScriptEnabled of [true, false]) {
    const name = `the main job by clicks, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`;
    // What a run with JavaScript leaves behind is also what the pages are looked at with.
    const alsoPages = javaScriptEnabled && 'accessibility'.includes(wanted);
    if (!name.includes(wanted) && !alsoPages) continue;
    const server = await Server.start();
    try {
      if (javaScriptEnabled) await checkSetup(report, browser, server);
      const page = await newPage(browser, { javaScriptEnabled });
      let done = false;
      await report.test(name, async () => {
        await mainJob(page, server);
        noFaults(page);
        done = true;
      });
      if (done) {
        await report.test(`the pipeline board, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
          await pipeline(page, server, javaScriptEnabled);
          noFaults(page);
        });
      }
      if (done) {
        await report.test(`many contacts at once, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
          await many(page, server, javaScriptEnabled);
          noFaults(page);
        });
      }
      if (done) {
        await report.test(`a message to one contact, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
          await messages(page, server, javaScriptEnabled);
          noFaults(page);
        });
      }
      if (done) {
        await report.test(`the template editor, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
          await templates(page, server, javaScriptEnabled);
          noFaults(page);
        });
      }
      if (done) {
        await report.test(`cells of the table, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
          await cells(page, server, javaScriptEnabled);
          if (javaScriptEnabled) await onAPhone(page, server);
          noFaults(page);
        });
      }
      if (javaScriptEnabled && done) await checkPages(report, browser, page, server);
      await page.context().close();
    } finally {
      await server.stop();
    }
  }
  for (const javaScriptEnabled of [true, false]) {
    if ('ai drafts'.includes(wanted)) await ai(report, browser, { javaScriptEnabled });
  }
} finally {
  await browser.close();
}
report.close();
