/** The system's Chromium, for tests of the page: where it is, and one running instance per test file. */
import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

function isExecutable(path: string | undefined): path is string {
  if (path === undefined) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const chromiumPath = PLACES.find(isExecutable);

/** Why there is no browser, in a few words; empty when there is one. */
export const browserMissing =
  chromiumPath === undefined ? 'no Chromium: apt-get install chromium, or set CHROMIUM_PATH' : '';

if (browserMissing !== '' && process.env['CI'] === 'true') throw new Error(browserMissing);

export async function launch(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(browserMissing);
  // Chromium's own sandbox refuses to run as root, which is what containers of CI run as.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return await chromium.launch({ executablePath: chromiumPath, args });
}
