/** The package inside a bundle, where its addon has to be found from a folder that is not the package's. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { rollup } from 'rollup';

const packageRoot = path.resolve(__dirname, '../..');
const addon = path.join(packageRoot, 'build/native/peerwire.node');

describe('a bundle', () => {
  /** An application, with a package.json of its own. */
  let application: string;
  beforeEach(() => {
    application = mkdtempSync(path.join(tmpdir(), 'peerwire-bundle-'));
    writeFileSync(path.join(application, 'package.json'), '{ "name": "application", "private": true }\n');
  });
  afterEach(() => {
    rmSync(application, { recursive: true, force: true });
  });

  /** Puts the bundle into a folder of the application. */
  async function bundle(outfile: string, banner = '', define: Record<string, string> = {}): Promise<string> {
    const file = path.join(application, outfile);
    await build({
      stdin: {
        contents: `
          import { RTCPeerConnection } from 'peerwire';
          import 'peerwire/polyfill';
          const connection = new RTCPeerConnection();
          console.log(JSON.stringify([connection instanceof globalThis.RTCPeerConnection, connection.signalingState]));
          connection.close();`,
        resolveDir: packageRoot, // which may name itself
      },
      bundle: true,
      platform: 'node',
      format: outfile.endsWith('.mjs') ? 'esm' : 'cjs',
      outfile: file,
      banner: { js: banner },
      define,
      logLevel: 'error',
    });
    return file;
  }

  async function run(file: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [file], {
      cwd: tmpdir(),
      timeout: 20_000,
      env: { ...process.env, PEERWIRE_ADDON: undefined, ...environment },
    });
    return stdout.trim();
  }

  function putPrebuilds(folder: string): void {
    const prebuilds = path.join(application, folder, 'prebuilds', `${process.platform}-${process.arch}`);
    mkdirSync(prebuilds, { recursive: true });
    cpSync(addon, path.join(prebuilds, 'node.napi.node'));
  }

  const withRequire = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

  it('runs as CommonJS', async () => {
    expect(await run(await bundle('bundle.cjs'), { PEERWIRE_ADDON: addon })).toBe('[true,"stable"]');
  });

  it('runs as an ES module with a require()', async () => {
    expect(await run(await bundle('bundle.mjs', withRequire), { PEERWIRE_ADDON: addon })).toBe('[true,"stable"]');
  });

  it('is whole where the bundler leaves out what seems unused', async () => {
    const bundled = await rollup({ input: path.join(packageRoot, 'dist/library.js'), logLevel: 'silent' });
    await bundled.write({ file: path.join(application, 'library.js'), format: 'cjs' });
    cpSync(path.join(packageRoot, 'dist/binding.js'), path.join(application, 'binding.js'));
    symlinkSync(path.join(packageRoot, 'node_modules'), path.join(application, 'node_modules'), 'dir');
    const program = path.join(application, 'program.js');
    writeFileSync(
      program,
      `const { RTCPeerConnection } = require('./library.js');
      const connection = new RTCPeerConnection();
      connection.onnegotiationneeded = ({ type }) => {
        console.log(type);
        connection.close();
      };
      connection.createDataChannel('');`,
    );
    expect(await run(program, { PEERWIRE_ADDON: addon })).toBe('negotiationneeded');
  }, 60_000);

  it('says what to do where there is no require()', async () => {
    await expect(run(await bundle('bundle.mjs'))).rejects.toThrow(/declare peerwire external/);
  });

  it.each(['out/bundle.cjs', 'out/bundle.mjs'])('finds prebuilds/ beside it: %s', async (outfile) => {
    putPrebuilds('out');
    expect(await run(await bundle(outfile, outfile.endsWith('.mjs') ? withRequire : ''))).toBe('[true,"stable"]');
  });

  it('finds prebuilds/ beside it as a part of another program', async () => {
    putPrebuilds('out');
    await bundle('out/bundle.mjs', withRequire);
    mkdirSync(path.join(application, 'bin'));
    const program = path.join(application, 'bin', 'program.mjs');
    writeFileSync(program, "await import('../out/bundle.mjs');\n");
    expect(await run(program)).toBe('[true,"stable"]');
  });

  it("finds prebuilds/ in its application's folder", async () => {
    putPrebuilds('.');
    expect(await run(await bundle('out/server/bundle.cjs'))).toBe('[true,"stable"]');
  });

  it('finds the addon of the package that is installed for its application', async () => {
    mkdirSync(path.join(application, 'node_modules'));
    symlinkSync(packageRoot, path.join(application, 'node_modules', 'peerwire'), 'dir');
    expect(await run(await bundle('out/bundle.cjs'))).toBe('[true,"stable"]');
  });

  it('finds it, too, where the bundler makes up the folder of files', async () => {
    mkdirSync(path.join(application, 'node_modules'));
    symlinkSync(packageRoot, path.join(application, 'node_modules', 'peerwire'), 'dir');
    const file = await bundle('out/bundle.cjs', '', { __dirname: '"/ROOT/node_modules/peerwire/dist"' });
    expect(await run(file)).toBe('[true,"stable"]');
  });

  it('says what it was not permitted to read', async () => {
    putPrebuilds('out');
    const file = await bundle('out/bundle.cjs');
    // Which Node.js 20 knows by another name alone, and Node.js 24 by this one.
    const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
    const permissions = `${flag} --allow-addons --allow-fs-read=${application}`;
    await expect(run(file, { NODE_OPTIONS: permissions })).rejects.toThrow(/restricted.* \(\/etc\/alpine-release\)/);
    const more = `${permissions} --allow-fs-read=/etc/alpine-release`;
    expect(await run(file, { NODE_OPTIONS: more })).toBe('[true,"stable"]');
  });

  it('says where it has looked, and takes no addon of its application for ours', async () => {
    mkdirSync(path.join(application, 'build', 'native'), { recursive: true });
    cpSync(addon, path.join(application, 'build', 'native', 'peerwire.node'));
    const file = await bundle('out/bundle.cjs');
    const looked = path.join(application, 'out', 'prebuilds').replaceAll(/[\\.]/g, '\\$&');
    await expect(run(file)).rejects.toThrow(
      new RegExp(`${looked}: not there[^]*npm rebuild peerwire[^]*ship its folder[^]*code: 'MODULE_NOT_FOUND'`),
    );
  });
});
