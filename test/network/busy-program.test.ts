/** A program that does not come to look for a while, and a peer that sends all the more: what waits for it has a bound. */
import { nonstandard } from '../../lib';
import { trackSlotsOf } from '../../lib/mediacapture/MediaStreamTrack';
import { once } from '../support/connect';
import { closePairs, fakeTrack, sendTrack } from '../support/media-pair';
import { runProgram } from '../support/package-process';

const { RTCEncodedVideoSource, RTCRtpPacketTap } = nonstandard;

afterEach(closePairs);

/** For longer than the other threads need for what they have been given. */
const beBusy = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);

/** Resolves with the first packet of RTP that the tap shows. */
const firstPacket = (tap: InstanceType<typeof RTCRtpPacketTap>) =>
  new Promise<Buffer>((resolve) => {
    tap.onpacket = ({ packet, kind }: { packet: Buffer; kind: string }) => {
      if (kind === 'rtp') resolve(packet);
    };
  });

test('packets that a tap is to show wait up to a bound, and are shown again afterwards', async () => {
  const { receiver } = await sendTrack(await fakeTrack('audio'));
  const tap = new RTCRtpPacketTap(receiver);
  const first = await firstPacket(tap);
  const large = Buffer.concat([first.subarray(0, 12), Buffer.alloc(1200)]);
  const written = 20_000;
  let shown = 0;
  let last: (packet: Buffer) => void;
  const marked = new Promise((resolve) => (last = resolve));
  tap.onpacket = ({ packet }: { packet: Buffer }) => {
    if (packet.length === large.length) shown++;
    if (packet.length === 100) last(packet);
  };
  for (let i = 0; i < written; i++) tap.write(large);
  beBusy();
  while (shown === 0) await new Promise(setImmediate);
  const mark = Buffer.concat([first.subarray(0, 12), Buffer.alloc(88)]);
  const again = setInterval(() => tap.write(mark), 5);
  await marked;
  clearInterval(again);
  // 4 MiB of them.
  expect(shown).toBeGreaterThan(2_500);
  expect(shown).toBeLessThan(3_500);
});

test('a peer that asks for key frames again and again is heard once until the program looks', async () => {
  const source = new RTCEncodedVideoSource({ mimeType: 'video/VP8' });
  const track = source.createTrack();
  const { a, b, sender } = await sendTrack(track, { codec: 'VP8' });
  const asked = jest.spyOn(trackSlotsOf(track).source.encodedSource!, 'keyFrameRequested');
  const tap = new RTCRtpPacketTap(sender);
  const packet = firstPacket(tap);
  const key = { data: Uint8Array.of(0x50, 1), timestamp: 0, width: 320, height: 240 };
  const pushing = setInterval(() => source.push({ ...key, timestamp: (key.timestamp += 33_333) }), 33);
  const ssrc = (await packet).readUInt32BE(8);
  clearInterval(pushing);
  const indication = Buffer.alloc(12);
  indication.writeUInt32BE(0x81ce0002); // PLI, RFC 4585 section 6.3.1
  indication.writeUInt32BE(1, 4);
  indication.writeUInt32BE(ssrc, 8);
  const compound = Buffer.concat(Array.from({ length: 80 }, () => indication));
  const came = once(source, 'keyframerequest');
  asked.mockClear();
  const peer = new RTCRtpPacketTap(b.getTransceivers()[0]!.sender);
  for (let i = 0; i < 200; i++) expect(peer.write(compound, 'rtcp')).toBe(true);
  beBusy();
  await came;
  expect(asked).toHaveBeenCalled();
  expect(asked.mock.calls.length).toBeLessThan(20);
  expect([a.connectionState, b.connectionState]).toEqual(['connected', 'connected']);
  track.stop();
});

test('timers of a test that stand still do not stop what comes', async () => {
  const { stdout, stderr, code } = await runProgram(
    `const real = globalThis.setImmediate;
     globalThis.setImmediate = () => 0; // as fake timers do, before the first connection loads the addon
     const { a, b, channel, remote } = await connectedPair();
     globalThis.setImmediate = real;
     let came = 0;
     const all = new Promise((done) => {
       remote.onmessage = () => {
         const until = performance.now() + 0.2; // more than the queue delivers in one go
         while (performance.now() < until);
         if (++came === 500) done();
       };
     });
     for (let i = 0; i < 500; i++) channel.send('x');
     await all;
     console.log(came);
     a.close(); b.close();`,
    20_000,
  );
  expect({ stdout: stdout.trim(), stderr, code }).toEqual({ stdout: '500', stderr: '', code: 0 });
});
