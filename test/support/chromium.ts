import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { environmentOfOthers } from './sanitizers';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** Path of a Chromium on this machine, or the reason (for the log) why tests in a browser cannot run. */
export function findChromium(): { path: string } | { reason: string } {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return { path: join(folder, name) };
      } catch {
        // Not this one.
      }
    }
  }
  return { reason: `no Chromium on this machine${refusal()}` };
}

/** What the set-up was told when it wanted to install it. */
function refusal(): string {
  try {
    const stamps = JSON.parse(readFileSync(join(__dirname, '../../.setup-stamp.json'), 'utf8'));
    return ` (${stamps.refused.chromium.reason})`;
  } catch {
    return '';
  }
}

/** A headless Chromium with a profile of its own and no traffic but that of its pages; `close()` removes the profile. */
export async function launchChromium(
  path: string,
  ...args: string[]
): Promise<{ context: BrowserContext; close(): Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), 'peerwire-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: path,
    headless: true,
    env: environmentOfOthers() as Record<string, string>,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      ...args,
    ],
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
