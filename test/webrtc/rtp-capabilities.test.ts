import {
  capabilitiesFor,
  headerExtensionLimits,
  implementedCodecs,
  maxEncodings,
  rtpCapabilities,
  scalabilityModesOf,
} from '../../lib/webrtc/rtp-capabilities';

const mid = 'urn:ietf:params:rtp-hdrext:sdes:mid';

test('the codecs that RFC 7742 and RFC 7874 want are there', () => {
  const names = (kind: 'audio' | 'video') => capabilitiesFor(kind, 'send')?.codecs.map((codec) => codec.mimeType);
  expect(names('audio')).toEqual(
    expect.arrayContaining(['audio/opus', 'audio/PCMU', 'audio/PCMA', 'audio/telephone-event']),
  );
  expect(names('video')).toEqual(expect.arrayContaining(['video/VP8', 'video/H264', 'video/rtx']));
});

test('one entry for RTX, without a format line', () => {
  const rtx = capabilitiesFor('video', 'receive')?.codecs.filter((codec) => codec.mimeType === 'video/rtx');
  expect(rtx).toEqual([{ mimeType: 'video/rtx', clockRate: 90000 }]);
});

test('dictionaries have the members of RTCRtpCodec that have a value, and no other', () => {
  expect(capabilitiesFor('audio', 'send')?.codecs[0]).toEqual({
    mimeType: 'audio/opus',
    clockRate: 48000,
    channels: 2,
    sdpFmtpLine: 'minptime=10;useinbandfec=1',
  });
  expect(Object.keys(capabilitiesFor('video', 'send')?.codecs[0] ?? {})).toEqual(['mimeType', 'clockRate']);
});

test('each call makes new dictionaries', () => {
  const first = capabilitiesFor('video', 'send');
  first?.codecs.splice(0);
  if (first?.headerExtensions[0]) first.headerExtensions[0].uri = 'changed';
  const second = capabilitiesFor('video', 'send');
  expect(second?.codecs.length).toBeGreaterThan(0);
  expect(second?.headerExtensions[0]?.uri).not.toBe('changed');
});

test.each(['', 'Video', 'application', 'toString'])('no capabilities of kind %p', (kind) => {
  expect(capabilitiesFor(kind, 'send')).toBeNull();
});

test('header extensions are listed for the direction that they have', () => {
  const uris = (direction: 'send' | 'receive') =>
    capabilitiesFor('audio', direction)?.headerExtensions.map((extension) => extension.uri);
  expect(uris('send')).toContain(mid);
  expect(uris('send')).not.toContain('urn:ietf:params:rtp-hdrext:csrc-audio-level');
  expect(uris('receive')).toContain('urn:ietf:params:rtp-hdrext:csrc-audio-level');
  expect(headerExtensionLimits('video', mid)).toEqual({ widest: 'sendrecv', isMandatory: true });
  expect(headerExtensionLimits('audio', 'urn:ietf:params:rtp-hdrext:csrc-audio-level').widest).toBe('recvonly');
});

test('no two codecs of a kind are the same', () => {
  for (const kind of ['audio', 'video'] as const) {
    const texts = rtpCapabilities()[kind].codecs.map(({ mimeType, clockRate, sdpFmtpLine }) =>
      JSON.stringify([mimeType.toLowerCase(), clockRate, sdpFmtpLine]),
    );
    expect(new Set(texts).size).toBe(texts.length);
  }
});

test('what encoders can do', () => {
  const [vp8] = implementedCodecs('video', 'send');
  const [opus] = implementedCodecs('audio', 'send');
  expect(vp8 && scalabilityModesOf(vp8)).toContain('L1T3');
  expect(opus && scalabilityModesOf(opus)).toEqual([]);
  const spatialModesOf = (mimeType: string) => {
    const codec = implementedCodecs('video', 'send').find((each) => each.mimeType === mimeType)!;
    return scalabilityModesOf(codec).filter((mode) => !mode.startsWith('L1'));
  };
  expect(spatialModesOf('video/VP8')).toEqual([]);
  expect(spatialModesOf('video/H264')).toEqual([]);
  expect(spatialModesOf('video/VP9')).toHaveLength(30);
  expect(spatialModesOf('video/AV1')).toEqual(spatialModesOf('video/VP9'));
  expect(scalabilityModesOf({ mimeType: 'video/unknown', clockRate: 90000 })).toEqual([]);
  expect([maxEncodings('audio'), maxEncodings('video')]).toEqual([1, 3]);
});
