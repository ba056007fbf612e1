import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peerSuite } from './peer-suite';
import { startPage } from './remote-agent';

const firefox = ['firefox', 'firefox-esr'].find((name) => spawnSync(name, ['--version']).status === 0);

/** No driver is needed: the page comes to us. */
function open(url: string): Promise<() => Promise<unknown>> {
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
    'services.settings.server': 'http://127.0.0.1:9',
  };
  const lines = Object.entries(preferences).map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});`);
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const child = spawn(firefox!, ['--headless', '--no-remote', '--profile', profile, url], {
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

if (!firefox) {
  console.log('firefox.test.ts is skipped: no Firefox on this machine (Debian: apt-get install firefox-esr)');
  it.skip('Firefox', () => {});
} else {
  describe('Firefox', () => {
    peerSuite({ name: 'Firefox', start: () => startPage(open), connectWithinMs: 300 });
  });
}
