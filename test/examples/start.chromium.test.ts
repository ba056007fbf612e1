import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { findChromium, launchChromium } from '../support/chromium';

const root = join(__dirname, '../..');
const found = findChromium();
if ('reason' in found) console.log(`start.chromium.test.ts is skipped: ${found.reason}`);
const describeWithChromium = 'path' in found ? describe : describe.skip;

/** Starts `npm start`'s program on any free port; resolves once it has printed its address. */
async function startDemo(...args: string[]): Promise<{ url: string; process: ChildProcess; output: () => string }> {
  const child = spawn(process.execPath, ['examples/start.mjs', '--port=0', '--no-demo', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const collect = (chunk: Buffer): void => {
      output += chunk;
      const address = /open (http:\/\/\S+)/.exec(output)?.[1];
      if (address) resolve(address);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('exit', (code) => reject(new Error(`the demo ended with code ${code}:\n${output}`)));
  });
  return { url, process: child, output: () => output };
}

async function stopDemo(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) {
    child.kill('SIGINT');
    await once(child, 'exit');
  }
  return child.exitCode;
}

const waitForConnection = (page: Page): Promise<unknown> =>
  page.waitForSelector('#state[data-state=connected][data-open=true]', { state: 'attached' });

async function exchangeMessages(page: Page): Promise<void> {
  await page.waitForSelector('#messages li[data-from=node]:has-text("Hello from Node.js")');
  await page.fill('#chat-text', 'one, two, grüße ✓');
  await page.click('#chat-form button');
  await page.waitForSelector('#messages li[data-from=page]:has-text("one, two, grüße ✓")');
  await page.waitForSelector('#messages li[data-from=node]:has-text("You said: one, two, grüße ✓")');
}

async function exchangeFile(page: Page, name: string, octets: Buffer): Promise<void> {
  await page.setInputFiles('#file-input', { name, mimeType: 'application/octet-stream', buffer: octets });
  await page.waitForFunction((expected) => {
    const box = document.querySelector<HTMLElement>('#transfer');
    const title = document.querySelector('#file-name')?.textContent ?? '';
    return title.startsWith(expected) && ['verified', 'failed'].includes(box?.dataset['state'] ?? '');
  }, name);
  expect(await page.textContent('#file-result')).toContain('came back the same');
}

describeWithChromium('the demo in headless Chromium', () => {
  jest.setTimeout(60_000);
  let browser: Awaited<ReturnType<typeof launchChromium>>;
  let context: BrowserContext;
  let demo: Awaited<ReturnType<typeof startDemo>>;
  const errors: string[] = [];

  beforeAll(async () => {
    if ('reason' in found) return;
    [browser, demo] = await Promise.all([launchChromium(found.path), startDemo()]);
    context = browser.context;
    context.setDefaultTimeout(20_000);
  });
  afterAll(async () => {
    await browser?.close();
    if (demo) await stopDemo(demo.process);
  });
  afterEach(async () => {
    for (const page of context.pages()) await page.close();
    expect(errors.splice(0)).toEqual([]);
  });

  async function openPage(query = ''): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(`${demo.url}/${query}`);
    return page;
  }

  for (const offerer of ['node', 'page']) {
    it(`exchanges messages and a file when ${offerer === 'node' ? 'Node' : 'the page'} offers`, async () => {
      const page = await openPage(`?offerer=${offerer}`);
      await waitForConnection(page);
      await exchangeMessages(page);
      const octets = Buffer.from(Uint8Array.from({ length: 3_000_001 }, (_, index) => (index * 31) >> 3));
      await exchangeFile(page, 'three-megabytes.bin', octets);
      await exchangeFile(page, 'empty.txt', Buffer.alloc(0));
      await page.waitForFunction(() => /udp/.test(document.querySelector('#pair-remote')?.textContent ?? ''));
      await page.waitForFunction(() => Number(document.querySelector('#round-trip')?.textContent) > 0);
    });
  }

  it('connects again when the offerer is switched and when the page is reloaded', async () => {
    const page = await openPage();
    await waitForConnection(page);
    await page.check('input[name=offerer][value=page]', { force: true });
    await waitForConnection(page);
    await page.waitForFunction(() => document.querySelectorAll('#messages li[data-from=node]').length === 2);
    expect(page.url()).toContain('offerer=page');
    await page.reload();
    await waitForConnection(page);
    await exchangeMessages(page);
  });

  it('serves several pages at once', async () => {
    const pages = await Promise.all([openPage(), openPage('?offerer=page'), openPage()]);
    await Promise.all(pages.map(waitForConnection));
    await Promise.all(pages.map(exchangeMessages));
  });

  it('measures throughput in both directions', async () => {
    const page = await openPage();
    await waitForConnection(page);
    await page.click('#measure');
    for (const id of ['rate-down', 'rate-up']) {
      await page.waitForFunction((name) => Number(document.getElementById(name)?.textContent) > 1, id);
    }
    await page.waitForSelector('#measure:enabled');
  });

  it('ends with code 0 and closes connected pages on Ctrl-C', async () => {
    const other = await startDemo();
    const page = await context.newPage();
    await page.goto(other.url);
    await waitForConnection(page);
    expect(await stopDemo(other.process)).toBe(0);
    await page.waitForSelector('#state:not([data-state=connected])', { state: 'attached' });
  });
});
