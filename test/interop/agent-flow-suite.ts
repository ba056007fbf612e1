/** Each codec with a program (agent-flow.ts), in both directions, judged by what arrives. */
import { findChromium, launchChromium } from '../support/chromium';
import { connectAgent, FlowAgent } from './agent-flow';
import * as flow from './flow-steps';
import { flowCodecs, meterCodes, ofBoth, openOurs, ourHertz, theirHertz } from './flow-suite';
import { MediaLine } from './media-line';
import * as steps from './media-steps';
import type { Party } from './party';
import { startPage, type RemoteAgent } from './remote-agent';

export interface AgentFlowTraits {
  name: string;
  /** Why it cannot be tested here. */
  missing: string | null;
  start: () => Promise<RemoteAgent>;
  /** Names of {@link flowCodecs}. */
  codecs: string[];
  offerer: 'us' | 'them';
  noLipSync?: string;
  /** It leaves coding to ffmpeg; its names for formats, by codec. */
  formats?: Record<string, string>;
}

export function agentFlowSuite(traits: AgentFlowTraits): void {
  const { name, missing, offerer, noLipSync } = traits;
  describe(name, () => {
    if (missing !== null) {
      console.log(`${name} is skipped: ${missing}`);
      it.skip('carries media', () => {});
      return;
    }
    let program: RemoteAgent;
    let line: MediaLine;
    let page: RemoteAgent | undefined;
    let us: Party;
    let them: FlowAgent;
    jest.setTimeout(60_000);
    beforeAll(async () => {
      program = await traits.start();
      line = await MediaLine.open();
      await program.command('media-line', { port: line.port });
      const chromium = findChromium();
      if (process.env['PEERWIRE_TEST_YARDSTICK'] && 'path' in chromium) {
        page = await startPage(async (url) => {
          const { context, close } = await launchChromium(chromium.path);
          await (await context.newPage()).goto(url);
          return close;
        });
      }
    });
    afterAll(async () => {
      line.close();
      await Promise.all([program.stop(), page?.stop()]);
    });
    beforeEach(async () => {
      us = await openOurs(page);
      await us.do(steps.watch);
      await us.do(flow.watchFlow, meterCodes);
      them = await FlowAgent.open(program, line, theirHertz);
    });
    afterEach(async () => {
      await us.do(flow.endFlow);
      await us.close();
      await them.close();
    });

    const codecs = flowCodecs.filter((one) => traits.codecs.includes(one.name));
    it.each(codecs)('carries $name both ways', async ({ name: codec, mimeType, fmtp }) => {
      if (!(await us.do(flow.codecNames)).includes(mimeType)) {
        return console.log(`${name}: ${codec} is skipped: ${us.name} does not have it`);
      }
      const kind = mimeType.startsWith('video') ? 'video' : 'audio';
      await us.do(flow.sendFlow, { audio: kind === 'audio', video: kind === 'video', hertz: ourHertz });
      if (traits.formats) await them.sendEncoded(kind, mimeType, traits.formats[codec] ?? '');
      else await them.send(kind, mimeType, fmtp);
      if (offerer === 'us') await us.do(flow.onlyCodec, mimeType, fmtp, 'sendrecv');
      await connectAgent(us, them, offerer);
      const reports =
        kind === 'video'
          ? await ofBoth(us.do(flow.seeVideo, { frames: 25 }), them.do(flow.seeVideo, { frames: 25 }))
          : await ofBoth(
              us.do(flow.hearSound, { seconds: 2, hertz: theirHertz }),
              them.do(flow.hearSound, { seconds: 2, hertz: ourHertz }),
            );
      if (process.env['PEERWIRE_TEST_TELL']) {
        console.log(name, codec, 'ours, theirs', ...reports.map((one) => JSON.stringify(one)));
      }
      expect(await us.do(flow.flowStats, 'inbound-rtp', kind)).toMatchObject({ codec: mimeType });
      expect(await us.do(flow.flowStats, 'outbound-rtp', kind)).toMatchObject({ codec: mimeType });
    });

    it('keeps lips and voice together', async () => {
      if (traits.formats)
        return console.log(`${name}: lip sync is skipped: it plays nothing, and sends what it is given`);
      if (us.name !== 'peerwire') return console.log(`${name}: lip sync is for us to keep`);
      await us.do(flow.sendFlow, { hertz: ourHertz });
      await them.send('audio', null);
      await them.send('video', null);
      await connectAgent(us, them, offerer);
      const ours = await us.do(flow.lipSync, {});
      if (process.env['PEERWIRE_TEST_TELL']) console.log(name, 'flash after beep, ms: ours', ours);
      if (noLipSync) return console.log(`${name}: its own lip sync is skipped: ${noLipSync}`);
      const theirs = await them.do(flow.lipSync, {});
      if (process.env['PEERWIRE_TEST_TELL']) console.log(name, 'flash after beep, ms: theirs', theirs);
    });
  });
}
