#!/usr/bin/env node
/**
 * Checks the types of lib/, bundles it into dist/ (CommonJS), and writes the entries of the package beside it. Hundreds of
 * small files would cost whoever requires the package twice the time and more.
 *
 * - binding.js: lib/binding, which holds the addon and what belongs to it, once for each environment.
 * - library.js: all the rest. It may be loaded again beside the first one, for another window (docs/realms.md).
 * - install-globals.js: what the polyfill does, over library.js.
 *
 * Names and structure stay as they are in lib/, under a comment with the name of each file, so that stack traces and
 * profiles can be read as they are: no source maps, which would be larger than the code.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import ts from 'typescript';

const { values: options } = parseArgs({ options: { help: { type: 'boolean' } } });
if (options.help) {
  console.log('usage: node scripts/build-ts.mjs');
  process.exit(0);
}

/** esbuild's own error would tell of a "dynamic require", and nothing of what to do. */
const requireCheck = `try {
  require('node:module');
} catch (cause) {
  throw new Error(
    'peerwire cannot be part of a bundle that is an ES module without require(): declare peerwire external, ' +
      'and ship its folder in node_modules (prebuilds/ included)',
    { cause },
  );
}`;

const started = performance.now();
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');

const parsed = ts.getParsedCommandLineOfConfigFile(
  path.join(root, 'tsconfig.json'),
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: report,
  },
);
const program = ts.createProgram({ rootNames: parsed.fileNames, options: parsed.options });
const problems = ts.getPreEmitDiagnostics(program);
problems.forEach(report);
if (problems.length > 0) process.exit(1); // what was built before stays
await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([
  bundle('binding/index', 'binding'),
  bundle('index', 'library'),
  bundle('polyfill', 'install-globals'),
]);

const names = valueExports('index.ts');
const nonstandardNames = valueExports('nonstandard.ts');
for (const [entry, value, exported] of [
  ['index', "require('./library.js')", names],
  ['nonstandard', "require('./library.js').nonstandard", nonstandardNames],
  ['polyfill', "require('./install-globals.js')", valueExports('polyfill.ts')],
]) {
  await writeFile(path.join(dist, `${entry}.js`), requiredEntry(value));
  await writeFile(path.join(dist, `${entry}.mjs`), importedEntry(`./${entry}.js`, exported));
}
await writeFile(path.join(dist, 'browser.mjs'), browserEntry(names));
await writeFile(path.join(dist, 'browser.js'), requiredBrowserEntry(names));
const nothing = Object.fromEntries(nonstandardNames.map((name) => [name, 'undefined']));
const noPolyfill = { installGlobals: '() => () => {}', uninstall: '() => {}' };
for (const [entry, values] of [
  ['nonstandard', nothing],
  ['polyfill', noPolyfill],
]) {
  await writeFile(path.join(dist, `${entry}-browser.mjs`), emptyBrowserEntry(values));
  await writeFile(path.join(dist, `${entry}-browser.js`), requiredEmptyBrowserEntry(`./${entry}.js`, values));
}
console.log(`dist/: ${names.length} exports, ${Math.round(performance.now() - started)} ms`);

function report(diagnostic) {
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => root, getNewLine: () => '\n' };
  process.stderr.write(ts.formatDiagnostic(diagnostic, host));
}

/** A module of lib/ with all that it imports, but for what is a file of its own. */
async function bundle(entry, name) {
  await build({
    entryPoints: [path.join(root, 'lib', `${entry}.ts`)],
    outfile: path.join(dist, `${name}.js`),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
    banner: { js: requireCheck },
    // Plain values in place of esbuild's getters: tests put others there, and Vite's module runner loses getters.
    footer: { js: `module.exports = Object.defineProperty({ ...module.exports }, '__esModule', { value: true });` },
    plugins: [{ name: 'files of their own', setup: ({ onResolve }) => onResolve({ filter: /^\./ }, ownFile) }],
  });

  function ownFile({ path: specifier, resolveDir }) {
    const target = path.relative(path.join(root, 'lib'), path.resolve(resolveDir, specifier));
    if (name !== 'binding' && target.split(path.sep)[0] === 'binding') return { path: './binding.js', external: true };
    if (name !== 'library' && target === 'index') return { path: './library.js', external: true };
    return undefined;
  }
}

/**
 * What `require` takes. Vite's module runner, which evaluates linked packages itself, has no `module`: importedEntry() sees
 * to that. Not `module.exports = require(…)`: an import would have Node look through all of that file for names first,
 * which takes longer than to run it.
 */
function requiredEntry(value) {
  return `'use strict';
if (typeof module === 'object') {
  const exported = ${value};
  module.exports = exported;
}
`;
}

/** The names of the values (not types) that a module of lib/ exports. */
function valueExports(file) {
  const checker = program.getTypeChecker();
  const symbol = checker.getSymbolAtLocation(program.getSourceFile(path.join(root, 'lib', file)));
  return checker
    .getExportsOfModule(symbol)
    .filter((each) => {
      const target = each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each;
      return target.flags & ts.SymbolFlags.Value;
    })
    .map((each) => each.name)
    .sort();
}

/**
 * `import` and `require` give the very same classes. The import is one that bundlers follow; where it gives nothing, Node's
 * own `require` does. Under another name, as bundles that are ES modules often have a `createRequire` of their own.
 */
function importedEntry(file, exported) {
  return `import { createRequire as requireFrom } from 'node:module';
import * as namespace from '${file}';
const found = namespace.default ?? namespace;
const exports = '${exported[0]}' in found ? found : requireFrom(import.meta.url)('${file}');
export default exports;
export const { ${exported.join(', ')} } = exports;
`;
}

/** Where a browser has what the package exports, if not as a global of that name. */
function inBrowser(name) {
  const devices = 'scope.navigator && scope.navigator.mediaDevices';
  if (name === 'mediaDevices') return devices;
  if (name === 'getUserMedia') return '(constraints) => scope.navigator.mediaDevices.getUserMedia(constraints)';
  if (name === 'nonstandard') return '{}';
  if (name === 'onRtcTransform') return "(listener) => scope.addEventListener('rtctransform', listener)";
  if (name === 'receiveRtcTransform') return '() => false';
  return `scope.${name}`;
}

/** What bundlers for browsers take instead: the browser's own classes. */
function browserEntry(exported) {
  const lines = exported.map((name) => `export const ${name} = ${inBrowser(name)};`);
  return `const scope = globalThis;
${lines.join('\n')}
export default { ${exported.join(', ')} };
`;
}

/**
 * The same for `require`. Jest under jsdom resolves packages as bundlers for browsers do, yet runs in Node: there it hands
 * over the package itself, with classes for jsdom's window. No bundler sees through `module[name]`.
 */
function requiredBrowserEntry(exported) {
  return `'use strict';
const inNode = typeof process === 'object' && !!process.versions && !!process.versions.node;
if (inNode && typeof globalThis.RTCPeerConnection === 'undefined') {
  const name = 'require';
  module.exports = module[name]('./index.js');
} else {
  const scope = globalThis;
  module.exports = { ${exported.map((name) => `${name}: ${inBrowser(name)}`).join(', ')} };
}
`;
}

/** What a bundle for browsers has of an entry that has nothing to do there: its names, for code that runs in both. */
function emptyBrowserEntry(values) {
  const lines = Object.entries(values).map(([name, value]) => `export const ${name} = ${value};`);
  return `${lines.join('\n')}
export default { ${Object.keys(values).join(', ')} };
`;
}

/**
 * The same for `require`. In Node (Jest under jsdom) the entry itself, even where its globals have been installed before;
 * not in Electron, whose windows have Chromium's.
 */
function requiredEmptyBrowserEntry(file, values) {
  const members = Object.entries(values).map(([name, value]) => `${name}: ${value}`);
  return `'use strict';
const versions = typeof process === 'object' && process.versions;
if (versions && versions.node && !versions.electron) {
  const name = 'require';
  module.exports = module[name]('${file}');
} else {
  module.exports = { ${members.join(', ')} };
}
`;
}
