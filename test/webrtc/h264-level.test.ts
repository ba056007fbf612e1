import { mostMacroblocks } from '../../lib/webrtc/h264-level';

describe('mostMacroblocks', () => {
  test.each([
    ['42e00a', undefined, 49], // 1,485 a second, at 30 pictures a second
    ['42e00b', undefined, 100],
    ['42f00b', undefined, 49], // level 1b
    ['42e014', undefined, 396],
    ['42e015', undefined, 660],
    ['42e015', 10, 792],
    ['42e01e', undefined, 1350],
    ['42e01e', 25, 1620],
    ['42e01e', 60, 1350],
  ])('of %s at %p pictures a second are %p', (profileLevelId, maxFramerate, macroblocks) => {
    expect(mostMacroblocks(profileLevelId, maxFramerate)).toBe(macroblocks);
  });

  test.each(['42e01f', '640034', '42e0ff', 'nonsense', ''])('%p limits nothing', (profileLevelId) => {
    expect(mostMacroblocks(profileLevelId, undefined)).toBe(0);
  });
});
