import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';

/** Addresses that WPT's own server answers with another file. */
export const aliases = new Map([['/resources/WebIDLParser.js', '/resources/webidl2/lib/webidl2.js']]);
/** The files that WPT gives every vendor to replace; our child process reports by itself. */
const replacedByUs = new Map([
  ['/resources/testharnessreport.js', undefined],
  ['/resources/testdriver-vendor.js', new URL('testdriver-vendor.js', import.meta.url)],
]);

/** The page's address; everything else is below the same origin. */
export const origin = 'https://web-platform.test:8443';

/** Names of tests by WPT's conventions: pages, and scripts for which its server makes a page. */
export function isTestFile(path) {
  const name = basename(path);
  if (/^(META|WEB_FEATURES)\.yml$/.test(name) || /(-helper|-ref|-manual)\.(html|js)$/.test(name)) return false;
  if (/\.(any|window|worker)\.js$/.test(name)) return true;
  return /\.html$/.test(name) && !/\.sub\.(https\.)?html$/.test(name);
}

/** Paths, relative to the checkout, of the tests below a folder. */
export function listTestFiles(root, folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((path) => posix.join(folder, path.replaceAll('\\', '/')))
    .filter((path) => isTestFile(path) && !/\/(resources|tools|support|coverage|third_party)\//.test(path))
    .filter((path) => path.endsWith('.js') || readFileSync(join(root, path), 'utf8').includes('testharness.js'))
    .sort();
}

/**
 * A test file as a list of scripts to run in order.
 * @returns {{title: string, elements: {localName: string, id: string, isAutoplay: boolean}[],
 *   timeout: 'normal' | 'long', scripts: {name: string, line: number, text: string}[]}}
 */
export function readTestFile(root, path) {
  const text = readFileSync(join(root, path), 'utf8');
  return path.endsWith('.html') ? readPage(root, path, text) : readScript(root, path, text);
}

function readPage(root, path, text) {
  // Comments are blanked, not removed: lines in stack traces stay right.
  const page = text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ' '));
  const scripts = [];
  for (const match of page.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script\s*>/gi)) {
    const attributes = match[1];
    const source = /\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(attributes);
    const type = /\btype\s*=\s*["']?([^"'\s>]*)/i.exec(attributes)?.[1] ?? '';
    if (!['', 'module', 'text/javascript'].includes(type)) continue;
    if (source) {
      const script = readLinkedScript(root, path, source[1] ?? source[2] ?? source[3]);
      if (script) scripts.push(script);
    } else {
      const before = page.slice(0, match.index + match[0].indexOf('>') + 1);
      scripts.push({ name: `/${path}`, line: before.split('\n').length - 1, text: match[2] });
    }
  }
  return {
    title: /<title>([\s\S]*?)<\/title>/i.exec(page)?.[1].trim() ?? basename(path),
    elements: [...page.matchAll(/<(\w+)\b[^>]*\bid\s*=\s*["']?([^"'\s>]+)[^>]*>/gi)].map((match) => ({
      localName: match[1].toLowerCase(),
      id: match[2],
      isAutoplay: /\sautoplay\b/i.test(match[0]),
      text: page.slice(match.index + match[0].length).split(/<\//, 1)[0],
    })),
    timeout: /<meta\b[^>]*name\s*=\s*["']?timeout["']?[^>]*content\s*=\s*["']?long/i.test(page) ? 'long' : 'normal',
    scripts,
  };
}

function readScript(root, path, text) {
  const metadata = [...text.matchAll(/^\/\/ META: (\w+)=(.*)$/gm)].map(([, key, value]) => [key, value.trim()]);
  const linked = metadata.filter(([key]) => key === 'script').map(([, source]) => source);
  const harness = readLinkedScript(root, path, '/resources/testharness.js');
  return {
    title: metadata.find(([key]) => key === 'title')?.[1] ?? basename(path).replace(/\..*/, ''),
    elements: [],
    timeout: metadata.some(([key, value]) => key === 'timeout' && value === 'long') ? 'long' : 'normal',
    scripts: isForWorker(path, metadata)
      ? [harness, { name: `/${path}`, line: 0, text: runInWorker(path, linked) }]
      : [
          harness,
          ...linked.flatMap((source) => readLinkedScript(root, path, source) ?? []),
          { name: `/${path}`, line: 0, text },
        ],
  };
}

/** `.worker.js`, and `.any.js` that is not for windows, too. */
function isForWorker(path, metadata) {
  if (path.endsWith('.worker.js')) return true;
  const scopes = metadata.find(([key]) => key === 'global')?.[1].split(',') ?? ['window'];
  return path.endsWith('.any.js') && !scopes.includes('window') && scopes.includes('dedicatedworker');
}

/** What the page does for such a test; of `.any.js` the worker's script is WPT's server's to write, too. */
function runInWorker(path, linked) {
  const absolute = (source) => new URL(source, `${origin}/${path}`).href;
  const sources = ['/resources/testharness.js', ...linked, `/${path}`].map(absolute);
  const script = path.endsWith('.worker.js')
    ? absolute(`/${path}`)
    : `data:text/javascript,${encodeURIComponent(`importScripts(...${JSON.stringify(sources)});\ndone();`)}`;
  return `fetch_tests_from_worker(new Worker(${JSON.stringify(script)}));`;
}

function readLinkedScript(root, from, source) {
  const absolute = source.startsWith('/') ? source : posix.join('/', dirname(from), source);
  if (replacedByUs.has(absolute)) {
    const ours = replacedByUs.get(absolute);
    return ours && { name: absolute, line: 0, text: readFileSync(ours, 'utf8') };
  }
  const file = join(root, aliases.get(absolute) ?? absolute);
  // A page goes on without a script that its server does not have (WPT has such links).
  if (!existsSync(file)) return undefined;
  return { name: absolute, line: 0, text: readFileSync(file, 'utf8') };
}
