import type { NativeRtpTransportStats } from '../../lib/binding/native-addon';
import { PlayoutTime } from '../../lib/webrtc/playout-time';

/** What transports tell that have played for so many seconds. */
function played(seconds: Record<string, number>): Map<string, NativeRtpTransportStats> {
  const receivers = [{ id: 1, streams: [{ totalSamplesDuration: 0 }] }];
  return new Map(
    Object.entries(seconds).map(([id, totalPlayoutDuration]) => [id, { totalPlayoutDuration, receivers } as never]),
  );
}

describe('PlayoutTime', () => {
  test('begins with the first sound, and stays', () => {
    const time = new PlayoutTime();
    const silent = new Map([['x', { totalPlayoutDuration: 0, receivers: [{ id: 1, streams: [{}] }] } as never]]);
    expect(time.update(new Map())).toBeNull();
    expect(time.update(silent)).toBeNull();
    expect(time.update(played({ x: 0 }))).toBe(0);
    expect(time.update(new Map())).toBe(0);
  });

  test('counts what transports play at once once, and goes on with those that are left', () => {
    const time = new PlayoutTime();
    expect(time.update(played({ x: 5 }))).toBe(5);
    expect(time.update(played({ x: 7, y: 2 }))).toBe(7);
    expect(time.update(played({ y: 3 }))).toBe(8);
  });

  test('goes on where the transport is another one of the same id', () => {
    const time = new PlayoutTime();
    expect(time.update(played({ x: 5 }))).toBe(5);
    expect(time.update(played({ x: 1 }))).toBe(6);
  });
});
