import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks'; // tests replace the global one
import { packageScope } from './async-scope';
import { NATIVE_CONTRACT_VERSION, type NativeAddon } from './native-addon';

interface NodeGypBuild {
  /** Path of the addon that fits this platform; throws when there is none. */
  resolve(packageFolder: string): string;
}

let loaded: NativeAddon | undefined;

/**
 * The addon, loaded on the first call. Each copy of this module has a copy of the addon's state, also where the
 * module is loaded twice in one process (jest.resetModules, two installed versions, workers).
 * @throws Error that says what was tried and what to do
 */
export function nativeAddon(): NativeAddon {
  loaded ??= load();
  return loaded;
}

/** The addon if something has loaded it already. */
export function loadedAddon(): NativeAddon | undefined {
  return loaded;
}

function load(): NativeAddon {
  const tried: string[] = [];
  let cause: unknown;
  for (const path of candidatePaths(tried)) {
    try {
      return open(path);
    } catch (error) {
      cause ??= error;
      tried.push(attemptText(path, error));
    }
  }
  const text = failureText(tried);
  if (cause === undefined) throw Object.assign(new Error(text), { code: 'MODULE_NOT_FOUND' });
  throw Object.assign(new Error(text, { cause }), { code: 'ERR_DLOPEN_FAILED' });
}

function* candidatePaths(tried: string[]): Generator<string> {
  // One's own build, e.g. an instrumented one, and no other.
  const named = process.env['PEERWIRE_ADDON'];
  if (named) {
    yield resolve(named); // a name without a slash would be looked for among the system's libraries
    return;
  }
  for (const { folder, isPackage } of packageFolders(tried)) {
    if (isPackage) {
      // A checkout: what scripts/build-native.mjs has made is newer than any prebuilt one. Packages do not have it.
      const built = join(folder, 'build', 'native', 'peerwire.node');
      if (existsSync(built)) yield built;
      else tried.push(`${built}: not there`);
    }
    let prebuilt: string | undefined;
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- not needed where a build of one's own is found
      prebuilt = (require('node-gyp-build') as NodeGypBuild).resolve(folder);
    } catch (error) {
      tried.push(attemptText(folder, error));
    }
    if (prebuilt) yield prebuilt;
  }
}

/**
 * The package that this file is in. Where a bundler has put it into another one: the folder of the bundle, and those
 * above it up to that package's, if prebuilds/ was put there; then peerwire as it is installed for that package.
 */
function* packageFolders(tried: string[]): Generator<{ folder: string; isPackage: boolean }> {
  const here = ownFolder();
  for (let folder = here; ; folder = dirname(folder)) {
    const hasPackage = existsSync(join(folder, 'package.json'));
    const isLast = hasPackage || folder === dirname(folder);
    if (hasPackage && isOurs(folder)) {
      yield { folder, isPackage: true };
      return;
    }
    if (existsSync(join(folder, 'prebuilds'))) yield { folder, isPackage: false };
    else if (folder === here || isLast) tried.push(`${join(folder, 'prebuilds')}: not there`);
    if (isLast) break;
  }
  try {
    const folder = dirname(createRequire(join(here, 'bundle.js')).resolve('peerwire/package.json'));
    yield { folder, isPackage: isOurs(folder) };
  } catch (error) {
    tried.push(messageOf(error));
  }
}

/** The folder of this file, or of the bundle that it is in. */
function ownFolder(): string {
  if (typeof __dirname === 'string' && existsSync(__dirname)) return __dirname;
  // An ES module has none, and what Turbopack (Next.js) makes of it is no folder. What such a bundle has as require() looks
  // beside it first; else take it for the program.
  const [first] = (typeof require === 'function' && require.resolve?.paths?.('peerwire')) || [];
  return dirname(first ?? process.argv[1] ?? process.execPath);
}

function isOurs(folder: string): boolean {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown };
    return name === 'peerwire';
  } catch {
    return false; // another one's, that cannot be read: what is missing shows in what was tried
  }
}

function open(path: string): NativeAddon {
  // Not require(): it would hand the same instance, with its one dispatcher, to every copy of this module, and
  // bundlers would look into it.
  const module = { exports: {} as NativeAddon };
  packageScope.runInAsyncScope(() => {
    process.dlopen(module, path);
  });
  const found = module.exports.contractVersion;
  if (found !== NATIVE_CONTRACT_VERSION) {
    throw new Error(
      `it speaks version ${String(found)} of the native contract, not ${String(NATIVE_CONTRACT_VERSION)}`,
    );
  }
  module.exports.setClock(performance.timeOrigin + performance.now());
  return module.exports;
}

function messageOf(error: unknown): string {
  const { message, resource } = (error ?? {}) as { message?: unknown; resource?: unknown };
  const text = (typeof message === 'string' ? message : String(error)).trim().replace(/\s*\n\s*/g, ' ');
  return typeof resource === 'string' ? `${text} (${resource})` : text; // what Node.js' permission model has denied
}

/** What became of it; most messages name the path already. */
function attemptText(path: string, error: unknown): string {
  const message = messageOf(error);
  return message.includes(path) ? message : `${path}: ${message}`;
}

function failureText(tried: string[]): string {
  const isNamed = Boolean(process.env['PEERWIRE_ADDON']);
  const advice = isNamed
    ? ['  - let PEERWIRE_ADDON name an addon of this version for this platform, or leave it unset.']
    : [
        '  - installed: npm rebuild peerwire, on the machine and in the container that runs it; where install scripts have',
        '    to be allowed, npm install-scripts approve peerwire (pnpm: pnpm approve-builds) before that;',
        '  - with a bundler: declare peerwire external, and ship its folder in node_modules (prebuilds/ included);',
        '  - in a checkout: npm run build:native (needs CMake and a C++20 compiler).',
      ];
  return [
    `peerwire's native addon could not be loaded on ${process.platform} ${process.arch} (${libcName()}), ` +
      `Node.js ${process.versions.node}.`,
    isNamed ? 'Tried what the environment variable PEERWIRE_ADDON names, and nothing else:' : 'Tried:',
    ...tried.map((line) => `  ${line}`),
    'What to do:',
    ...advice,
  ].join('\n');
}

function libcName(): string {
  if (process.platform !== 'linux') return 'system libc';
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  const version = report?.header?.glibcVersionRuntime;
  return version ? `glibc ${version}` : 'musl or another libc';
}
