import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const remedy = `Chromium is missing at ${path}: apt-get install -y chromium, or set CHROMIUM_PATH`;

/**
 * Whether browser tests are left out: only where there is no Chromium, and never in CI, where its
 * absence is a failure.
 */
export const withoutChromium = !existsSync(path) && !process.env['CI'];

/** For a suite's name, which thus says why it was left out, and what to do. */
export const chromiumRemark = withoutChromium ? ` (LEFT OUT. ${remedy})` : '';

export async function launchChromium(): Promise<Browser> {
  if (!existsSync(path)) throw new Error(remedy);
  return chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
