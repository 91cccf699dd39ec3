// Chromium, and a page that remembers everything that went wrong in it.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export async function launch() {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (!executablePath) throw new Error('Chromium is not installed (cargo xtask setup installs it)');
  // Chromium refuses its sandbox to root, which is what a container gives.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

/**
 * A page in a fresh profile. `page.faults` collects console errors, uncaught exceptions, refused policy and
 * failed requests; the caller looks at it in the end.
 */
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url } = message.location();
    // A form that is refused answers 422 with the form in it; that is no fault of the page.
    if (/status of 422/.test(message.text())) return;
    page.faults.push(`console: ${message.text()} (${url}, on ${page.url()})`);
  });
  page.on('pageerror', (error) => page.faults.push(`exception: ${error.message} (on ${page.url()})`));
  page.on('requestfailed', (request) => {
    // Leaving a page ends what it was still loading.
    if (request.failure()?.errorText === 'net::ERR_ABORTED') return;
    page.faults.push(`request: ${request.url()} ${request.failure()?.errorText} (on ${page.url()})`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) page.faults.push(`response: ${response.status()} ${response.url()}`);
  });
  return page;
}

/** The pixels by which the page is wider than the window; 0 is right. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
