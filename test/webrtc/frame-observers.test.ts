import type { EncodedFrame } from '../../lib/media/encoded-frames';
import type { ObservedFrame } from '../../lib/media/encoded-source';
import { FrameObservers } from '../../lib/webrtc/encoded-transform/frame-observers';
import { videoFrame } from '../support/fake-tap';

/** What observers are shown of these frames, each with its token as its octet. */
function shownOf(...frames: Partial<EncodedFrame>[]): string[] {
  const shown: ObservedFrame[] = [];
  const observers = new FrameObservers();
  observers.add((frame) => shown.push(frame));
  frames.forEach((members, at) => {
    const { data, ...frame } = { ...videoFrame(at + 1), data: Uint8Array.of(at + 1).buffer, ...members };
    observers.show(frame, data);
  });
  for (const frame of shown) {
    expect(frame).not.toHaveProperty('endsPicture');
    expect(frame).not.toHaveProperty('isIndependent');
  }
  return shown.map(({ type, spatialIndex = 0, data }) => `${type} ${spatialIndex}: ${[...data].join()}`);
}

const layer = (rtpTimestamp: number, spatialIndex: number, members: Partial<EncodedFrame> = {}) => ({
  rtpTimestamp,
  spatialIndex,
  ...(spatialIndex < 2 && { endsPicture: false }),
  type: 'delta' as const,
  ...members,
});

test('pictures of one layer are shown as they come', () => {
  expect(shownOf({}, {})).toEqual(['key 0: 1', 'delta 0: 2']);
});

test('the spatial layers of a picture are shown as one frame', () => {
  expect(
    shownOf(layer(9, 0, { type: 'key' }), layer(9, 1), layer(9, 2), layer(18, 0), layer(18, 1), layer(18, 2)),
  ).toEqual(['key 2: 1,2,3', 'delta 2: 4,5,6']);
});

test('of layers that need no other the highest is shown', () => {
  const alone = { isIndependent: true };
  expect(shownOf(layer(9, 0), layer(9, 1, alone), layer(9, 2, alone))).toEqual(['delta 2: 3']);
});

test('a picture whose last layer never came is passed over', () => {
  expect(shownOf(layer(9, 0), layer(9, 1), layer(18, 0), layer(18, 1), layer(18, 2))).toEqual(['delta 2: 3,4,5']);
});

test('of streams that are begun without end the latest are remembered', () => {
  const begun = Array.from({ length: 100 }, (_, ssrc) => layer(9, 0, { ssrc }));
  const ended = [layer(9, 2, { ssrc: 0 }), layer(9, 2, { ssrc: 99 })];
  // Those of the first stream before its last layer are forgotten.
  expect(shownOf(...begun, ...ended)).toEqual(['delta 2: 101', 'delta 2: 100,102']);
});

test('streams are kept apart', () => {
  const other = { ssrc: 2 };
  expect(shownOf(layer(9, 0), layer(9, 0, other), layer(9, 1), layer(9, 2), layer(9, 2, other))).toEqual([
    'delta 2: 1,3,4',
    'delta 2: 2,5',
  ]);
});
