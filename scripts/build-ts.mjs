#!/usr/bin/env node
// Compiles lib/ to dist/ (CommonJS), and writes the thin ESM wrappers and the browser entry beside it.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import ts from 'typescript';

const { values: options } = parseArgs({ options: { help: { type: 'boolean' } } });
if (options.help) {
  console.log('usage: node scripts/build-ts.mjs');
  process.exit(0);
}

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
program.emit();

const names = valueExports('index.ts');
await writeFile(path.join(dist, 'index.mjs'), esmWrapper('./index.js', names));
const nonstandardNames = valueExports('nonstandard.ts');
await writeFile(path.join(dist, 'nonstandard.mjs'), esmWrapper('./nonstandard.js', nonstandardNames));
await writeFile(path.join(dist, 'polyfill.mjs'), esmWrapper('./polyfill.js', valueExports('polyfill.ts')));
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
 * `import` and `require` give the very same classes. Vite evaluates linked packages itself, and a CommonJS module has no
 * default export then, but the names.
 */
function esmWrapper(file, exported) {
  return `import * as namespace from '${file}';
const exports = namespace.default ?? namespace;
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
