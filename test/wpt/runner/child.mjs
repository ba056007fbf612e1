/**
 * Runs one test file in this process's own global scope and sends its results to the parent.
 * argv: checkout, path of the test in it, module of the package under test, how much time it gets ('normal', 'long').
 */
import vm from 'node:vm';
import { pathToFileURL } from 'node:url';
import { existsSync } from 'node:fs';
import { readTestFile } from './test-file.mjs';
import { makeMediaPage } from './media-page.mjs';
import { installInterfaces, installWindow } from './window-global.mjs';

const [root, path, packageModule, timeout] = process.argv.slice(2);
const statusNames = ['PASS', 'FAIL', 'TIMEOUT', 'NOTRUN', 'PRECONDITION_FAILED'];
const harnessNames = ['OK', 'ERROR', 'TIMEOUT', 'PRECONDITION_FAILED'];

const file = readTestFile(root, path);
const loaded = await import(existsSync(packageModule) ? pathToFileURL(packageModule).href : packageModule);
const exported = { ...loaded.default, ...loaded };
const { mediaDevices } = exported;

// Node reports late or lost rejections by itself; a page has its window do so.
const mediaPage = makeMediaPage(exported);
const window = installWindow({ root, path, packageModule, ...file, timeout, mediaDevices, mediaPage });
process.on('uncaughtException', (error) => {
  window.dispatch(new ErrorEvent('error', { message: String(error?.message ?? error), error }));
});
process.on('unhandledRejection', (reason, promise) => {
  window.dispatch(new PromiseRejectionEvent('unhandledrejection', { reason, promise }));
});
installInterfaces(exported);

const result = ({ name, status, message }) => ({ name, status: statusNames[status], message: message ?? '' });
function report() {
  globalThis.setup({ output: false });
  globalThis.add_result_callback((test) => process.send({ kind: 'result', result: result(test) }));
  globalThis.add_completion_callback((tests, harness) => {
    const message = {
      kind: 'complete',
      results: tests.map(result),
      harness: { status: harnessNames[harness.status], message: harness.message ?? '' },
    };
    // Left to the harness's own clean-up functions first; they run before this callback's task ends.
    process.send(message, () => process.exit(0));
  });
}

for (const { name, line, text } of file.scripts) {
  try {
    vm.runInThisContext(text, { filename: name, lineOffset: line });
    if (name === '/resources/testharness.js') report();
  } catch (error) {
    window.dispatch(new ErrorEvent('error', { message: String(error?.message ?? error), filename: name, error }));
  }
  // A page does its microtasks after each script.
  await undefined;
}
window.document.readyState = 'complete';
window.document.dispatchEvent(new Event('DOMContentLoaded'));
window.dispatch(new Event('load'));
