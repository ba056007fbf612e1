import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const code = readFileSync(new URL('party.cjs', import.meta.url), 'utf8');

/** Runs in the page: what it has for media. */
function openParty() {
  const { Party } = globalThis.module.exports;
  const ends = [];
  const media = {
    RTCPeerConnection,
    videoCodecs: () => RTCRtpReceiver.getCapabilities('video').codecs,
    async openTracks({ paint, width, height, framesPerSecond }) {
      const processing = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      const [audio] = (await navigator.mediaDevices.getUserMedia({ audio: processing })).getTracks();
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const context = canvas.getContext('2d');
      const image = context.createImageData(width, height);
      const begun = performance.now();
      const timer = setInterval(() => {
        paint(image.data, (performance.now() - begun) / 1000);
        context.putImageData(image, 0, 0);
      }, 1000 / framesPerSecond);
      ends.push(() => clearInterval(timer));
      return [audio, canvas.captureStream(framesPerSecond).getVideoTracks()[0]];
    },
    play(track) {
      const element = document.body.appendChild(document.createElement(track.kind));
      Object.assign(element, { srcObject: new MediaStream([track]), muted: track.kind === 'video' });
      void element.play();
    },
    close: () => ends.forEach((end) => end()),
  };
  globalThis.party = new Party(media);
}

/** A headless Chromium; each `open()` is a page of its own. */
export async function startChromium() {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<body></body>'));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      '--disable-features=WebRtcHideLocalIpsWithMdns', // the link has to know where a page is
    ],
  });
  return {
    async open() {
      const page = await browser.newPage();
      await page.goto(`http://localhost:${server.address().port}/`);
      await page.evaluate(`globalThis.module = {}; (() => { ${code} })(); (${openParty})();`);
      return {
        call: (name, value) => page.evaluate(([one, what]) => globalThis.party[one](what), [name, value]),
        end: () => page.close(),
      };
    },
    async stop() {
      await browser.close();
      server.close();
    },
  };
}
