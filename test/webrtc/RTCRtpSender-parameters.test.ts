import { RTCPeerConnection, RTCRtpReceiver, RTCRtpSender } from '../../lib';
import { queueTask } from '../../lib/dom/queue-task';
import { createTrack } from '../../lib/mediacapture/MediaStreamTrack';
import { ProgramSource } from '../mediacapture/program-source';
import { negotiate, once, trickle } from '../support/connect';

type Codec = NonNullable<ReturnType<typeof RTCRtpSender.getCapabilities>>['codecs'][number];

const opened: RTCPeerConnection[] = [];
function connection(): RTCPeerConnection {
  const made = new RTCPeerConnection();
  opened.push(made);
  return made;
}
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

const named = (name: string) => expect.objectContaining({ name }) as Error;
const task = () => new Promise<void>((resolve) => queueTask(resolve));

function codecsOf(mimeType: string): Codec[] {
  const kind = mimeType.split('/')[0] ?? '';
  return (RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []).filter((codec) => codec.mimeType === mimeType);
}
const namesOf = (codecs: readonly { mimeType: string }[]) => codecs.map(({ mimeType }) => mimeType);

test('getCapabilities() is static, wants a kind, and knows two', () => {
  for (const type of [RTCRtpSender, RTCRtpReceiver]) {
    expect(type.getCapabilities('audio')?.codecs[0]?.mimeType).toBe('audio/opus');
    expect(type.getCapabilities('video')?.codecs[0]?.mimeType).toBe('video/VP8');
    expect(type.getCapabilities('text')).toBeNull();
    expect(() => Reflect.apply(type.getCapabilities, type, [])).toThrow(TypeError);
  }
});

test('a closed connection is told before wrong encodings; a wrong kind before it', () => {
  const pc = connection();
  pc.close();
  const init = { sendEncodings: [{ rid: '?' }] };
  expect(() => pc.addTransceiver('video', init)).toThrow(named('InvalidStateError'));
  expect(() => pc.addTransceiver('text', init)).toThrow(TypeError);
});

test('a transceiver that is not made because of its encodings leaves no trace', () => {
  const pc = connection();
  expect(() => pc.addTransceiver('video', { sendEncodings: [{ scaleResolutionDownBy: 0 }] })).toThrow(RangeError);
  expect(pc.getTransceivers()).toEqual([]);
});

test('parameters that are left out are a TypeError, those in the wrong an InvalidStateError', async () => {
  const { sender } = connection().addTransceiver('audio');
  const parameters = sender.getParameters();
  for (const member of ['codecs', 'encodings', 'headerExtensions', 'rtcp', 'transactionId'] as const) {
    const incomplete: Partial<typeof parameters> = { ...parameters };
    delete incomplete[member];
    await expect(sender.setParameters(incomplete as typeof parameters)).rejects.toThrow(TypeError);
  }
  await task();
  await expect(sender.setParameters(parameters)).rejects.toThrow(named('InvalidStateError'));
});

test('what is set bit by bit in one task adds up', async () => {
  const rids = ['f', 'h', 'q'];
  const { sender } = connection().addTransceiver('video', { sendEncodings: rids.map((rid) => ({ rid })) });
  const setActive = async (rid: string, active: boolean) => {
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) if (encoding.rid === rid) encoding.active = active;
    await sender.setParameters(parameters);
  };
  await Promise.all(rids.map((rid) => setActive(rid, rid === 'q')));
  expect(sender.getParameters().encodings.map(({ active }) => active)).toEqual([false, false, true]);
});

test('codecs and extensions are told when the answer is applied, on either side', async () => {
  const [caller, callee] = [connection(), connection()];
  const { sender, receiver } = caller.addTransceiver('video');
  await caller.setLocalDescription();
  await callee.setRemoteDescription(caller.localDescription!);
  expect([sender.getParameters().codecs, receiver.getParameters().codecs]).toEqual([[], []]);
  const answering = callee.getTransceivers()[0]!;
  expect(answering.receiver.getParameters().codecs).toEqual([]);
  await callee.setLocalDescription();
  expect(namesOf(answering.receiver.getParameters().codecs)).toContain('video/VP8');
  await caller.setRemoteDescription(callee.localDescription!);
  const { codecs, headerExtensions, rtcp } = sender.getParameters();
  const apt = codecs.find(({ mimeType }) => mimeType === 'video/rtx')?.sdpFmtpLine;
  expect(apt).toBe(`apt=${String(codecs.find(({ mimeType }) => mimeType === 'video/VP8')?.payloadType)}`);
  expect(headerExtensions.map(({ uri }) => uri)).toContain('urn:ietf:params:rtp-hdrext:sdes:mid');
  expect(rtcp).toEqual({ cname: expect.stringMatching(/./) as string, reducedSize: true });
  // It sends only: nothing to be prepared for.
  expect(receiver.getParameters().codecs).toEqual([]);
});

test('codec preferences: their order, on the side that has them', async () => {
  const [caller, callee] = [connection(), connection()];
  const transceiver = caller.addTransceiver('video');
  const [vp8, vp9] = [...codecsOf('video/VP8'), ...codecsOf('video/VP9')] as [Codec, Codec];
  transceiver.setCodecPreferences([vp9, vp8]);
  await caller.setLocalDescription();
  await callee.setRemoteDescription(caller.localDescription!);
  callee.getTransceivers()[0]!.setCodecPreferences([...codecsOf('video/H264'), vp8, vp9]);
  await callee.setLocalDescription();
  await caller.setRemoteDescription(callee.localDescription!);
  expect(namesOf(transceiver.sender.getParameters().codecs)).toEqual(['video/VP8', 'video/VP9']);
});

test('a chosen codec is kept while it is negotiated', async () => {
  const [caller, callee] = [connection(), connection()];
  const [vp8, vp9] = [...codecsOf('video/VP8'), ...codecsOf('video/VP9')] as [Codec, Codec];
  const { sender } = caller.addTransceiver('video', { sendEncodings: [{ codec: vp9 }] });
  await negotiate(caller, callee);
  expect(sender.getParameters().encodings[0]?.codec).toEqual(vp9);
  callee.getTransceivers()[0]!.setCodecPreferences([vp8]);
  await negotiate(caller, callee);
  const parameters = sender.getParameters();
  expect(parameters.encodings[0]?.codec).toBeUndefined();
  parameters.encodings[0]!.codec = vp9;
  await expect(sender.setParameters(parameters)).rejects.toThrow(named('InvalidModificationError'));
});

test('header extensions: a stopped one is not offered, and what the answer leaves out stops', async () => {
  const [caller, callee] = [connection(), connection()];
  const transceiver = caller.addTransceiver('video');
  const stop = (side: typeof transceiver, uri: string) => {
    side.setHeaderExtensionsToNegotiate(
      side.getHeaderExtensionsToNegotiate().map((each) => (each.uri === uri ? { uri, direction: 'stopped' } : each)),
    );
  };
  const stoppedOf = (extensions: { uri: string; direction: string }[]) =>
    extensions.filter(({ direction }) => direction === 'stopped').map(({ uri }) => uri);
  const orientation = 'urn:3gpp:video-orientation';
  const playoutDelay = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
  // Stopped by itself.
  const captureTime = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';
  stop(transceiver, orientation);
  // Another one of the same kind begins alike.
  expect(stoppedOf(caller.addTransceiver('video').getHeaderExtensionsToNegotiate())).toEqual([
    orientation,
    captureTime,
  ]);
  await caller.setLocalDescription();
  expect(caller.localDescription?.sdp).not.toContain(orientation);
  await callee.setRemoteDescription(caller.localDescription!);
  stop(callee.getTransceivers()[0]!, playoutDelay);
  await callee.setLocalDescription();
  await caller.setRemoteDescription(callee.localDescription!);
  for (const side of [transceiver, callee.getTransceivers()[0]!]) {
    expect(stoppedOf(side.getNegotiatedHeaderExtensions())).toEqual([orientation, captureTime, playoutDelay]);
    expect(stoppedOf(side.getHeaderExtensionsToNegotiate())).toEqual([orientation, captureTime, playoutDelay]);
  }
});

test('header extensions: what only the offer left out can be offered again, what the application stopped cannot', async () => {
  const [caller, callee] = [connection(), connection()];
  const uri = 'urn:3gpp:video-orientation';
  const transceiver = caller.addTransceiver('video');
  const set = (side: typeof transceiver, direction: 'sendrecv' | 'stopped') => {
    side.setHeaderExtensionsToNegotiate(
      side.getHeaderExtensionsToNegotiate().map((each) => (each.uri === uri ? { uri, direction } : each)),
    );
  };
  const negotiated = (side: typeof transceiver) =>
    side.getNegotiatedHeaderExtensions().find((each) => each.uri === uri)?.direction;
  set(transceiver, 'stopped');
  await negotiate(caller, callee);
  const answering = callee.getTransceivers()[0]!;
  expect([negotiated(transceiver), negotiated(answering)]).toEqual(['stopped', 'stopped']);
  set(transceiver, 'sendrecv');
  await negotiate(caller, callee);
  expect([negotiated(transceiver), negotiated(answering)]).toEqual(['sendrecv', 'sendrecv']);
  set(answering, 'stopped');
  await negotiate(caller, callee);
  expect([negotiated(transceiver), negotiated(answering)]).toEqual(['stopped', 'stopped']);
  set(transceiver, 'sendrecv');
  await negotiate(caller, callee);
  expect([negotiated(transceiver), negotiated(answering)]).toEqual(['stopped', 'stopped']);
});

test('an answer to simulcast decides which layers are left', async () => {
  const [caller, callee] = [connection(), connection()];
  const { sender } = caller.addTransceiver('video', { sendEncodings: [{ rid: 'f' }, { rid: 'h' }, { rid: 'q' }] });
  await caller.setLocalDescription();
  expect(caller.localDescription?.sdp).toMatch(/^a=simulcast:send f;h;q\r$/m);
  await callee.setRemoteDescription(caller.localDescription!);
  const answer = await callee.createAnswer();
  await callee.setLocalDescription(answer);
  const parameters = sender.getParameters();
  const sdp = `${answer.sdp!.replace(/^a=(rid|simulcast):.*\r\n/gm, '')}a=rid:q recv\r\na=rid:h recv\r\na=simulcast:recv q;~h\r\n`;
  await caller.setRemoteDescription({ type: 'answer', sdp });
  await expect(sender.setParameters(parameters)).rejects.toThrow(named('InvalidStateError'));
  expect(sender.getParameters().encodings.map(({ rid, active }) => [rid, active])).toEqual([
    ['h', true],
    ['q', true],
  ]);
});

test.each<[string, string, (sdp: string) => string]>([
  [
    'rates',
    'video/VP8',
    (sdp) => sdp.replace(/^(a=rtpmap:(\d+) VP8.*)$/m, '$1\na=fmtp:$2 x-google-start-bitrate=1000'),
  ],
  ['a size', 'video/VP8', (sdp) => sdp.replace(/^(a=rtpmap:(\d+) VP8.*)$/m, '$1\na=fmtp:$2 max-fr=30;max-fs=3600')],
  ['no profile', 'video/VP9', (sdp) => sdp.replace(/^a=fmtp:\d+ profile-id=0\r\n/m, '')],
])('an answer whose format has %s takes no scalability mode away', async (_, mimeType, rewrite) => {
  const [caller, callee] = [connection(), connection()];
  const transceiver = caller.addTransceiver('video', { sendEncodings: [{ scalabilityMode: 'L1T3' }] });
  transceiver.setCodecPreferences(codecsOf(mimeType));
  await caller.setLocalDescription();
  await callee.setRemoteDescription(caller.localDescription!);
  const { sdp } = await callee.createAnswer();
  expect(rewrite(sdp!)).not.toBe(sdp);
  await caller.setRemoteDescription({ type: 'answer', sdp: rewrite(sdp!) });
  const parameters = transceiver.sender.getParameters();
  expect(parameters.encodings).toMatchObject([{ scalabilityMode: 'L1T3' }]);
  parameters.encodings[0]!.scalabilityMode = 'L1T2';
  await transceiver.sender.setParameters(parameters);
});

test('tones are sent over a connection that is up, until the direction changes', async () => {
  const [caller, callee] = [connection(), connection()];
  trickle(caller, callee);
  const track = createTrack({ kind: 'audio', label: 'tone', source: new ProgramSource('audio') });
  const sender = caller.addTrack(track);
  const dtmf = sender.dtmf!;
  expect(() => dtmf.insertDTMF('1')).toThrow(named('InvalidStateError'));
  await negotiate(caller, callee);
  while (caller.connectionState !== 'connected') await once(caller, 'connectionstatechange');
  expect(dtmf.canInsertDTMF).toBe(true);
  const tones: string[] = [];
  dtmf.addEventListener('tonechange', (event) => tones.push((event as unknown as { tone: string }).tone));
  dtmf.insertDTMF('12', 40, 30);
  while (!tones.includes('')) await once(dtmf, 'tonechange');
  expect(tones).toEqual(['1', '2', '']);
  caller.getTransceivers()[0]!.direction = 'inactive';
  expect(dtmf.canInsertDTMF).toBe(true);
  await negotiate(caller, callee);
  expect(dtmf.canInsertDTMF).toBe(false);
});

test('video has no tones, and a target for the jitter buffer is within 0 and 4000', () => {
  const { sender, receiver } = connection().addTransceiver('video');
  expect([sender.dtmf, receiver.jitterBufferTarget]).toEqual([null, null]);
  receiver.jitterBufferTarget = 4000;
  for (const wrong of [-0.5, 4000.5]) {
    expect(() => (receiver.jitterBufferTarget = wrong)).toThrow(RangeError);
  }
  expect(() => (receiver.jitterBufferTarget = NaN)).toThrow(TypeError);
  expect(receiver.jitterBufferTarget).toBe(4000);
  receiver.jitterBufferTarget = null;
  expect(receiver.jitterBufferTarget).toBeNull();
  expect([receiver.getContributingSources(), receiver.getSynchronizationSources()]).toEqual([[], []]);
});
