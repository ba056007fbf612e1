import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sessions = fileURLToPath(new URL('../fixtures/sessions', import.meta.url));

/** This machine's addresses become those that RFC 5737 and RFC 3849 keep for documentation. */
function withoutAddresses(sdp) {
  const own = Object.values(networkInterfaces())
    .flat()
    .filter((one) => !one.internal);
  return own.reduce(
    (text, { address, family }, index) =>
      text.replaceAll(address, family === 'IPv4' ? `192.0.2.${index + 1}` : `2001:db8::${index + 1}`),
    sdp,
  );
}

/**
 * Replaces the session's folder.
 * @param descriptions names ('01a-offer') to texts
 */
export function writeSession(implementation, name, descriptions) {
  const folder = join(sessions, implementation, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, sdp] of Object.entries(descriptions)) {
    writeFileSync(join(folder, `${file}.sdp`), withoutAddresses(sdp));
  }
}
