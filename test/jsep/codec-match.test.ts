import { codecsMatch, h264Profile, isResilienceCodec, parseFormat } from '../../lib/jsep/codec-match';
import type { RtpCodec } from '../../lib/jsep/rtp-types';

const video = (name: string, sdpFmtpLine?: string): RtpCodec => ({
  mimeType: `video/${name}`,
  clockRate: 90000,
  ...(sdpFmtpLine !== undefined && { sdpFmtpLine }),
});
const opus: RtpCodec = {
  mimeType: 'audio/opus',
  clockRate: 48000,
  channels: 2,
  sdpFmtpLine: 'minptime=10;useinbandfec=1',
};

test('name, clock rate and channels', () => {
  expect(codecsMatch(opus, { ...opus, mimeType: 'AUDIO/OPUS' })).toBe(true);
  expect(codecsMatch(opus, { ...opus, clockRate: 24000 })).toBe(false);
  expect(codecsMatch(opus, { ...opus, channels: 1 })).toBe(false);
  expect(codecsMatch(video('VP8'), { ...video('VP8'), channels: 1 })).toBe(false);
});

test('order, spaces and case of parameter names do not matter; values do', () => {
  expect(codecsMatch(opus, { ...opus, sdpFmtpLine: 'useinbandfec=1; MINPTIME=10' })).toBe(true);
  expect(codecsMatch(opus, { ...opus, sdpFmtpLine: 'minptime=10;useinbandfec=0' })).toBe(false);
  expect(codecsMatch(opus, { ...opus, sdpFmtpLine: 'minptime=10;useinbandfec=1;stereo=1' })).toBe(false);
  expect(codecsMatch(opus, { ...opus, sdpFmtpLine: 'minptime=10;useinbandfec=1;stereo=1' }, true)).toBe(true);
});

test('a format line on one side only is no match', () => {
  expect(codecsMatch(video('VP9', 'profile-id=0'), video('VP9'))).toBe(false);
  expect(codecsMatch(video('VP9'), video('VP9', 'profile-id=0'), true)).toBe(false);
});

test('lines that are no list of parameters are compared as they are', () => {
  const red = { mimeType: 'audio/red', clockRate: 48000, channels: 2 };
  expect(codecsMatch({ ...red, sdpFmtpLine: '111/111' }, { ...red, sdpFmtpLine: '111/111' }, true)).toBe(true);
  expect(codecsMatch({ ...red, sdpFmtpLine: '111/111' }, { ...red, sdpFmtpLine: '111/63' }, true)).toBe(false);
  expect(parseFormat('0-15')).toBeNull();
});

test('H.264: profile and packetization mode are symmetrical, the level is not', () => {
  const first = video('H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f');
  const level = video('H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42E034');
  const mode = video('H264', 'level-asymmetry-allowed=1;profile-level-id=42e01f');
  const profile = video('H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f');
  // The same profile, written in another way.
  const extended = video('H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=58c01f');
  expect(codecsMatch(first, level)).toBe(false);
  expect(codecsMatch(first, level, true)).toBe(true);
  expect(codecsMatch(first, mode, true)).toBe(false);
  expect(codecsMatch(first, profile, true)).toBe(false);
  expect(codecsMatch(first, extended, true)).toBe(true);
  expect(
    codecsMatch(mode, video('H264', 'packetization-mode=0;profile-level-id=42e01f;level-asymmetry-allowed=1')),
  ).toBe(true);
});

test('profiles of H.264', () => {
  expect(['42e01f', '42c015', '4d801f', '42001f', '4d001f', '640c1f', '64001f', 'f4001f'].map(h264Profile)).toEqual([
    'constrained-baseline',
    'constrained-baseline',
    'constrained-baseline',
    'baseline',
    'main',
    'constrained-high',
    'high',
    'predictive-high-4:4:4',
  ]);
  expect(['', '42e01', '42e01g', '42e01f0', '7a001f'].map(h264Profile)).toEqual([null, null, null, null, null]);
});

test('VP9: the profile is symmetrical; AV1: nothing is', () => {
  expect(codecsMatch(video('VP9', 'profile-id=0'), video('VP9', 'profile-id=2'), true)).toBe(false);
  expect(codecsMatch(video('VP9', 'profile-id=0'), video('VP9', 'x-other=1'), true)).toBe(true);
  expect(codecsMatch(video('AV1', 'profile=0'), video('AV1', 'profile=1;tier=1'), true)).toBe(true);
  expect(codecsMatch(video('AV1', 'profile=0'), video('AV1', 'level-idx=5;tier=0'))).toBe(true);
  expect(codecsMatch(video('AV1', 'profile=0'), video('AV1', 'profile=1'))).toBe(false);
});

test('what is no media by itself', () => {
  const names = ['video/rtx', 'audio/red', 'video/ULPFEC', 'video/flexfec-03', 'audio/CN'];
  expect(names.every((mimeType) => isResilienceCodec({ mimeType, clockRate: 1 }))).toBe(true);
  expect(isResilienceCodec(opus)).toBe(false);
});
