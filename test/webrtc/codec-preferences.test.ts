import type { RtpCodec } from '../../lib/jsep/rtp-types';
import { checkCodecPreferences } from '../../lib/webrtc/codec-preferences';
import { capabilitiesFor } from '../../lib/webrtc/rtp-capabilities';

const codecs = (kind: 'audio' | 'video'): RtpCodec[] => capabilitiesFor(kind, 'receive')?.codecs ?? [];
const vp8: RtpCodec = { mimeType: 'video/VP8', clockRate: 90000 };
const rtx: RtpCodec = { mimeType: 'video/rtx', clockRate: 90000 };
const invalidModification = expect.objectContaining({ name: 'InvalidModificationError' }) as Error;

test('any order of what there is', () => {
  const reversed = codecs('video').reverse();
  expect(checkCodecPreferences('video', reversed)).toEqual(reversed);
  expect(checkCodecPreferences('audio', [])).toEqual([]);
});

test('of the same codec the first counts', () => {
  const lower = { ...vp8, mimeType: 'video/vp8' };
  expect(checkCodecPreferences('video', [rtx, lower, vp8, rtx])).toEqual([rtx, lower]);
});

test.each<[string, RtpCodec[]]>([
  ['an unknown codec', [vp8, { mimeType: 'video/unknown', clockRate: 90000 }]],
  ['one of the other kind', codecs('audio')],
  ['another clock rate', [{ ...vp8, clockRate: 48000 }]],
  ['channels', [{ ...vp8, channels: 1 }]],
  ['another format', [{ mimeType: 'video/VP9', clockRate: 90000, sdpFmtpLine: 'profile-id=1' }]],
  ['a format left out', [{ mimeType: 'video/VP9', clockRate: 90000 }]],
  ['retransmissions alone', [rtx]],
])('%s is an InvalidModificationError', (_, given) => {
  expect(() => checkCodecPreferences('video', given)).toThrow(invalidModification);
});

test('redundancy and comfort noise alone are nothing to talk with', () => {
  const only = codecs('audio').filter(({ mimeType }) => /red|CN/.test(mimeType));
  expect(only).toHaveLength(2);
  expect(() => checkCodecPreferences('audio', only)).toThrow(invalidModification);
});
