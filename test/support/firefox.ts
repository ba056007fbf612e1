import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Firefox on this machine, or the reason (for the log) why tests in it cannot run. */
export function findFirefox(): { path: string } | { reason: string } {
  const path = ['firefox', 'firefox-esr'].find((name) => spawnSync(name, ['--version']).status === 0);
  return path ? { path } : { reason: 'no Firefox on this machine (Debian: apt-get install firefox-esr)' };
}

/** Opens an address in a profile of its own. No driver is needed: the page comes to us. */
export function openInFirefox(path: string, url: string): Promise<() => Promise<unknown>> {
  const profile = mkdtempSync(join(tmpdir(), 'peerwire-firefox-'));
  const preferences = {
    'browser.shell.checkDefaultBrowser': false,
    'browser.aboutwelcome.enabled': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false,
    'toolkit.telemetry.reportingpolicy.firstRun': false,
    'app.update.enabled': false,
    'extensions.update.enabled': false,
    'media.autoplay.default': 0,
    'media.autoplay.blocking_policy': 0,
    'services.settings.server': 'http://127.0.0.1:9',
  };
  const lines = Object.entries(preferences).map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});`);
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const child = spawn(path, ['--headless', '--no-remote', '--profile', profile, url], {
    stdio: 'ignore',
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
  });
  return Promise.resolve(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });
}
