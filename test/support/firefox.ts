import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOfOthers } from './sanitizers';

/** A Firefox on this machine, or the reason (for the log) why tests in it cannot run. */
export function findFirefox(): { path: string } | { reason: string } {
  const path = ['firefox', 'firefox-esr'].find((name) => spawnSync(name, ['--version']).status === 0);
  return path ? { path } : { reason: 'no Firefox on this machine (Debian: apt-get install firefox-esr)' };
}

/** Why Firefox makes no sound here, and therefore runs no AudioContext; null: it does. */
export const noSound =
  spawnSync('pulseaudio', ['--version']).status === 0
    ? null
    : 'Firefox makes no sound without a device (Debian: apt-get install pulseaudio)';

/** A sound card of nothing, in a folder; returns how to end it. */
async function startSoundServer(folder: string): Promise<{ address: string; stop(): Promise<unknown> }> {
  const socket = join(folder, 'sound-server');
  const modules = ['module-null-sink rate=48000', `module-native-protocol-unix socket=${socket} auth-anonymous=1`];
  const child = spawn(
    'pulseaudio',
    ['-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no', '--disable-shm'].concat(
      modules.flatMap((module) => ['-L', module]),
    ),
    { stdio: 'ignore', env: { ...environmentOfOthers(), HOME: folder, XDG_RUNTIME_DIR: folder } },
  );
  const gone = once(child, 'exit');
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error('pulseaudio did not start');
    await new Promise((done) => setTimeout(done, 10));
  }
  return {
    address: `unix:${socket}`,
    stop: () => {
      child.kill('SIGTERM');
      return gone;
    },
  };
}

/**
 * Opens an address in a profile of its own. No driver is needed: the page comes to us.
 * @param hasSound whether there is a sound card, if there can be one
 * @param preferences besides those that every test wants
 */
export async function openInFirefox(
  path: string,
  url: string,
  { hasSound = false, preferences: more = {} }: { hasSound?: boolean; preferences?: Record<string, unknown> } = {},
): Promise<() => Promise<unknown>> {
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
    ...more,
  };
  const lines = Object.entries(preferences).map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});`);
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const sound = hasSound && noSound === null ? await startSoundServer(profile) : null;
  const child = spawn(path, ['--headless', '--no-remote', '--profile', profile, url], {
    stdio: 'ignore',
    env: {
      ...environmentOfOthers(),
      HOME: profile,
      MOZ_CRASHREPORTER_DISABLE: '1',
      ...(sound && { PULSE_SERVER: sound.address }),
    },
  });
  return async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await sound?.stop();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
}
