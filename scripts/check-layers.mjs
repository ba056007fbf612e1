#!/usr/bin/env node
/** The import rules of docs/architecture.md as a test: layers only look downward. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const usage = `usage: node scripts/check-layers.mjs

Fails, with file and line, on an import that points upward in lib/ or native/, on napi.h outside native/addon, and on
the binding imported where no addon may be needed (jsep, sdp, rtp).`;

/** Folders of lib/ that each folder may import from (besides itself). webidl and dom are leaves that all may use. */
const leaves = ['webidl', 'dom'];
const below = ['transport', 'media', 'stats', 'jsep', 'sdp', 'rtp', 'webcodecs', 'binding'];
const allowed = {
  index: ['compat', 'webrtc', 'mediacapture', 'webcodecs'],
  compat: ['webrtc', 'mediacapture', ...below],
  webrtc: ['mediacapture', ...below],
  mediacapture: below,
  jsep: ['sdp', 'rtp'],
  transport: ['sdp', 'rtp', 'binding'],
  media: ['transport', 'sdp', 'rtp', 'binding'],
  stats: ['sdp', 'rtp', 'binding'],
  webcodecs: ['binding'],
  sdp: [],
  rtp: [],
  binding: [],
  webidl: [],
  dom: [],
};
/** Types say nothing at run time; even so, only these may look at a shape of the layer above or beside. */
const allowedTypes = { stats: ['transport'] };

/** What each folder of native/ may include from. */
const nativeAllowed = {
  base: [],
  glibc: [],
  net: ['base'],
  transport: ['base', 'net'],
  rtp: ['base'],
  media: ['base', 'net', 'transport', 'rtp'],
  addon: ['base', 'net', 'transport', 'rtp', 'media'],
};

const problems = [];

function* filesOf(folder, extensions) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path, extensions);
    else if (extensions.some((extension) => entry.name.endsWith(extension))) yield path;
  }
}

function report(path, text, offset, message) {
  const line = text.slice(0, offset).split('\n').length;
  problems.push(`${relative(root, path)}:${line}: ${message}`);
}

/** Comments out, with the same length, so that offsets still fit. */
function withoutComments(text) {
  return text.replace(/\/\*[^]*?\*\/|(?<=^|\s)\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));
}

const importPattern =
  /\b(?:import|export)\s+(type\s)?(?:[\w*\s{},$]*?\sfrom\s*)?['"]([^'"]+)['"]|\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g;

/** Layer of a file or folder below lib/: its first folder, or 'index' for files directly in lib/. */
function layerOf(path) {
  const parts = relative(join(root, 'lib'), path).split(sep);
  return parts.length > 1 || parts[0] in allowed ? parts[0] : 'index';
}

function checkTypeScript() {
  let count = 0;
  for (const path of filesOf(join(root, 'lib'), ['.ts', '.mts'])) {
    count += 1;
    const text = withoutComments(readFileSync(path, 'utf8'));
    const layer = layerOf(path);
    // Entry files of the package (index, polyfill, …) may use everything.
    if (layer === 'index') continue;
    if (!(layer in allowed)) {
      report(path, text, 0, `lib/${layer} is no layer that check-layers knows`);
      continue;
    }
    for (const match of text.matchAll(importPattern)) {
      const specifier = match[2] ?? match[3];
      if (!specifier.startsWith('.')) continue;
      const target = layerOf(resolve(dirname(path), specifier));
      if (target === layer || leaves.includes(target) || allowed[layer].includes(target)) continue;
      if (match[1] && allowedTypes[layer]?.includes(target)) continue;
      report(path, text, match.index, `${layer} must not import ${target} (${specifier})`);
    }
  }
  return count;
}

function checkNative() {
  let count = 0;
  const native = join(root, 'native');
  for (const layer of Object.keys(nativeAllowed)) {
    for (const path of filesOf(join(native, layer), ['.h', '.cc'])) {
      count += 1;
      const text = withoutComments(readFileSync(path, 'utf8'));
      for (const match of text.matchAll(/^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]/gm)) {
        const name = match[2];
        if (/(^|\/)(napi|node_api|js_native_api|node|uv|v8)(-inl)?\.h$/.test(name) && layer !== 'addon') {
          report(path, text, match.index, `only native/addon may include ${name}`);
        }
        const target = name.split('/')[0];
        if (match[1] !== '"' || target === layer || !(target in nativeAllowed)) continue;
        if (!nativeAllowed[layer].includes(target)) {
          report(path, text, match.index, `native/${layer} must not include ${name}`);
        }
      }
    }
  }
  return count;
}

if (process.argv.includes('--help')) {
  console.log(usage);
} else {
  const count = checkTypeScript() + checkNative();
  for (const problem of problems) console.error(problem);
  console.log(`check-layers: ${count} files, ${problems.length} wrong imports`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
