import { findChromium, launchChromium } from '../support/chromium';
import { flowSuite } from './flow-suite';
import { startPage } from './remote-agent';

const found = findChromium();
if ('reason' in found) {
  console.log(`chromium-flow.test.ts is skipped: ${found.reason}`);
  it.skip('Chromium', () => {});
} else {
  const start = () =>
    startPage(async (url) => {
      const { context, close } = await launchChromium(found.path);
      await (await context.newPage()).goto(url);
      return close;
    });
  describe('Chromium', () => {
    flowSuite({
      name: 'Chromium',
      start,
      layers: 2,
      spatialLayers: [
        { mimeType: 'video/vp9', mode: 'L3T3_KEY' },
        { mimeType: 'video/vp9', mode: 'L2T1' },
        { mimeType: 'video/av1', mode: 'L3T3' },
        { mimeType: 'video/av1', mode: 'L2T1' },
        { mimeType: 'video/av1', mode: 'S2T3' },
      ],
      ...(process.env['PEERWIRE_TEST_YARDSTICK'] && { startOurs: start }),
    });
  });
}
