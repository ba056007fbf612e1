import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { readFrameNumber } from '../../lib/mediacapture/frame-number';
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

/** The demo and a browser for the tests of a `describe`, which no page of leaves an error. */
function useDemo(...args: string[]): { context(): BrowserContext; openPage(query?: string): Promise<Page> } {
  jest.setTimeout(60_000);
  let browser: Awaited<ReturnType<typeof launchChromium>>;
  let context: BrowserContext;
  let demo: Awaited<ReturnType<typeof startDemo>>;
  const errors: string[] = [];

  beforeAll(async () => {
    if ('reason' in found) return;
    [browser, demo] = await Promise.all([launchChromium(found.path, ...args), startDemo()]);
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
    // What the Node.js peer says went wrong.
    expect(demo.output()).not.toMatch(/error:|processing:|statistics:/);
  });
  return {
    context: () => context,
    async openPage(query = '') {
      const page = await context.newPage();
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(`${demo.url}/${query}`);
      return page;
    },
  };
}

const shownSize = { width: 160, height: 90 };

/** Brightness (0 to 255) of each point of what a video element shows, scaled down; empty while it shows nothing. */
function lumaOf(page: Page, screen: string): Promise<number[]> {
  return page.evaluate(
    ([id, { width, height }]) => {
      const video = document.querySelector<HTMLVideoElement>(`#video-${id}`)!;
      if (video.readyState < 2) return [];
      const drawing = new OffscreenCanvas(width, height).getContext('2d')!;
      drawing.drawImage(video, 0, 0, width, height);
      const { data } = drawing.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, point) => {
        const [red, green, blue] = data.subarray(point * 4);
        return Math.round(0.299 * red! + 0.587 * green! + 0.114 * blue!);
      });
    },
    [screen, shownSize] as const,
  );
}

/** Of the upper left corner, where no picture of Chromium's fake device moves. */
function cornerOf(luma: number[]): number {
  const points = luma.filter((_, at) => at % shownSize.width < 16 && at < shownSize.width * 10);
  return points.reduce((sum, value) => sum + value, 0) / points.length;
}

/** Looks again and again, until what was found satisfies the condition. */
async function eventually<T>(look: () => Promise<T>, condition: (found: T) => boolean): Promise<T> {
  const end = performance.now() + 20_000;
  for (;;) {
    const value = await look();
    if (condition(value)) return value;
    if (performance.now() > end) throw new Error(`still ${JSON.stringify(value)?.slice(0, 200)}`);
  }
}

/** The number of the frame of Node's camera that the page shows. */
const numberShown = async (page: Page): Promise<number | null> => {
  const luma = await lumaOf(page, 'node');
  return luma.length > 0 ? readFrameNumber({ ...shownSize, data: i420Of(luma) }) : null;
};

function i420Of(luma: number[]): Uint8Array {
  const data = new Uint8Array((luma.length * 3) / 2).fill(128);
  data.set(luma);
  return data;
}

/** The loudest that a screen's sound is within two seconds, played or not. */
function peakOf(page: Page, screen: string): Promise<number> {
  return page.evaluate(async (id) => {
    const stream = document.querySelector<HTMLVideoElement>(`#video-${id}`)!.srcObject as MediaStream;
    const context = new AudioContext();
    const analyser = new AnalyserNode(context);
    new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let peak = 0;
    for (const end = performance.now() + 2000; performance.now() < end;) {
      await new Promise(requestAnimationFrame);
      analyser.getFloatTimeDomainData(samples);
      peak = Math.max(peak, ...samples.map(Math.abs));
    }
    await context.close();
    return peak;
  }, screen);
}

const waitForScreen = (page: Page, screen: string, state: 'on' | 'off'): Promise<unknown> =>
  page.waitForSelector(`#screen-${screen}[data-state=${state}]`);

const waitForNumber = (page: Page, id: string, atLeast: number): Promise<unknown> =>
  page.waitForFunction(([name, least]) => Number(document.getElementById(name)?.textContent) >= least, [
    id,
    atLeast,
  ] as const);

describeWithChromium('pictures and sound of the demo in headless Chromium', () => {
  const { openPage } = useDemo('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');

  for (const offerer of ['node', 'page']) {
    it(`go there and back when ${offerer === 'node' ? 'Node' : 'the page'} offers`, async () => {
      const page = await openPage(`?offerer=${offerer}`);
      await waitForConnection(page);
      const first = (await eventually(
        () => numberShown(page),
        (number) => number !== null,
      ))!;
      await eventually(
        () => numberShown(page),
        (number) => number !== null && number > first + 10,
      );
      expect(await peakOf(page, 'node')).toBeGreaterThan(0.01);

      // Chromium gives its fake camera without asking, so that the page has begun by itself.
      await waitForScreen(page, 'back', 'on');
      const own = cornerOf(
        await eventually(
          () => lumaOf(page, 'own'),
          (luma) => luma.length > 0,
        ),
      );
      const inverted = 255 - own;
      expect(Math.abs(own - inverted)).toBeGreaterThan(60);
      const isAbout = (value: number) => (luma: number[]) => Math.abs(cornerOf(luma) - value) < 15;
      await eventually(() => lumaOf(page, 'back'), isAbout(inverted));
      expect(await peakOf(page, 'back')).toBeGreaterThan(0.01);
      await page.selectOption('#effect-picture', 'none');
      await eventually(() => lumaOf(page, 'back'), isAbout(own));
      await page.selectOption('#effect-picture', 'edges');
      await eventually(() => lumaOf(page, 'back'), isAbout(0));
    });
  }

  it('are shown as numbers of both ends', async () => {
    const page = await openPage();
    await waitForConnection(page);
    for (const id of ['bitrate-down', 'bitrate-up']) await waitForNumber(page, id, 50);
    for (const id of ['frames-down', 'frames-up', 'frames-back']) await waitForNumber(page, id, 5);
    for (const id of ['trip-page', 'trip-node']) await waitForNumber(page, id, 0.1);
    for (const id of ['loss-down', 'loss-up']) await waitForNumber(page, id, 0);
    for (const [screen, facts] of [
      ['node', /^\w+ · 640×360 · opus$/],
      ['own', /^\w+ · \d+×\d+ · opus$/],
      ['back', /^\w+ · \d+×\d+ · opus$/],
    ] as const) {
      await eventually(
        async () => (await page.textContent(`#screen-${screen} .facts`))!,
        (text) => facts.test(text),
      );
    }
    await page.waitForFunction(() => document.querySelector<HTMLMeterElement>('#screen-node .level')!.value > 0.1);
  });

  it('stop, and begin again, at either end', async () => {
    const page = await openPage();
    await waitForConnection(page);
    for (const screen of ['node', 'own', 'back']) await waitForScreen(page, screen, 'on');
    await page.click('#own-camera');
    await waitForScreen(page, 'own', 'off');
    await waitForScreen(page, 'back', 'off');
    await page.click('#own-camera');
    await waitForScreen(page, 'back', 'on');
    await eventually(
      () => lumaOf(page, 'back'),
      (luma) => luma.length > 0,
    );

    await page.click('#node-camera');
    await waitForScreen(page, 'node', 'off');
    await page.click('#node-camera');
    await waitForScreen(page, 'node', 'on');
    const first = (await eventually(
      () => numberShown(page),
      (number) => number !== null,
    ))!;
    await eventually(
      () => numberShown(page),
      (number) => number !== null && number > first,
    );
    await exchangeMessages(page);
  });
});

describeWithChromium('the demo in headless Chromium', () => {
  const { context, openPage } = useDemo();

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

  it('sends a picture of its own making where there is no camera', async () => {
    const page = await openPage();
    await waitForConnection(page);
    await page.click('#own-camera');
    await waitForScreen(page, 'back', 'on');
    expect(await page.textContent('#media-note')).toContain('drawn picture');
    await eventually(
      () => lumaOf(page, 'back'),
      (luma) => luma.length > 0,
    );
    await waitForNumber(page, 'frames-back', 5);
  });

  it('ends with code 0 and closes connected pages on Ctrl-C', async () => {
    const other = await startDemo();
    const page = await context().newPage();
    await page.goto(other.url);
    await waitForConnection(page);
    expect(await stopDemo(other.process)).toBe(0);
    await page.waitForSelector('#state:not([data-state=connected])', { state: 'attached' });
  });
});
