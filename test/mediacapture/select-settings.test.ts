import { fakeDevices } from '../../lib/mediacapture/fake-devices';
import { selectSettings } from '../../lib/mediacapture/select-settings';
import { type MediaTrackConstraints, toMediaTrackConstraints } from '../../lib/webidl/generated/dictionaries';

const ways = (kind: 'audioinput' | 'videoinput') =>
  fakeDevices().flatMap((device) => (device.kind === kind ? device.configurations : []));
const cameras = ways('videoinput');
const microphones = ways('audioinput');

const select = (constraints: unknown, kind: 'audio' | 'video' = 'video') =>
  selectSettings(
    kind === 'video' ? cameras : microphones,
    toMediaTrackConstraints(constraints, 'test') as MediaTrackConstraints,
    kind,
  );

/** Settings as `device width×height@rate mode`. */
function chosen(constraints: unknown): string {
  const selection = select(constraints);
  if ('failedConstraint' in selection) return `failed: ${selection.failedConstraint}`;
  const { deviceId, width, height, frameRate, resizeMode } = selection.settings;
  return `${String(deviceId)} ${String(width)}x${String(height)}@${String(frameRate)} ${String(resizeMode)}`;
}

describe('SelectSettings for video', () => {
  it.each<[string, unknown, string]>([
    ['nothing', {}, 'fake-camera 640x480@30 none'],
    ['an ideal width', { width: 1280 }, 'fake-camera 1280x720@30 none'],
    ['an ideal width that is native to no mode', { width: 1000 }, 'fake-camera 1000x563@30 crop-and-scale'],
    ['an ideal width beyond all modes', { width: 10_000 }, 'fake-rear-camera 3840x2160@30 none'],
    ['an ideal shape', { width: 320, height: 180 }, 'fake-camera 320x180@30 crop-and-scale'],
    [
      'an ideal shape as { ideal }',
      { width: { ideal: 320 }, height: { ideal: 180 } },
      'fake-camera 320x180@30 crop-and-scale',
    ],
    [
      'the nearer of two bad shapes',
      { width: 640, height: 360, resizeMode: { exact: 'none' } },
      'fake-camera 640x360@30 none',
    ],
    ['a minimum', { width: { min: 800 } }, 'fake-camera 1280x720@30 none'],
    ['a maximum', { width: { max: 500 } }, 'fake-camera 320x240@30 none'],
    ['a maximum below all modes', { height: { max: 120 } }, 'fake-camera 160x120@30 crop-and-scale'],
    ['an exact width', { width: { exact: 333 } }, 'fake-camera 333x250@30 crop-and-scale'],
    ['exact 1 by 1', { width: { exact: 1 }, height: { exact: 1 } }, 'fake-camera 1x1@30 crop-and-scale'],
    [
      'a range with an ideal outside of it',
      { width: { min: 600, max: 800, ideal: 1920 } },
      'fake-camera 800x450@30 crop-and-scale',
    ],
    ['a frame rate', { frameRate: 15 }, 'fake-camera 640x480@15 none'],
    ['a frame rate that only one mode has', { frameRate: { exact: 60 } }, 'fake-camera 1280x720@60 none'],
    ['a frame rate that needs decimation', { frameRate: { exact: 7 } }, 'fake-camera 640x480@7 crop-and-scale'],
    ['a frame rate below one', { frameRate: { max: 0.5 } }, 'fake-camera 640x480@0.5 crop-and-scale'],
    ['an aspect ratio', { aspectRatio: 16 / 9 }, 'fake-camera 640x360@30 none'],
    ['an exact aspect ratio, to the pixel', { aspectRatio: { exact: 1.7778 } }, 'fake-camera 640x360@30 none'],
    [
      'an aspect ratio with a height',
      { aspectRatio: { exact: 1 }, height: 400 },
      'fake-camera 400x400@30 crop-and-scale',
    ],
    [
      'an aspect ratio range',
      { aspectRatio: { min: 2, max: 3 }, width: { exact: 600 } },
      'fake-camera 600x300@30 crop-and-scale',
    ],
    ['a facing mode', { facingMode: 'environment' }, 'fake-rear-camera 640x480@30 none'],
    [
      'one of some facing modes',
      { facingMode: { exact: ['left', 'environment'] } },
      'fake-rear-camera 640x480@30 none',
    ],
    ['a facing mode that nobody has, ideally', { facingMode: 'left' }, 'fake-camera 640x480@30 none'],
    ['an empty list', { facingMode: { exact: [] } }, 'fake-camera 640x480@30 none'],
    ['a device', { deviceId: { exact: 'fake-rear-camera' } }, 'fake-rear-camera 640x480@30 none'],
    ['a mode', { resizeMode: 'crop-and-scale' }, 'fake-camera 640x480@30 crop-and-scale'],
    ['a property of audio only', { sampleRate: 8000, echoCancellation: true }, 'fake-camera 640x480@30 none'],
    ['a hint about displays', { displaySurface: { exact: 'window' } }, 'fake-camera 640x480@30 none'],
  ])('takes %s', (_, constraints, expected) => {
    expect(chosen(constraints)).toBe(expected);
  });

  it.each<[string, unknown, string]>([
    [
      'the first set that can be met',
      { advanced: [{ width: 5000 }, { width: 1920 }] },
      'fake-camera 1920x1080@30 none',
    ],
    [
      'earlier sets before later ones',
      { advanced: [{ width: 1280 }, { width: 1920 }] },
      'fake-camera 1280x720@30 none',
    ],
    ['bare values as exact ones', { advanced: [{ width: 100, height: 7 }] }, 'fake-camera 100x7@30 crop-and-scale'],
    ['a set as a whole or not at all', { advanced: [{ width: 1920, frameRate: 60 }] }, 'fake-camera 640x480@30 none'],
    [
      'several sets together',
      { advanced: [{ facingMode: 'environment' }, { height: { min: 2000 } }] },
      'fake-rear-camera 3840x2160@30 none',
    ],
    [
      'sets after required constraints',
      { width: { max: 700 }, advanced: [{ width: 1280 }] },
      'fake-camera 640x480@30 none',
    ],
    [
      'sets before ideal values',
      { width: 640, advanced: [{ width: { min: 1000 } }] },
      'fake-camera 1000x563@30 crop-and-scale',
    ],
    [
      'a set with an aspect ratio that is left possible',
      { width: { exact: 300 }, advanced: [{ aspectRatio: 1 }] },
      'fake-camera 300x300@30 crop-and-scale',
    ],
    [
      'the example of the specification',
      {
        width: { min: 640, ideal: 1280 },
        height: { min: 480, ideal: 720 },
        frameRate: { min: 30 },
        advanced: [
          { width: 1920, height: 1280 },
          { aspectRatio: 4 / 3 },
          { frameRate: { min: 50 } },
          { frameRate: { min: 40 } },
        ],
      },
      // Nobody has 1920 by 1280 in one mode but the rear camera: by cropping 3840 by 2160.
      'fake-rear-camera 1920x1280@30 crop-and-scale',
    ],
  ])('takes of advanced constraints %s', (_, constraints, expected) => {
    expect(chosen(constraints)).toBe(expected);
  });

  it.each<[string, unknown, string]>([
    ['a width that nobody has', { width: { min: 100_000_000 }, height: 480 }, 'width'],
    ['a device that does not exist', { deviceId: { exact: 'other' } }, 'deviceId'],
    ['an unknown facing mode', { facingMode: { exact: '' } }, 'facingMode'],
    ['a minimum above the maximum', { height: { min: 100, max: 10 } }, 'height'],
    ['no frames at all', { frameRate: { max: 0 } }, 'frameRate'],
    ['a property that no camera has', { cursor: { exact: 'never' } }, 'cursor'],
    ['one of audio only', { sampleRate: { exact: 48_000 } }, 'sampleRate'],
    ['what only cropping could do', { width: { exact: 639 }, resizeMode: { exact: 'none' } }, 'width'],
    ['what only another device could do', { facingMode: { exact: 'user' }, height: { min: 2160 } }, 'height'],
    [
      'an aspect ratio that shapes rule out',
      { width: { exact: 640 }, height: { exact: 480 }, aspectRatio: { exact: 2 } },
      'aspectRatio',
    ],
    ['an identifier of more than 500 characters', { groupId: 'x'.repeat(501) }, 'groupId'],
  ])('names %s', (_, constraints, name) => {
    expect(select(constraints)).toEqual({ failedConstraint: name });
  });

  it('computes the fitness distance of the specification', () => {
    const distance = (constraints: unknown) => {
      const selection = select(constraints);
      return 'failedConstraint' in selection ? Infinity : selection.fitnessDistance;
    };
    expect(distance({ width: 640 })).toBe(0);
    expect(distance({ width: 7680 })).toBeCloseTo(0.5);
    expect(distance({ width: 7680, height: { ideal: 4320 }, facingMode: 'left' })).toBeCloseTo(2);
    expect(distance({ frameRate: 120, width: { exact: 640 } })).toBeCloseTo(0.5);
  });
});

describe('SelectSettings for audio', () => {
  const settings = (constraints: unknown) => {
    const selection = select(constraints, 'audio');
    return 'failedConstraint' in selection ? selection : selection.settings;
  };

  it('takes the default microphone as the system would run it', () => {
    expect(settings({})).toMatchObject({
      deviceId: 'fake-microphone',
      sampleRate: 48_000,
      sampleSize: 16,
      channelCount: 1,
      echoCancellation: true,
      autoGainControl: true,
      noiseSuppression: true,
      latency: 0.01,
    });
  });

  it.each([
    [{ channelCount: 2 }, { deviceId: 'fake-microphone', channelCount: 2 }],
    [{ channelCount: 6 }, { channelCount: 2 }],
    [{ sampleRate: { max: 20_000 } }, { deviceId: 'fake-headset-microphone', sampleRate: 16_000 }],
    [
      { sampleRate: { max: 20_000 }, channelCount: 2 },
      { deviceId: 'fake-headset-microphone', channelCount: 1 },
    ],
    [{ echoCancellation: false }, { echoCancellation: false }],
    [{ echoCancellation: { exact: 'remote-only' } }, { echoCancellation: 'remote-only' }],
    [{ advanced: [{ noiseSuppression: false }] }, { noiseSuppression: false, autoGainControl: true }],
  ])('takes %j', (constraints, expected) => {
    expect(settings(constraints)).toMatchObject(expected);
  });

  it('names what cannot be', () => {
    expect(settings({ channelCount: { min: 3 } })).toEqual({ failedConstraint: 'channelCount' });
    expect(settings({ channelCount: { exact: 2 }, sampleRate: { exact: 16_000 } })).toEqual({
      failedConstraint: 'channelCount',
    });
    expect(settings({ echoCancellation: { exact: 'some' } })).toEqual({ failedConstraint: 'echoCancellation' });
  });
});
