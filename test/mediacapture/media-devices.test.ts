import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DeviceRegistry, type Device } from '../../lib/mediacapture/device-registry';
import { fakeDevices } from '../../lib/mediacapture/fake-devices';
import { getUserMedia as exportedGetUserMedia, mediaDevices as exportedMediaDevices } from '../../lib/index';
import { CaptureController } from '../../lib/mediacapture/CaptureController';
import { DeviceChangeEvent } from '../../lib/mediacapture/DeviceChangeEvent';
import { InputDeviceInfo } from '../../lib/mediacapture/InputDeviceInfo';
import { MediaDevices } from '../../lib/mediacapture/MediaDevices';
import { OverconstrainedError } from '../../lib/mediacapture/OverconstrainedError';
import { constructionKey } from '../../lib/webidl';

function setUp(devices: readonly Device[] = fakeDevices()) {
  const registry = new DeviceRegistry(devices);
  return { registry, devices: registry.devices, mediaDevices: new MediaDevices(constructionKey, registry) };
}

const kinds = async (mediaDevices: MediaDevices) =>
  (await mediaDevices.enumerateDevices()).map(({ kind, deviceId }) => `${kind}:${deviceId}`);

describe('getUserMedia()', () => {
  it.each([[undefined], [{}], [{ audio: false }], [{ audio: false, video: false }]])(
    'rejects %j with a TypeError',
    async (constraints) => {
      await expect(setUp().mediaDevices.getUserMedia(constraints)).rejects.toThrow(
        new TypeError(`Failed to execute 'getUserMedia' on 'MediaDevices': Must specify at least "audio" or "video"`),
      );
    },
  );

  it('gives one live track of each kind that was asked for', async () => {
    const { mediaDevices } = setUp();
    const stream = await mediaDevices.getUserMedia({ audio: true, video: {} });
    expect(stream.active).toBe(true);
    expect(
      stream
        .getTracks()
        .map(({ kind, label, readyState, enabled, muted }) => [kind, label, readyState, enabled, muted]),
    ).toEqual([
      ['audio', 'Fake Microphone', 'live', true, false],
      ['video', 'Fake Camera', 'live', true, false],
    ]);
    expect((await mediaDevices.getUserMedia({ video: true })).getTracks()).toHaveLength(1);
  });

  it('ignores constraints for the other kind, required ones too', async () => {
    const { mediaDevices } = setUp();
    const stream = await mediaDevices.getUserMedia({
      audio: { width: { exact: 1e6 }, advanced: [{ height: 1 }] },
      video: { sampleRate: { min: 1e6 }, height: 720 },
    });
    const [audio, video] = stream.getTracks();
    expect([audio?.getConstraints(), video?.getConstraints()]).toEqual([{ advanced: [{}] }, { height: 720 }]);
  });

  it('rejects with an OverconstrainedError that names the constraint', async () => {
    const promise = setUp().mediaDevices.getUserMedia({ audio: true, video: { width: { exact: 1e6 } } });
    await expect(promise).rejects.toBeInstanceOf(OverconstrainedError);
    await expect(promise).rejects.toMatchObject({ name: 'OverconstrainedError', constraint: 'width', code: 0 });
  });

  it('rejects with a TypeError when a device is to be chosen by what cannot choose one', async () => {
    const { mediaDevices } = setUp();
    await expect(mediaDevices.getUserMedia({ video: { cursor: { exact: 'never' } } })).rejects.toThrow(TypeError);
    await expect(mediaDevices.getUserMedia({ video: { backgroundBlur: { exact: false } } })).rejects.toThrow(TypeError);
    await expect(mediaDevices.getUserMedia({ video: { cursor: 'never' } })).resolves.toBeDefined();
  });

  it('rejects with a NotFoundError when there is no such device', async () => {
    const { mediaDevices } = setUp(fakeDevices().filter((device) => device.kind !== 'audioinput'));
    await expect(mediaDevices.getUserMedia({ audio: true, video: true })).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });

  it('rejects as a promise what is no constraints', async () => {
    const { mediaDevices } = setUp();
    await expect(mediaDevices.getUserMedia(1 as never)).rejects.toThrow(TypeError);
    await expect(MediaDevices.prototype.getUserMedia.call({} as never, { audio: true })).rejects.toThrow(TypeError);
  });

  it('is exported by itself, too', async () => {
    const stream = await exportedGetUserMedia({ audio: true });
    expect(stream.getAudioTracks()).toHaveLength(1);
    expect(exportedMediaDevices).toBeInstanceOf(MediaDevices);
  });

  it('uses a device until the last track of it has ended', async () => {
    const { mediaDevices, registry, devices } = setUp();
    const camera = devices.find(({ label }) => label === 'Fake Camera')!;
    const one = (await mediaDevices.getUserMedia({ video: true })).getTracks()[0]!;
    const other = (await mediaDevices.getUserMedia({ video: true })).getTracks()[0]!;
    const clone = one.clone();
    expect(registry.sourcesInUse(camera)).toHaveLength(2);
    one.stop();
    other.stop();
    expect(registry.sourcesInUse(camera)).toHaveLength(1);
    clone.stop();
    expect(registry.sourcesInUse(camera)).toHaveLength(0);
  });

  it('lets go of a device when its tracks are lost without stop()', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { mediaDevices, registry, devices } = setUp();
    const camera = devices.find(({ label }) => label === 'Fake Camera')!;
    const kept = await mediaDevices.getUserMedia({ video: true });
    for (let round = 0; round < 20; round += 1) (await mediaDevices.getUserMedia({ video: true })).clone();
    // What a job has looked at through a WeakRef stays until the job is over.
    for (let round = 0; round < 10 && registry.sourcesInUse(camera).length > 1; round += 1) {
      await mediaDevices.enumerateDevices();
      collect();
    }
    expect(registry.sourcesInUse(camera)).toHaveLength(1);
    expect(kept.active).toBe(true);
  });

  it('uses no device when it fails', async () => {
    const { mediaDevices, registry, devices } = setUp();
    await expect(mediaDevices.getUserMedia({ audio: true, video: { width: { exact: 1e6 } } })).rejects.toBeInstanceOf(
      OverconstrainedError,
    );
    expect(devices.flatMap((device) => registry.sourcesInUse(device))).toEqual([]);
  });
});

describe('applyConstraints()', () => {
  const open = async (video: object = {}) => (await setUp().mediaDevices.getUserMedia({ video })).getVideoTracks()[0]!;

  it('changes settings and constraints', async () => {
    const track = await open({ width: 1280 });
    expect(track.getSettings()).toMatchObject({ width: 1280, height: 720, resizeMode: 'none' });
    await track.applyConstraints({ width: 320, height: { ideal: 180 } });
    expect(track.getSettings()).toMatchObject({ width: 320, height: 180, resizeMode: 'crop-and-scale' });
    expect(track.getConstraints()).toEqual({ width: 320, height: { ideal: 180 } });
    await track.applyConstraints();
    expect([track.getSettings(), track.getConstraints()]).toEqual([expect.objectContaining({ width: 640 }), {}]);
  });

  it('changes nothing when it fails', async () => {
    const track = await open({ width: 1280 });
    await expect(track.applyConstraints({ deviceId: { exact: 'fake-rear-camera' } })).rejects.toMatchObject({
      name: 'OverconstrainedError',
      constraint: 'deviceId',
    });
    await expect(track.applyConstraints({ sampleRate: { exact: 48_000 } })).rejects.toMatchObject({
      constraint: 'sampleRate',
    });
    expect(track.getSettings()).toMatchObject({ deviceId: 'fake-camera', width: 1280 });
    expect(track.getConstraints()).toEqual({ width: 1280 });
  });

  it('takes effect in the order of the calls', async () => {
    const track = await open();
    const failing = track.applyConstraints({ width: { exact: 1e6 } });
    const [first, second] = [track.applyConstraints({ width: 1280 }), track.applyConstraints({ width: 320 })];
    await expect(failing).rejects.toBeInstanceOf(OverconstrainedError);
    await first;
    expect(track.getSettings().width).toBe(1280);
    await second;
    expect(track.getSettings().width).toBe(320);
  });

  it('does nothing to an ended track, and nothing to a clone', async () => {
    const track = await open({ width: 1280 });
    const clone = track.clone();
    track.stop();
    await track.applyConstraints({ width: { exact: 1e6 } });
    expect(Object.keys(track.getSettings()).sort()).toEqual(['deviceId', 'facingMode', 'groupId']);
    await clone.applyConstraints({ width: 320 });
    expect([track.getConstraints(), clone.getConstraints()]).toEqual([{ width: 1280 }, { width: 320 }]);
  });

  it('keeps what it returns to itself', async () => {
    const track = await open({ advanced: [{ width: 1280 }] });
    track.getConstraints().advanced!.length = 0;
    track.getSettings().width = 1;
    track.getCapabilities().width = { max: 1 };
    expect(track.getConstraints()).toEqual({ advanced: [{ width: 1280 }] });
    expect(track.getSettings().width).toBe(1280);
    expect(track.getCapabilities().width).toEqual({ min: 1, max: 1920 });
  });
});

describe('enumerateDevices()', () => {
  it('tells only what there is until something was captured', async () => {
    const { mediaDevices } = setUp();
    const before = await mediaDevices.enumerateDevices();
    expect(before.map((device) => device.toJSON() as unknown)).toEqual([
      { deviceId: '', kind: 'audioinput', label: '', groupId: '' },
      { deviceId: '', kind: 'videoinput', label: '', groupId: '' },
    ]);
    expect((before[0] as InputDeviceInfo).getCapabilities()).toEqual({});
    await expect(mediaDevices.getUserMedia({ video: { width: { exact: 1e6 } } })).rejects.toBeInstanceOf(
      OverconstrainedError,
    );
    expect(await kinds(mediaDevices)).toEqual(['audioinput:', 'videoinput:']);
    await mediaDevices.getUserMedia({ video: true });
    expect(await kinds(mediaDevices)).toEqual(['audioinput:', 'videoinput:fake-camera', 'videoinput:fake-rear-camera']);
    await mediaDevices.getUserMedia({ audio: true });
    expect(await kinds(mediaDevices)).toEqual([
      'audioinput:fake-microphone',
      'audioinput:fake-headset-microphone',
      'videoinput:fake-camera',
      'videoinput:fake-rear-camera',
      'audiooutput:default',
      'audiooutput:fake-headset',
    ]);
  });

  it('gives devices as their tracks are', async () => {
    const { mediaDevices } = setUp();
    await mediaDevices.getUserMedia({ audio: true, video: true });
    for (const device of await mediaDevices.enumerateDevices()) {
      expect(device instanceof InputDeviceInfo).toBe(device.kind !== 'audiooutput');
      if (!(device instanceof InputDeviceInfo)) continue;
      const kind = device.kind === 'audioinput' ? 'audio' : 'video';
      const stream = await mediaDevices.getUserMedia({ [kind]: { deviceId: { exact: device.deviceId } } });
      const [track] = stream.getTracks();
      expect(track?.label).toBe(device.label);
      expect(track?.getSettings()).toMatchObject({ deviceId: device.deviceId, groupId: device.groupId });
      expect(track?.getCapabilities()).toEqual(device.getCapabilities());
      expect(Object.keys(track!.getSettings())).toEqual(Object.keys(device.getCapabilities()));
    }
  });

  it('groups the devices that belong together', async () => {
    const { mediaDevices } = setUp();
    await mediaDevices.getUserMedia({ audio: true, video: true });
    const groups = new Map((await mediaDevices.enumerateDevices()).map(({ label, groupId }) => [label, groupId]));
    expect(groups.get('Fake Camera')).toBe(groups.get('Fake Microphone'));
    expect(groups.get('Fake Headset')).toBe(groups.get('Fake Headset Microphone'));
    expect(new Set(groups.values()).size).toBe(3);
  });
});

describe('devicechange', () => {
  const newCamera = (): Device => ({
    ...fakeDevices().find((device) => device.kind === 'videoinput')!,
    deviceId: 'new',
    label: 'New',
  });
  const nextChange = (mediaDevices: MediaDevices) =>
    new Promise<DeviceChangeEvent>((resolve) => {
      mediaDevices.ondevicechange = resolve;
    });

  it('tells the list, and what came', async () => {
    const { mediaDevices, registry } = setUp();
    await mediaDevices.getUserMedia({ video: true });
    const change = nextChange(mediaDevices);
    registry.connect(newCamera());
    const { devices, userInsertedDevices } = await change;
    expect(devices.map(({ deviceId }) => deviceId)).toEqual(['', 'fake-camera', 'fake-rear-camera', 'new']);
    expect(userInsertedDevices).toEqual([devices[3]]);
    expect([Object.isFrozen(devices), Object.isFrozen(userInsertedDevices)]).toEqual([true, true]);
  });

  it('is not fired for what may not be told', async () => {
    const { mediaDevices, registry } = setUp();
    const types: string[] = [];
    mediaDevices.ondevicechange = (event: Event) => types.push(event.type);
    registry.connect(newCamera());
    await mediaDevices.enumerateDevices();
    expect(types).toEqual([]);
    await mediaDevices.getUserMedia({ video: true });
    expect(await kinds(mediaDevices)).toContain('videoinput:new');
  });

  it('comes with the end of the tracks of a device that is gone', async () => {
    const { mediaDevices, registry, devices } = setUp();
    const camera = devices.find(({ label }) => label === 'Fake Camera')!;
    const [track] = (await mediaDevices.getUserMedia({ video: true })).getTracks();
    const clone = track!.clone();
    const events: string[] = [];
    track!.onended = () => events.push('track');
    clone.onended = () => events.push('clone');
    const change = nextChange(mediaDevices);
    registry.disconnect(camera);
    expect(track?.readyState).toBe('live');
    expect((await change).userInsertedDevices).toEqual([]);
    await mediaDevices.enumerateDevices();
    expect([track?.readyState, clone.readyState, events]).toEqual(['ended', 'ended', ['track', 'clone']]);
    expect(registry.sourcesInUse(camera)).toHaveLength(0);
    const stream = await mediaDevices.getUserMedia({ video: { deviceId: camera.deviceId } });
    expect(stream.getTracks()[0]?.label).toBe('Fake Rear Camera');
  });

  it('has events that scripts can make', () => {
    expect(new DeviceChangeEvent('x')).toMatchObject({ type: 'x', devices: [], userInsertedDevices: [] });
    expect(() => new DeviceChangeEvent('x', { devices: [{}] as never })).toThrow(TypeError);
  });
});

describe('getDisplayMedia()', () => {
  it.each([[undefined], [{}], [{ video: true }], [{ video: {}, audio: false }]])(
    'gives video for %j',
    async (options) => {
      const stream = await setUp().mediaDevices.getDisplayMedia(options);
      expect(stream.getTracks().map(({ kind, label }) => [kind, label])).toEqual([['video', 'Fake Monitor']]);
      expect(stream.getTracks()[0]?.getSettings()).toMatchObject({
        width: 1920,
        height: 1080,
        frameRate: 30,
        resizeMode: 'none',
        displaySurface: 'monitor',
        logicalSurface: false,
        cursor: 'never',
        screenPixelRatio: 1,
      });
    },
  );

  it('gives audio when it is asked for', async () => {
    const stream = await setUp().mediaDevices.getDisplayMedia({ audio: { suppressLocalAudioPlayback: true } });
    expect(stream.getTracks().map(({ kind }) => kind)).toEqual(['video', 'audio']);
    expect(stream.getAudioTracks()[0]?.getSettings()).toMatchObject({
      suppressLocalAudioPlayback: true,
      restrictOwnAudio: false,
    });
  });

  it.each([
    [{ video: false }],
    [{ video: { advanced: [{}] } }],
    [{ video: { width: { min: 1 } } }],
    [{ video: { frameRate: { exact: 30 } } }],
    [{ audio: { restrictOwnAudio: { exact: true } } }],
  ])('rejects %j with a TypeError', async (options) => {
    await expect(setUp().mediaDevices.getDisplayMedia(options)).rejects.toThrow(TypeError);
  });

  it.each([
    ['width', { width: { max: 0 } }],
    ['frameRate', { frameRate: { max: 0.5 } }],
    ['aspectRatio', { aspectRatio: { max: 1 } }],
  ])('rejects a %s that cannot be', async (constraint, video) => {
    await expect(setUp().mediaDevices.getDisplayMedia({ video })).rejects.toMatchObject({
      name: 'OverconstrainedError',
      constraint,
    });
  });

  it('scales down in proportion, and never crops', async () => {
    const stream = await setUp().mediaDevices.getDisplayMedia({ video: { width: 160 } });
    const [track] = stream.getTracks();
    expect(track?.getSettings()).toMatchObject({ width: 160, height: 90 });
    await track?.applyConstraints({ width: { max: 300 }, height: { max: 100 } });
    expect(track?.getSettings()).toMatchObject({ width: 178, height: 100 });
    await expect(track?.applyConstraints({ width: { exact: 300 }, height: { exact: 300 } })).rejects.toMatchObject({
      name: 'OverconstrainedError',
    });
    const { aspectRatio } = track!.getCapabilities();
    expect(aspectRatio?.min).toBe(aspectRatio?.max);
  });

  it.each([
    [{ video: { displaySurface: 'window' } }, 'Fake Window', { displaySurface: 'window', logicalSurface: true }],
    [{ video: { displaySurface: ['other', 'browser'] } }, 'Fake Browser Tab', { displaySurface: 'browser' }],
    [{ video: { displaySurface: 'other' } }, 'Fake Monitor', { displaySurface: 'monitor' }],
    [{ monitorTypeSurfaces: 'exclude' }, 'Fake Window', { displaySurface: 'window' }],
  ] as const)('follows the hints of %j', async (options, label, settings) => {
    const [track] = (await setUp().mediaDevices.getDisplayMedia(options as never)).getTracks();
    expect(track?.label).toBe(label);
    expect(track?.getSettings()).toMatchObject(settings);
  });

  it('rejects hints that contradict one another', async () => {
    const { mediaDevices } = setUp();
    await expect(
      mediaDevices.getDisplayMedia({ video: { displaySurface: 'monitor' }, monitorTypeSurfaces: 'exclude' }),
    ).rejects.toThrow(TypeError);
  });

  it('lets the focus behavior be set once, at once', async () => {
    const { mediaDevices } = setUp();
    const open = async () => {
      const controller = new CaptureController();
      const stream = await mediaDevices.getDisplayMedia({ controller, video: { displaySurface: 'window' } });
      return { controller, stream };
    };
    const invalid = expect.objectContaining({ name: 'InvalidStateError' }) as Error;
    const { controller } = await open();
    controller.setFocusBehavior('focus-captured-surface');
    expect(() => controller.setFocusBehavior('focus-captured-surface')).toThrow(invalid);
    const late = await open();
    await mediaDevices.enumerateDevices();
    expect(() => late.controller.setFocusBehavior('no-focus-change')).toThrow(invalid);
    const ended = await open();
    ended.stream.getTracks()[0]?.stop();
    expect(() => ended.controller.setFocusBehavior('no-focus-change')).toThrow(invalid);
  });

  it('takes a controller once', async () => {
    const { mediaDevices } = setUp();
    const controller = new CaptureController();
    controller.setFocusBehavior('no-focus-change');
    await mediaDevices.getDisplayMedia({ controller });
    expect(() => controller.setFocusBehavior('no-focus-change')).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' }) as Error,
    );
    await expect(mediaDevices.getDisplayMedia({ controller })).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(() => controller.setFocusBehavior('other' as never)).toThrow(TypeError);
  });
});

describe('getSupportedConstraints()', () => {
  it('has what settings can have', async () => {
    const { mediaDevices } = setUp();
    const supported = mediaDevices.getSupportedConstraints();
    const stream = await mediaDevices.getUserMedia({ audio: true, video: true });
    for (const track of stream.getTracks()) {
      for (const name of Object.keys(track.getSettings())) expect(supported).toHaveProperty(name, true);
    }
    expect(new Set(Object.values(supported))).toEqual(new Set([true]));
  });
});
