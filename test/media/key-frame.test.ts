import { hasNalUnitLengths, isKeyFrame } from '../../lib/media/key-frame';
import { clockRateOf, RtpTimeline } from '../../lib/media/rtp-timeline';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

describe('isKeyFrame()', () => {
  it.each([
    ['video/VP8', '50 42 00 9d 01 2a', true],
    ['video/VP8', '31 02 00', false],
    ['video/VP8', '', false],
    // frame_marker 2, profile 0, show_existing_frame 0, frame_type 0 | 1
    ['video/VP9', '82 49 83 42', true],
    ['video/VP9', '86 00 40', false],
    ['video/VP9', '88', false], // shows an existing frame
    ['video/VP9', 'b1 49 83 42', true], // profile 3 has one more bit
    ['video/VP9', '00', false],
    ['video/VP9', '', false],
    ['video/H264', '00 00 00 01 67 42 00 1f 00 00 00 01 68 ce 00 00 01 65 88', true],
    ['video/H264', '00 00 00 01 41 9a 00 00 01 06 05', false],
    ['video/h264', '00 00 01', false],
    // temporal delimiter, sequence header
    ['video/AV1', '12 00 0a 0b 00 00 00', true],
    ['video/AV1', '12 00 32 03 00 00 00', false],
    ['video/AV1', '30 0a', false], // the last one, without a size
    ['video/AV1', '32 ff ff ff ff', false], // a size beyond the end
    ['video/AV1', '', false],
    ['video/H265', '00 00 01 26', null],
    ['audio/opus', 'fc', null],
  ] as const)('%s %s: %p', (mimeType, hex, expected) => {
    expect(isKeyFrame(mimeType, octets(hex))).toBe(expected);
  });
});

describe('hasNalUnitLengths()', () => {
  it.each([
    ['00 00 00 02 09 f0 00 00 00 03 65 88 84', true],
    ['00 00 00 02 09 f0 00 00 00 04 65 88 84', false],
    ['00 00 00 01 09 f0', false],
    ['00 00 01 65 88', false],
    ['65 88 84', false],
  ])('%s: %p', (hex, expected) => {
    expect(hasNalUnitLengths(octets(hex))).toBe(expected);
  });

  it('takes 00 00 01 for a start code, also where it could be the length of what follows', () => {
    expect(hasNalUnitLengths(Uint8Array.of(0, 0, 1, 0x41, ...new Array<number>(0x141).fill(0x88)))).toBe(false);
  });
});

describe('RtpTimeline', () => {
  it('goes on where timestamps wrap, and back with frames out of order', () => {
    const timeline = new RtpTimeline();
    const times = [0xffff_f000, 0xffff_f000 + 90_000 - 2 ** 32, 0xffff_f000 + 45_000 - 2 ** 32].map((rtp) =>
      timeline.microseconds(rtp, 90_000),
    );
    expect(times).toEqual([0, 1_000_000, 500_000]);
  });

  it('counts by the clock of the codec', () => {
    expect(['video/VP8', 'audio/opus', 'audio/PCMU', 'audio/G722'].map(clockRateOf)).toEqual([
      90_000, 48_000, 8000, 8000,
    ]);
  });
});
