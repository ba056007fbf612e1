/** Certificates of an authority of our own, made by the openssl command. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).error === undefined;
if (!hasOpenssl) console.warn('skipped: tests of servers over TLS need the openssl command, which is not installed');

export class CertificateAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerwire-tls-'));
  /** PEM file, for NODE_EXTRA_CA_CERTS. */
  readonly file = join(this.folder, 'authority.pem');
  /** PEM file of the key of all certificates. */
  readonly keyFile = join(this.folder, 'server.key');

  constructor() {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    this.#run(
      ...['req', '-x509', ...key, '-keyout', 'authority.key', '-out', 'authority.pem', '-days', '2'],
      ...['-subj', '/CN=peerwire test authority'],
    );
    this.#run('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  }

  /**
   * @param names of the subjectAltName, as openssl writes them; '': there is none
   * @returns the PEM file; its common name is localhost, whatever the names
   */
  certify(file: string, names: string): string {
    writeFileSync(join(this.folder, 'names'), names ? `subjectAltName=${names}\n` : 'basicConstraints=CA:FALSE\n');
    this.#run(
      ...['x509', '-req', '-in', 'server.csr', '-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial'],
      ...['-out', file, '-days', '2', '-extfile', 'names'],
    );
    return join(this.folder, file);
  }

  /** For a TLS server of Node.js. */
  credentials(certificateFile: string): { cert: Buffer; key: Buffer } {
    return { cert: readFileSync(certificateFile), key: readFileSync(this.keyFile) };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #run(...args: string[]): void {
    const { status, stderr } = spawnSync('openssl', args, { cwd: this.folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
  }
}
