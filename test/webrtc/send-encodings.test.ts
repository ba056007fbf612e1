import type { RtpCodec } from '../../lib/jsep/rtp-types';
import { implementedCodecs } from '../../lib/webrtc/rtp-capabilities';
import {
  adaptToCodecs,
  initialSendEncodings,
  narrowSendEncodings,
  proposedSendEncodings,
  toJsepEncodings,
  validateSendEncodings,
} from '../../lib/webrtc/send-encodings';
import { type RTCRtpEncodingParameters, toRTCRtpEncodingParameters } from '../../lib/webidl/generated/dictionaries';

function encodings(...given: Partial<RTCRtpEncodingParameters>[]): RTCRtpEncodingParameters[] {
  return given.map((each) => toRTCRtpEncodingParameters(each, ''));
}

function codecOf(mimeType: string): RtpCodec {
  const kind = mimeType.startsWith('audio/') ? 'audio' : 'video';
  const found = implementedCodecs(kind, 'send').find((codec) => codec.mimeType === mimeType);
  if (!found) throw new Error(`no ${mimeType}`);
  const { clockRate, channels, sdpFmtpLine } = found;
  return { mimeType, clockRate, ...(channels && { channels }), ...(sdpFmtpLine && { sdpFmtpLine }) };
}

const defaults = { active: true, adaptivePtime: false, priority: 'low' };

describe('validateSendEncodings', () => {
  test.each([
    ['empty', [{ rid: '' }]],
    ['a hyphen', [{ rid: 'a-b' }]],
    ['an underscore', [{ rid: 'a_b' }]],
    ['not ASCII', [{ rid: 'é' }]],
    ['256 characters', [{ rid: 'a'.repeat(256) }]],
    ['twice the same', [{ rid: 'a' }, { rid: 'a' }]],
    ['one without', [{ rid: 'a' }, {}]],
  ])('rid: %s is a TypeError', (_, given) => {
    expect(() => validateSendEncodings('video', encodings(...given))).toThrow(TypeError);
  });

  test('16 letters and digits are a rid, and upper case is another one', () => {
    const rid = 'aB9'.repeat(5) + '9';
    const valid = validateSendEncodings('video', encodings({ rid }, { rid: rid.toUpperCase() }));
    expect(valid.map((each) => each.rid)).toEqual([rid, rid.toUpperCase()]);
  });

  test.each([[[{}]], [[{ rid: 'lone' }]]])('a lone encoding has no rid and is not scaled: %j', (given) => {
    expect(validateSendEncodings('video', encodings(...given))).toEqual([{ ...defaults, scaleResolutionDownBy: 1 }]);
  });

  test('the scale defaults to 4:2:1, counted after trimming to three', () => {
    const four = validateSendEncodings('video', encodings({ rid: 'a' }, { rid: 'b' }, { rid: 'c' }, { rid: 'd' }));
    expect(four.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual([
      ['a', 4],
      ['b', 2],
      ['c', 1],
    ]);
  });

  test('a scale on one of them, a trimmed one even, makes the others 1', () => {
    const given = [{ rid: 'a' }, { rid: 'b' }, { rid: 'c' }, { rid: 'd', scaleResolutionDownBy: 3 }];
    const scales = validateSendEncodings('video', encodings(...given)).map((each) => each.scaleResolutionDownBy);
    expect(scales).toEqual([1, 1, 1]);
  });

  test('several encodings without a rid get one each', () => {
    expect(validateSendEncodings('video', encodings({}, {})).map((each) => each.rid)).toEqual(['0', '1']);
  });

  test('audio: one encoding, without the members of video, right or wrong', () => {
    const given = encodings(
      { rid: 'a', scaleResolutionDownBy: -1, maxFramerate: -1, scalabilityMode: 'nonsense', maxBitrate: 7 },
      { rid: 'b' },
    );
    expect(validateSendEncodings('audio', given)).toEqual([{ ...defaults, maxBitrate: 7 }]);
  });

  test('audio, too: a wrong rid is a TypeError', () => {
    expect(() => validateSendEncodings('audio', encodings({ rid: '?' }))).toThrow(TypeError);
  });

  test.each([{ scaleResolutionDownBy: 0.99 }, { scaleResolutionDownBy: -1 }, { maxFramerate: -0.1 }])(
    '%j is a RangeError',
    (given) => {
      expect(() => validateSendEncodings('video', encodings(given))).toThrow(RangeError);
    },
  );

  test.each([{ scaleResolutionDownBy: 1 }, { maxFramerate: 0 }, { maxBitrate: 0 }])('%j is taken', (given) => {
    expect(validateSendEncodings('video', encodings(given))[0]).toMatchObject(given);
  });

  test('a codec that can be sent is kept', () => {
    expect(validateSendEncodings('video', encodings({ codec: codecOf('video/VP8') }))[0]?.codec).toEqual({
      mimeType: 'video/VP8',
      clockRate: 90000,
    });
  });

  test.each<[string, 'audio' | 'video', RtpCodec]>([
    ['unknown', 'video', { mimeType: 'video/unknown', clockRate: 90000 }],
    ['of another kind', 'audio', { mimeType: 'video/VP8', clockRate: 90000 }],
    ['with another format', 'video', { mimeType: 'video/VP9', clockRate: 90000, sdpFmtpLine: 'profile-id=3' }],
    ['for repair', 'video', { mimeType: 'video/rtx', clockRate: 90000 }],
    ['for tones', 'audio', { mimeType: 'audio/telephone-event', clockRate: 8000, channels: 1 }],
  ])('a codec %s is an OperationError', (_, kind, codec) => {
    expect(() => validateSendEncodings(kind, encodings({ codec }))).toThrow(
      expect.objectContaining({ name: 'OperationError' }),
    );
  });

  test.each<[string, Partial<RTCRtpEncodingParameters>[]]>([
    ['an unknown scalabilityMode', [{ scalabilityMode: 'L9T9' }]],
    ['an unknown one with spatial layers', [{ scalabilityMode: 'L4T1' }]],
    ['one in another case', [{ scalabilityMode: 'l1t2' }]],
    ['one that the codec does not have', [{ scalabilityMode: 'L3T3', codec: codecOf('video/VP8') }]],
    ['scaleResolutionDownTo with a zero', [{ scaleResolutionDownTo: { maxWidth: 0, maxHeight: 1 } }]],
    ['scaleResolutionDownTo with one side', [{ scaleResolutionDownTo: { maxWidth: 1 } }]],
    ['scaleResolutionDownTo on some', [{}, { scaleResolutionDownTo: { maxWidth: 1, maxHeight: 1 } }]],
    ['a wrong one on an inactive encoding', [{ active: false, scaleResolutionDownTo: {} }]],
  ])('%s is an OperationError', (_, given) => {
    expect(() => validateSendEncodings('video', encodings(...given))).toThrow(
      expect.objectContaining({ name: 'OperationError' }),
    );
  });

  test.each(['L2T1', 'L3T3', 'L2T2h', 'L3T3_KEY', 'L2T3_KEY_SHIFT', 'S2T1', 'S3T3h'])('%s may be asked for', (mode) => {
    const valid = validateSendEncodings('video', encodings({ scalabilityMode: mode }));
    expect(valid).toMatchObject([{ scalabilityMode: mode }]);
    expect(adaptToCodecs(valid, [codecOf('video/VP8')])).toMatchObject([{ scalabilityMode: 'L1T1' }]);
    const kept = mode.endsWith('_SHIFT') ? 'L1T1' : mode;
    expect(adaptToCodecs(valid, [codecOf('video/VP9')])).toMatchObject([{ scalabilityMode: kept }]);
  });

  test('inactive encodings need no scaleResolutionDownTo', () => {
    const to = { maxWidth: 120, maxHeight: 60 };
    const valid = validateSendEncodings('video', encodings({ scaleResolutionDownTo: to }, { active: false }));
    expect(valid.map((each) => each.scaleResolutionDownTo)).toEqual([to, undefined]);
  });

  test('ptime and adaptivePtime exclude each other', () => {
    expect(() => validateSendEncodings('audio', encodings({ ptime: 20, adaptivePtime: true }))).toThrow(
      expect.objectContaining({ name: 'InvalidModificationError' }),
    );
    expect(validateSendEncodings('audio', encodings({ ptime: 20 }))[0]?.ptime).toBe(20);
  });
});

test('a sender without sendEncodings has one, with the defaults of its kind', () => {
  expect(initialSendEncodings('audio')).toEqual([defaults]);
  expect(initialSendEncodings('video', [])).toEqual([{ ...defaults, scaleResolutionDownBy: 1 }]);
});

describe('remote offers to receive simulcast', () => {
  const layers = (...rids: string[]) => rids.map((rid) => ({ rid, isPaused: rid === 'paused' }));

  test('each layer becomes an encoding, the first of those with the same rid, three at most', () => {
    const proposed = proposedSendEncodings('video', layers('f', 'h', 'f', 'q', 'x'));
    expect(proposed.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual([
      ['f', 4],
      ['h', 2],
      ['q', 1],
    ]);
  });

  test('a paused layer is as active as others; none, or audio, proposes nothing', () => {
    expect(proposedSendEncodings('video', layers('a', 'paused')).map((each) => each.active)).toEqual([true, true]);
    expect(proposedSendEncodings('video', [])).toEqual([]);
    expect(proposedSendEncodings('audio', layers('a', 'b'))).toEqual([]);
  });
});

describe('answers', () => {
  const three = validateSendEncodings('video', encodings({ rid: 'a' }, { rid: 'b' }, { rid: 'c' }));
  const accept = (...rids: string[]) => rids.map((rid) => ({ rid, isPaused: false }));
  const ridsOf = (...args: Parameters<typeof narrowSendEncodings>) =>
    narrowSendEncodings(...args).map((each) => each.rid);

  test('layers that are not accepted go; the order stays ours', () => {
    expect(ridsOf(three, accept('c', 'a'))).toEqual(['a', 'c']);
    expect(narrowSendEncodings(three, accept('b'))[0]?.scaleResolutionDownBy).toBe(2);
  });

  test('without simulcast, or with unknown layers only, the first is left, rid and all', () => {
    expect(ridsOf(three, null)).toEqual(['a']);
    expect(ridsOf(three, accept('z'))).toEqual(['a']);
    expect(ridsOf(narrowSendEncodings(three, null), null)).toEqual(['a']);
  });

  test('a paused layer stays active', () => {
    const left = narrowSendEncodings(three, [
      { rid: 'a', isPaused: false },
      { rid: 'b', isPaused: true },
    ]);
    expect(toJsepEncodings(left)).toEqual([
      { rid: 'a', isActive: true },
      { rid: 'b', isActive: true },
    ]);
  });

  test('a chosen codec that is not negotiated is no longer chosen', () => {
    const chosen = encodings({ codec: codecOf('video/H264') }, { codec: codecOf('video/VP8') });
    // Another level is the same codec.
    const level = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e034';
    const h264 = { ...codecOf('video/H264'), sdpFmtpLine: level };
    expect(adaptToCodecs(chosen, [h264]).map((each) => each.codec?.mimeType)).toEqual(['video/H264', undefined]);
    expect(adaptToCodecs(chosen, [])).toEqual(chosen);
  });

  test('a scalability mode that the negotiated codec lacks becomes its default one', () => {
    const given = encodings({ scalabilityMode: 'L2T2' }, { scalabilityMode: 'L1T3' }, {});
    const modes = adaptToCodecs(given, [codecOf('video/VP8')]).map((each) => each.scalabilityMode);
    expect(modes).toEqual(['L1T1', 'L1T3', undefined]);
  });
});
