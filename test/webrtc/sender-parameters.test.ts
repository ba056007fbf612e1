import { queueTask } from '../../lib/dom/queue-task';
import type { NegotiatedCodec, NegotiatedRtp } from '../../lib/jsep/rtp-types';
import { getReceiveParameters, recentSources } from '../../lib/webrtc/receiver-parameters';
import type { ReceiverSlots } from '../../lib/webrtc/RTCRtpReceiver';
import type { SenderSlots } from '../../lib/webrtc/RTCRtpSender';
import { initialSendEncodings, proposedSendEncodings, validateSendEncodings } from '../../lib/webrtc/send-encodings';
import {
  applyAnswerToSender,
  applyOfferToSender,
  getParameters,
  rememberStableEncodings,
  rollBackEncodings,
  setParameters,
} from '../../lib/webrtc/sender-parameters';
import { type RTCRtpSendParameters, toRTCRtpEncodingParameters } from '../../lib/webidl/generated/dictionaries';

const vp8: NegotiatedCodec = { mimeType: 'video/VP8', clockRate: 90000, payloadType: 96, rtcpFeedback: ['nack'] };
const vp9: NegotiatedCodec = { ...vp8, mimeType: 'video/VP9', payloadType: 98, sdpFmtpLine: 'profile-id=0' };
const negotiated: NegotiatedRtp = {
  direction: 'sendrecv',
  sendCodecs: [vp8, vp9],
  receiveCodecs: [vp9],
  headerExtensions: [
    { uri: 'urn:example:both', id: 1, direction: 'sendrecv' },
    { uri: 'urn:example:out', id: 2, direction: 'sendonly' },
    { uri: 'urn:example:in', id: 3, direction: 'recvonly' },
  ],
  reducedSizeRtcp: true,
  maxBitrate: null,
  sendRids: null,
  receiveRids: [],
  remoteSsrcs: [],
  remoteSsrcGroups: [],
};

/** The slots that parameters are made of; nothing else of a sender is looked at. */
function senderOf(kind: 'audio' | 'video', rids: string[] = [], isNegotiated = false): SenderSlots {
  const given = validateSendEncodings(
    kind,
    rids.map((rid) => toRTCRtpEncodingParameters({ rid }, '')),
  );
  // No transport yet: nothing is sent.
  const connection = { cname: 'somebody', session: { media: [] }, transports: { rtpTransportOf: () => null } };
  return {
    kind,
    connection,
    transceiver: { connection, id: 'a', stopping: false, negotiated: isNegotiated ? negotiated : null },
    attached: null,
    sendEncodings: initialSendEncodings(kind, given),
    lastStableRidlessSendEncodings: null,
    sendCodecs: isNegotiated ? negotiated.sendCodecs : [],
    lastReturnedParameters: null,
    degradationPreference: undefined,
    unsettledSetParameters: new Set(),
  } as unknown as SenderSlots;
}

const none = { encodingOptions: [] };
const task = () => new Promise<void>((resolve) => queueTask(resolve));
const named = (name: string) => expect.objectContaining({ name }) as Error;

describe('getParameters', () => {
  test('tells what is negotiated for sending', () => {
    const { transactionId, ...parameters } = getParameters(senderOf('video', [], true));
    expect(transactionId).toMatch(/./);
    expect(parameters).toEqual({
      codecs: [
        { mimeType: 'video/VP8', clockRate: 90000, payloadType: 96 },
        { mimeType: 'video/VP9', clockRate: 90000, payloadType: 98, sdpFmtpLine: 'profile-id=0' },
      ],
      headerExtensions: [
        { uri: 'urn:example:both', id: 1, encrypted: false },
        { uri: 'urn:example:out', id: 2, encrypted: false },
      ],
      rtcp: { cname: 'somebody', reducedSize: true },
      encodings: [{ active: true, adaptivePtime: false, priority: 'low', scaleResolutionDownBy: 1 }],
    });
  });

  test('tells nothing before negotiation', () => {
    expect(getParameters(senderOf('audio'))).toMatchObject({
      codecs: [],
      headerExtensions: [],
      rtcp: { cname: 'somebody', reducedSize: false },
      encodings: [{ active: true }],
    });
  });

  test('gives the same transaction within a task, microtasks included, and a new one after it', async () => {
    const sender = senderOf('audio');
    const first = getParameters(sender);
    await Promise.resolve();
    expect(getParameters(sender)).toEqual(first);
    await task();
    expect(getParameters(sender).transactionId).not.toBe(first.transactionId);
  });

  test('gives dictionaries that share nothing', () => {
    const sender = senderOf('video', ['a', 'b'], true);
    const first = getParameters(sender);
    first.encodings.reverse();
    first.codecs.splice(0);
    first.rtcp.cname = 'changed';
    const second = getParameters(sender);
    expect(second.encodings.map(({ rid }) => rid)).toEqual(['a', 'b']);
    expect([second.codecs.length, second.rtcp.cname]).toEqual([2, 'somebody']);
  });
});

describe('setParameters', () => {
  test('takes effect in a task, and ends the transaction', async () => {
    const sender = senderOf('video');
    const parameters = getParameters(sender);
    Object.assign(parameters.encodings[0] ?? {}, { maxBitrate: 1000, active: false });
    parameters.degradationPreference = 'maintain-resolution';
    const done = setParameters(sender, parameters, none);
    expect(sender.sendEncodings[0]?.active).toBe(true);
    expect(sender.unsettledSetParameters.size).toBe(1);
    await done;
    expect(sender.unsettledSetParameters.size).toBe(0);
    expect(getParameters(sender)).toMatchObject({
      encodings: [{ maxBitrate: 1000, active: false }],
      degradationPreference: 'maintain-resolution',
    });
    await expect(setParameters(sender, parameters, none)).rejects.toThrow(named('InvalidModificationError'));
  });

  test('needs getParameters() in the same task', async () => {
    const sender = senderOf('video');
    const parameters = getParameters(sender);
    await setParameters(sender, parameters, none);
    await expect(setParameters(sender, parameters, none)).rejects.toThrow(named('InvalidStateError'));
  });

  test('can be called twice in one task', async () => {
    const sender = senderOf('video');
    const parameters = getParameters(sender);
    void setParameters(sender, { ...parameters, degradationPreference: 'balanced' }, none);
    await setParameters(sender, parameters, none);
    expect(getParameters(sender).degradationPreference).toBeUndefined();
  });

  test('is refused by a transceiver that stops', async () => {
    const sender = senderOf('video');
    const parameters = getParameters(sender);
    sender.transceiver.stopping = true;
    await expect(setParameters(sender, parameters, none)).rejects.toThrow(named('InvalidStateError'));
  });

  test.each<[string, (parameters: RTCRtpSendParameters) => void]>([
    ['transactionId', (each) => (each.transactionId += 'x')],
    ['an encoding left out', (each) => each.encodings.pop()],
    ['an encoding more', (each) => each.encodings.push(toRTCRtpEncodingParameters({ rid: 'c' }, ''))],
    ['encodings in another order', (each) => each.encodings.reverse()],
    ['another rid', (each) => Object.assign(each.encodings[0] ?? {}, { rid: 'z' })],
    ['no rid', (each) => delete each.encodings[0]?.rid],
    ['another payload type', (each) => Object.assign(each.codecs[0] ?? {}, { payloadType: 97 })],
    ['a codec left out', (each) => each.codecs.pop()],
    ['codecs in another order', (each) => each.codecs.reverse()],
    ['no codecs', (each) => each.codecs.splice(0)],
    ['another header extension', (each) => Object.assign(each.headerExtensions[0] ?? {}, { id: 9 })],
    ['an encrypted header extension', (each) => Object.assign(each.headerExtensions[0] ?? {}, { encrypted: true })],
    ['another cname', (each) => (each.rtcp.cname = 'x')],
    ['no cname', (each) => delete each.rtcp.cname],
    ['another reducedSize', (each) => (each.rtcp.reducedSize = false)],
    ['a codec that is not negotiated', (each) => choose(each, { mimeType: 'video/AV1', clockRate: 90000 })],
    ['a mode that no codec has', (each) => Object.assign(each.encodings[0] ?? {}, { scalabilityMode: 'L9T1' })],
    ['a size on some', (each) => Object.assign(each.encodings[0] ?? {}, { scaleResolutionDownTo: size })],
    ['ptime twice', (each) => Object.assign(each.encodings[0] ?? {}, { ptime: 20, adaptivePtime: true })],
  ])('%s is an InvalidModificationError and changes nothing', async (_, change) => {
    const sender = senderOf('video', ['a', 'b'], true);
    const before = sender.sendEncodings;
    const parameters = getParameters(sender);
    change(parameters);
    await expect(setParameters(sender, parameters, none)).rejects.toThrow(named('InvalidModificationError'));
    await task();
    expect(sender.sendEncodings).toBe(before);
  });

  const size = { maxWidth: 10, maxHeight: 10 };

  function choose(parameters: RTCRtpSendParameters, codec: { mimeType: string; clockRate: number }): void {
    Object.assign(parameters.encodings[0] ?? {}, { codec });
  }

  test.each([{ scaleResolutionDownBy: 0.5 }, { maxFramerate: -1 }])('%j is a RangeError', async (change) => {
    const sender = senderOf('video');
    const parameters = getParameters(sender);
    Object.assign(parameters.encodings[0] ?? {}, change);
    await expect(setParameters(sender, parameters, none)).rejects.toThrow(RangeError);
  });

  test('without a scale: 1; and audio has none', async () => {
    const video = senderOf('video');
    const parameters = getParameters(video);
    delete parameters.encodings[0]?.scaleResolutionDownBy;
    await setParameters(video, parameters, none);
    expect(getParameters(video).encodings[0]?.scaleResolutionDownBy).toBe(1);
    const audio = senderOf('audio');
    const ofAudio = getParameters(audio);
    Object.assign(ofAudio.encodings[0] ?? {}, { scaleResolutionDownBy: -1, maxFramerate: -1 });
    await setParameters(audio, ofAudio, none);
    expect(getParameters(audio).encodings).toEqual([{ active: true, adaptivePtime: false, priority: 'low' }]);
  });

  test('a negotiated codec can be chosen, and before negotiation any', async () => {
    for (const isNegotiated of [true, false]) {
      const sender = senderOf('video', [], isNegotiated);
      const parameters = getParameters(sender);
      choose(parameters, { mimeType: 'video/vp8', clockRate: 90000 });
      await setParameters(sender, parameters, none);
      expect(getParameters(sender).encodings[0]?.codec).toEqual({ mimeType: 'video/vp8', clockRate: 90000 });
    }
  });

  test('options for key frames: none, or one for each encoding; audio takes any', async () => {
    const keyFrame = { keyFrame: true };
    const video = senderOf('video', ['a', 'b']);
    const parameters = getParameters(video);
    await expect(setParameters(video, parameters, { encodingOptions: [keyFrame] })).rejects.toThrow(
      named('InvalidModificationError'),
    );
    await setParameters(video, parameters, { encodingOptions: [keyFrame, keyFrame] });
    const audio = senderOf('audio');
    await setParameters(audio, getParameters(audio), { encodingOptions: [keyFrame, keyFrame] });
  });
});

describe('negotiation', () => {
  const layers = (...rids: string[]) => rids.map((rid) => ({ rid, isPaused: false }));
  const ridsOf = (sender: SenderSlots) => getParameters(sender).encodings.map(({ rid }) => rid);

  test('an answer narrows simulcast and ends the transaction', async () => {
    const sender = senderOf('video', ['a', 'b', 'c']);
    const parameters = getParameters(sender);
    applyAnswerToSender(sender, { ...negotiated, sendRids: layers('c', 'b') });
    await expect(setParameters(sender, parameters, none)).rejects.toThrow(named('InvalidStateError'));
    expect(ridsOf(sender)).toEqual(['b', 'c']);
  });

  test('layers are kept while nothing is to be sent', () => {
    const sender = senderOf('video', ['a', 'b']);
    applyAnswerToSender(sender, { ...negotiated, direction: 'recvonly' });
    expect(ridsOf(sender)).toEqual(['a', 'b']);
    applyAnswerToSender(sender, { ...negotiated, direction: 'sendonly' });
    expect(ridsOf(sender)).toEqual(['a']);
  });

  test('a remote offer ends the transaction', async () => {
    const sender = senderOf('audio');
    const parameters = getParameters(sender);
    applyOfferToSender(sender, []);
    await expect(setParameters(sender, parameters, none)).rejects.toThrow(named('InvalidStateError'));
  });

  test('a remote offer begins simulcast where there is none, and a rollback ends it', async () => {
    const sender = senderOf('video');
    rememberStableEncodings(sender);
    applyOfferToSender(sender, proposedSendEncodings('video', layers('f', 'h')));
    expect(ridsOf(sender)).toEqual(['f', 'h']);
    await setParameters(sender, { ...getParameters(sender), degradationPreference: 'balanced' }, none);
    rollBackEncodings(sender);
    expect(ridsOf(sender)).toEqual([undefined]);
  });

  test('a sender with layers keeps them, whatever is offered', () => {
    const sender = senderOf('video', ['a', 'b']);
    rememberStableEncodings(sender);
    applyOfferToSender(sender, proposedSendEncodings('video', layers('f')));
    rollBackEncodings(sender);
    expect(ridsOf(sender)).toEqual(['a', 'b']);
  });
});

describe('receivers', () => {
  const receiverOf = (direction: NegotiatedRtp['direction'] | null) =>
    ({
      transceiver: { negotiated: direction && { ...negotiated, direction } },
      receiveCodecs: negotiated.receiveCodecs,
    }) as unknown as ReceiverSlots;

  test.each(['sendrecv', 'recvonly'] as const)('%s: what is negotiated for receiving', (direction) => {
    expect(getReceiveParameters(receiverOf(direction))).toEqual({
      codecs: [{ mimeType: 'video/VP9', clockRate: 90000, payloadType: 98, sdpFmtpLine: 'profile-id=0' }],
      headerExtensions: [
        { uri: 'urn:example:both', id: 1, encrypted: false },
        { uri: 'urn:example:in', id: 3, encrypted: false },
      ],
      rtcp: { reducedSize: true },
    });
  });

  test.each(['sendonly', 'inactive', null] as const)('%s: prepared for nothing', (direction) => {
    expect(getReceiveParameters(receiverOf(direction))).toEqual({
      codecs: [],
      headerExtensions: [],
      rtcp: { reducedSize: false },
    });
  });

  test('sources are told of for ten seconds, the latest first', () => {
    const at = (timestamp: number, isContributing = false) => ({
      timestamp,
      source: timestamp,
      rtpTimestamp: 0,
      audioLevel: -1,
      isContributing,
    });
    const sources = [at(5000), at(15_001), at(5001), at(14_000, true), at(9000)];
    expect(recentSources(sources, false, 15_001).map(({ source }) => source)).toEqual([15_001, 9000, 5001]);
    expect(recentSources(sources, true, 15_001)).toEqual([{ timestamp: 14_000, source: 14_000, rtpTimestamp: 0 }]);
  });
});
