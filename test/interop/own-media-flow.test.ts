/** Media between two connections of ours in one process. */
import { mediaDevices, MediaStream, nonstandard, RTCPeerConnection } from '../../lib';
import { videoMeter, soundMeter, type SoundMeter, type VideoMeter } from '../support/media-meters';
import { packageRoot, runProgram } from '../support/package-process';
import { Studio, type StudioSettings } from '../support/studio';
import { testCard } from '../support/test-card';
import { flowSuite } from './flow-suite';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

type Track = ReturnType<InstanceType<typeof nonstandard.RTCVideoSource>['createTrack']>;

flowSuite({
  name: 'peerwire',
  start: null,
  spatialLayers: [
    { mimeType: 'video/vp9', mode: 'L3T3_KEY' },
    { mimeType: 'video/vp9', mode: 'S2T1' },
    { mimeType: 'video/av1', mode: 'L3T3' },
    { mimeType: 'video/av1', mode: 'S2T3' },
  ],
});

describe('two connections', () => {
  const card = testCard();
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  function pair(configuration: object = {}): [RTCPeerConnection, RTCPeerConnection] {
    const both = [new RTCPeerConnection(), new RTCPeerConnection(configuration as never)] as const;
    for (const [from, to] of [both, [both[1], both[0]]] as const) {
      from.onicecandidate = ({ candidate }: any) => void to.addIceCandidate(candidate).catch(() => {});
    }
    ends.push(() => both.forEach((pc) => pc.close()));
    return [both[0], both[1]];
  }

  async function negotiate(from: RTCPeerConnection, to: RTCPeerConnection): Promise<void> {
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription!);
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription!);
  }

  /** Card and sound as tracks; `stop()` ends both. */
  function studio(settings: StudioSettings = {}): {
    audio: Track;
    video: Track;
    stream: MediaStream;
    /** Resolves when so many more pictures have been drawn. */
    drawn(count: number): Promise<void>;
  } {
    const made = new Studio(settings);
    const [sound, pictures] = [new nonstandard.RTCAudioSource(), new nonstandard.RTCVideoSource()];
    made.takers.push({
      sound: ({ samples, sampleRate, channels }) => sound.onData({ samples, sampleRate, channelCount: channels }),
      picture: (picture) => pictures.onFrame(picture),
    });
    const [audio, video] = [sound.createTrack(), pictures.createTrack()];
    ends.push(() => {
      made.close();
      audio.stop();
      video.stop();
    });
    const drawn = (count: number) =>
      new Promise<void>((resolve) => {
        made.takers.push({ picture: () => void (--count === 0 && resolve()) });
      });
    return { audio, video, stream: new MediaStream([audio, video]), drawn };
  }

  function see(track: Track): VideoMeter {
    const meter = videoMeter(card);
    const sink = new nonstandard.RTCVideoSink(track);
    sink.onframe = ({ frame }) => meter.push(frame, performance.now());
    ends.push(() => sink.stop());
    return meter;
  }

  function hear(track: Track): SoundMeter {
    const meter = soundMeter();
    const sink = new nonstandard.RTCAudioSink(track);
    sink.ondata = ({ samples, sampleRate, channelCount, numberOfFrames }) =>
      meter.push(
        Float32Array.from({ length: numberOfFrames }, (_, at) => samples[at * channelCount]! / 32_768),
        sampleRate,
        performance.now(),
      );
    ends.push(() => sink.stop());
    return meter;
  }

  /** Resolves when the track has shown so many black pictures. */
  function shownBlack(track: Track, count: number): Promise<void> {
    const sink = new nonstandard.RTCVideoSink(track);
    ends.push(() => sink.stop());
    return new Promise((resolve) => {
      sink.onframe = ({ frame: { data, width, height } }) => {
        if (data.subarray(0, width * height).every((one) => one < 24) && --count === 0) resolve();
      };
    });
  }

  /** Card and sound from one to the other, which both have come. */
  async function call() {
    const [a, b] = pair();
    const { audio, video, stream } = studio();
    a.addTrack(audio, stream);
    a.addTrack(video, stream);
    await negotiate(a, b);
    const [pictures, sounds] = [see(trackOf(b, 'video')), hear(trackOf(b, 'audio'))];
    await expectGood(pictures);
    await expectTone(sounds, 440);
    const becomesSilent = () => sounds.until(() => sounds.sounds.slice(-3).every(({ level }) => level < 0.003), 8_000);
    return { a, b, audio, video, pictures, sounds, becomesSilent };
  }

  const trackOf = (pc: RTCPeerConnection, kind: string): Track =>
    pc.getReceivers().find(({ track }: any) => track.kind === kind)!.track as never;
  const happens = (target: any, type: string) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${type}`)), 8_000);
      target.addEventListener(type, (event: unknown) => {
        clearTimeout(timer);
        resolve(event);
      });
    });
  const rows = async (pc: any, type: string): Promise<any[]> =>
    [...(await pc.getStats()).values()].filter((row: any) => row.type === type);

  /** The last `count` pictures can be read, are near enough to what was sent, and in order. */
  const areGood =
    (meter: VideoMeter, count: number, width?: number, least = 30) =>
    () => {
      const last = meter.frames.slice(-count);
      return (
        last.length === count &&
        last.every(
          ({ number, psnr, hasColours, width: seen }, at) =>
            number !== null &&
            psnr > least &&
            hasColours &&
            (width === undefined || seen === width) &&
            (at === 0 || number > last[at - 1]!.number!),
        )
      );
    };
  const tell = (meter: VideoMeter) =>
    meter.frames.slice(-8).map((one) => `${one.number} ${one.psnr.toFixed(1)} dB ${one.width}x${one.height}`);
  async function expectGood(meter: VideoMeter, count = 15, width?: number, least?: number): Promise<void> {
    if (!(await meter.until(areGood(meter, count, width, least), 10_000))) {
      throw new Error(`of ${meter.frames.length} pictures the last were ${tell(meter).join(', ')}`);
    }
  }
  async function expectTone(meter: SoundMeter, hertz: number, tenths = 8): Promise<void> {
    const isTone = () => {
      const last = meter.sounds.slice(-tenths);
      return (
        last.length === tenths &&
        last.every((one) => one.isBeep || (Math.abs(one.hertz - hertz) <= 10 && one.purity > 0.6))
      );
    };
    if (!(await meter.until(isTone, 10_000))) {
      throw new Error(`heard ${JSON.stringify(meter.sounds.slice(-10))}`);
    }
  }

  it('replaces tracks without negotiation, also by those of another size', async () => {
    const [a, b] = pair();
    const [first, second] = [studio({ hertz: 440 }), studio({ hertz: 700, width: 480, height: 360 })];
    const [audio, video] = [a.addTrack(first.audio, first.stream), a.addTrack(first.video, first.stream)];
    await negotiate(a, b);
    const [pictures, sounds] = [see(trackOf(b, 'video')), hear(trackOf(b, 'audio'))];
    await expectGood(pictures, 15, 320);
    await expectTone(sounds, 440);
    await Promise.all([audio.replaceTrack(second.audio), video.replaceTrack(second.video)]);
    await expectGood(pictures, 15, 480);
    await expectTone(sounds, 700);
    await video.replaceTrack(null);
    const count = pictures.frames.length;
    await video.replaceTrack(first.video);
    await pictures.until(() => pictures.frames.length > count, 8_000);
    await expectGood(pictures, 15, 320);
  });

  it('mutes and unmutes with the direction, and media follows', async () => {
    const [a, b] = pair();
    const { video, stream, drawn } = studio();
    a.addTrack(video, stream);
    await negotiate(a, b);
    const track = trackOf(b, 'video');
    const pictures = see(track);
    await expectGood(pictures);
    expect(track.muted).toBe(false);
    const transceiver = a.getTransceivers()[0]!;
    const muted = happens(track, 'mute');
    transceiver.direction = 'inactive';
    await negotiate(a, b);
    await muted;
    expect(track.muted).toBe(true);
    await drawn(3);
    const unmuted = happens(track, 'unmute');
    const count = pictures.frames.length;
    transceiver.direction = 'sendonly';
    await negotiate(a, b);
    await unmuted;
    await pictures.until(() => pictures.frames.length > count + 15, 8_000);
    await expectGood(pictures);
    // What was drawn in between did not come.
    const gap = pictures.frames[count]!.number! - pictures.frames[count - 1]!.number!;
    expect(gap).toBeGreaterThan(3);
  });

  it('shows black and is silent while a track is disabled', async () => {
    const { b, audio, video, pictures, sounds, becomesSilent } = await call();
    const black = shownBlack(trackOf(b, 'video'), 1);
    video.enabled = false;
    audio.enabled = false;
    await black;
    expect(await becomesSilent()).toBe(true);
    video.enabled = true;
    audio.enabled = true;
    await expectGood(pictures);
    await expectTone(sounds, 440);
  });

  it('shows black and is silent when a track has ended, and goes on sending', async () => {
    const { a, b, audio, video, pictures, becomesSilent } = await call();
    const black = shownBlack(trackOf(b, 'video'), 2);
    for (const track of [audio, video]) track.stop();
    await black;
    const before = await rows(a, 'outbound-rtp');
    expect(await becomesSilent()).toBe(true);
    for (const track of [trackOf(b, 'audio'), trackOf(b, 'video')]) expect(track.muted).toBe(false);
    const isMore = async () => {
      const after = await rows(a, 'outbound-rtp');
      return after.every(({ packetsSent }, at) => packetsSent > before[at].packetsSent);
    };
    while (!(await isMore())) await pictures.until(() => false, 100);
  });

  it('sends three layers, each of which arrives', async () => {
    const [a, b] = pair({ receiveSimulcast: true });
    const { video, stream } = studio({ width: 640, height: 480 });
    a.addTransceiver(video, {
      direction: 'sendonly',
      streams: [stream],
      sendEncodings: [
        { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
        { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 400_000 },
        { rid: 'f', maxBitrate: 1_200_000 },
      ],
    } as never);
    await negotiate(a, b);
    const pictures = see(trackOf(b, 'video'));
    await pictures.until(() => pictures.frames.length > 10, 8_000);
    const widths = async () =>
      Object.fromEntries((await rows(a, 'outbound-rtp')).map(({ rid, frameWidth }) => [rid, frameWidth]));
    const received = async () => {
      const rids = new Map((await rows(a, 'outbound-rtp')).map(({ ssrc, rid }) => [ssrc, rid]));
      const layers = await rows(b, 'inbound-rtp');
      return Object.fromEntries(layers.map(({ ssrc, framesReceived }) => [rids.get(ssrc), framesReceived]));
    };
    const end = performance.now() + 12_000;
    for (;;) {
      const [sent, came] = [await widths(), await received()];
      const isThere = ['q', 'h', 'f'].every((rid) => came[rid] > 20) && sent['f'] === 640;
      if (isThere) break;
      if (performance.now() > end) throw new Error(`sent ${JSON.stringify(sent)}, received ${JSON.stringify(came)}`);
      await pictures.until(() => false, 100);
    }
    expect(await widths()).toEqual({ q: 160, h: 320, f: 640 });
    // The track shows one of them; what was scaled down is not quite what would have been drawn so small.
    await expectGood(pictures, 15, undefined, 20);
    expect(new Set(pictures.frames.slice(-15).map(({ width }) => width)).size).toBe(1);
  });

  it('scales, limits and stops an encoding by its parameters', async () => {
    const [a, b] = pair();
    const { video, stream } = studio({ width: 640, height: 480 });
    const sender = a.addTrack(video, stream);
    await negotiate(a, b);
    const pictures = see(trackOf(b, 'video'));
    await expectGood(pictures, 5, 640);
    const change = async (members: object) => {
      const parameters = sender.getParameters();
      Object.assign(parameters.encodings[0]!, members);
      await sender.setParameters(parameters);
    };
    await change({ scaleResolutionDownBy: 2 });
    await expectGood(pictures, 5, 320);
    await change({ maxFramerate: 5 });
    await pictures.until(() => {
      const last = pictures.frames.slice(-5);
      return last.at(-1)!.time - last[0]!.time > 700;
    }, 8_000);
    const last = pictures.frames.slice(-5);
    expect((4 * 1000) / (last.at(-1)!.time - last[0]!.time)).toBeLessThan(6);
    await change({ active: false });
    const count = () => pictures.frames.length;
    let before = -1;
    const stopped = await pictures
      .until(() => false, 1_200)
      .then(() => {
        before = count();
        return pictures.until(() => count() > before + 1, 700);
      });
    expect(stopped).toBe(false);
    await change({ active: true, maxFramerate: 30 });
    expect(await pictures.until(() => count() > before + 10, 8_000)).toBe(true);
    await expectGood(pictures, 5);
  });

  it('keeps two channels apart, where Opus is negotiated so', async () => {
    const [a, b] = pair();
    const { audio, stream } = studio({ channels: 2, hertz: 400 });
    a.addTrack(audio, stream);
    const stereo = ({ type, sdp }: { type: string; sdp: string }) =>
      ({ type, sdp: sdp.replace(/(a=fmtp:\d+ minptime=10;useinbandfec=1)/, '$1;stereo=1;sprop-stereo=1') }) as never;
    await a.setLocalDescription();
    await b.setRemoteDescription(stereo(a.localDescription!));
    await b.setLocalDescription();
    await a.setRemoteDescription(stereo(b.localDescription!));
    const meters = [soundMeter(), soundMeter()];
    const sink = new nonstandard.RTCAudioSink(trackOf(b, 'audio'));
    ends.push(() => sink.stop());
    const channels = new Set<number>();
    sink.ondata = ({ samples, sampleRate, channelCount, numberOfFrames }) => {
      channels.add(channelCount);
      for (const [channel, meter] of meters.entries()) {
        const one = Float32Array.from(
          { length: numberOfFrames },
          (_, at) => samples[at * channelCount + channel]! / 32_768,
        );
        if (channelCount === 2) meter.push(one, sampleRate, performance.now());
      }
    };
    await expectTone(meters[0]!, 400);
    await expectTone(meters[1]!, 600);
    expect(channels.has(2)).toBe(true);
  });

  it('relays what came into another connection, and clones of it', async () => {
    const [a, b] = pair();
    const [c, d] = pair();
    const { audio, video, stream } = studio();
    a.addTrack(audio, stream);
    a.addTrack(video, stream);
    await negotiate(a, b);
    const clone = trackOf(b, 'video').clone() as Track;
    c.addTrack(clone, stream);
    c.addTrack(trackOf(b, 'audio'), stream);
    await negotiate(c, d);
    const [pictures, own] = [see(trackOf(d, 'video')), see(trackOf(b, 'video'))];
    await expectGood(pictures);
    await expectTone(hear(trackOf(d, 'audio')), 440);
    // The clone is disabled by itself.
    clone.enabled = false;
    expect(await pictures.until(() => pictures.frames.at(-1)!.number === null, 5_000)).toBe(true);
    await expectGood(own);
    clone.enabled = true;
    await expectGood(pictures);
  });

  it('gives local tracks to sinks as they are', async () => {
    const { audio, video } = studio();
    const [pictures, sounds] = [see(video), hear(audio)];
    await expectGood(pictures, 10);
    expect(pictures.frames.slice(-10).every(({ psnr }) => psnr === 99)).toBe(true);
    await expectTone(sounds, 440);
  });

  it('sends tones of a telephone', async () => {
    const [a, b] = pair();
    const { audio, stream } = studio();
    const sender = a.addTrack(audio, stream);
    await negotiate(a, b);
    const sounds = hear(trackOf(b, 'audio'));
    await expectTone(sounds, 440);
    const tap = new (nonstandard as any).RTCRtpPacketTap(b.getReceivers()[0]);
    ends.push(() => tap.stop());
    const type = Number(/a=rtpmap:(\d+) telephone-event\/48000/.exec(b.localDescription!.sdp)![1]);
    /** Events by the timestamp of their packets: the code, and how long they last. */
    const events = new Map<number, { code: number; duration: number; isOver: boolean }>();
    tap.addEventListener('packet', ({ packet, kind }: { packet: Buffer; kind: string }) => {
      if (kind !== 'rtp' || (packet[1]! & 0x7f) !== type) return;
      const head = 12 + 4 * (packet[0]! & 15) + (packet[0]! & 16 ? 4 + 4 * packet.readUInt16BE(14) : 0);
      const [code, flags] = [packet[head]!, packet[head + 1]!];
      events.set(packet.readUInt32BE(4), { code, duration: packet.readUInt16BE(head + 2), isOver: flags >= 0x80 });
    });
    const changes: string[] = [];
    const dtmf = sender.dtmf!;
    const over = new Promise<void>((resolve) => {
      dtmf.ontonechange = ({ tone }: any) => {
        changes.push(tone);
        if (tone === '') resolve();
      };
    });
    dtmf.insertDTMF('159#', 100, 70);
    await over;
    expect(changes).toEqual(['1', '5', '9', '#', '']);
    await sounds.until(() => [...events.values()].filter(({ isOver }) => isOver).length === 4, 3_000);
    const received = [...events.values()];
    expect(received.map(({ code, isOver }) => [code, isOver])).toEqual([
      [1, true],
      [5, true],
      [9, true],
      [11, true],
    ]);
    for (const { duration } of received) expect(Math.abs(duration / 48 - 100)).toBeLessThanOrEqual(20);
    await expectTone(sounds, 440);
  });

  it('counts what flows', async () => {
    const [a, b] = pair();
    const { audio, video, stream } = studio();
    a.addTrack(audio, stream);
    a.addTrack(video, stream);
    await negotiate(a, b);
    const [pictures, sounds] = [see(trackOf(b, 'video')), hear(trackOf(b, 'audio'))];
    await expectGood(pictures, 25);
    await expectTone(sounds, 440);
    const first = { out: await rows(a, 'outbound-rtp'), in: await rows(b, 'inbound-rtp') };
    const count = pictures.frames.length;
    await pictures.until(() => pictures.frames.length > count + 10, 8_000);
    // Until the first reports of the receiver are back.
    const end = performance.now() + 8_000;
    let remote = await rows(a, 'remote-inbound-rtp');
    while (remote.length < 2 || remote.some(({ roundTripTime }) => roundTripTime === undefined)) {
      if (performance.now() > end) throw new Error(`no round trip time: ${JSON.stringify(remote)}`);
      await pictures.until(() => false, 100);
      remote = await rows(a, 'remote-inbound-rtp');
    }
    // The receiver first: what flows between the two reports has been sent in both.
    const received = await rows(b, 'inbound-rtp');
    const second = { in: received, out: await rows(a, 'outbound-rtp') };
    for (const kind of ['audio', 'video']) {
      const of = (list: any[]) => list.find((row) => row.kind === kind);
      expect(of(second.out).bytesSent).toBeGreaterThan(of(first.out).bytesSent);
      expect(of(second.out).packetsSent).toBeGreaterThan(of(first.out).packetsSent);
      expect(of(second.in).bytesReceived).toBeGreaterThan(of(first.in).bytesReceived);
      expect(of(second.in).packetsLost).toBe(0);
      expect(of(second.in).jitter).toBeGreaterThanOrEqual(0);
      expect(of(second.in).jitter).toBeLessThan(0.1);
      expect(of(second.in).jitterBufferEmittedCount).toBeGreaterThan(0);
      expect(of(remote)).toMatchObject({ packetsLost: 0 });
      expect(of(remote).roundTripTime).toBeGreaterThanOrEqual(0);
      expect(of(remote).roundTripTime).toBeLessThan(0.2);
    }
    const [sent, came] = [
      second.out.find(({ kind }) => kind === 'video'),
      second.in.find(({ kind }) => kind === 'video'),
    ];
    expect(sent).toMatchObject({ frameWidth: 320, frameHeight: 240 });
    expect(came).toMatchObject({ frameWidth: 320, frameHeight: 240 });
    expect(sent.framesEncoded).toBeGreaterThan(20);
    expect(sent.keyFramesEncoded).toBeGreaterThanOrEqual(1);
    expect(came.framesDecoded).toBeGreaterThan(20);
    expect(came.framesDecoded).toBeLessThanOrEqual(sent.framesEncoded);
    expect(came.keyFramesDecoded).toBeGreaterThanOrEqual(1);
    expect(came.framesPerSecond).toBeGreaterThan(5);
    const heard = second.in.find(({ kind }) => kind === 'audio');
    expect(heard.totalSamplesReceived).toBeGreaterThan(48_000);
    expect(heard.concealedSamples).toBeLessThan(0.1 * heard.totalSamplesReceived);
    expect(heard.audioLevel).toBeGreaterThan(0.05);
    const sources = await rows(a, 'media-source');
    expect(sources.map(({ kind }) => kind).sort()).toEqual(['audio', 'video']);
    expect(sources.find(({ kind }) => kind === 'video')).toMatchObject({ width: 320, height: 240 });
    const [transport] = await rows(b, 'transport');
    expect(transport.bytesReceived).toBeGreaterThan(came.bytesReceived);
  });

  it('sees and hears devices, flash and beep together', async () => {
    const [a, b] = pair();
    const stream = await mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } } as never);
    for (const track of stream.getTracks()) {
      a.addTrack(track, stream);
      ends.push(() => track.stop());
    }
    await negotiate(a, b);
    const [pictures, sounds] = [see(trackOf(b, 'video')), hear(trackOf(b, 'audio'))];
    const differences = () =>
      pictures.flashes().flatMap((flash) => {
        const beep = sounds.beeps.find((one) => Math.abs(one - flash) < 450);
        return beep === undefined ? [] : [Math.round(flash - beep)];
      });
    const areTogether = () => {
      const last = differences().slice(-3);
      return last.length === 3 && last.every((one) => Math.abs(one) <= 45);
    };
    if (!(await pictures.until(areTogether, 12_000))) {
      throw new Error(`flash after beep: ${differences().join(', ')} ms; ${tell(pictures).join(', ')}`);
    }
    if (process.env['PEERWIRE_TEST_TELL']) console.log('devices: flash after beep, ms', differences());
    const numbers = pictures.frames.slice(-30).map(({ number }) => number);
    expect(numbers.every((one, at) => one !== null && (at === 0 || one > numbers[at - 1]!))).toBe(true);
  });

  it('tells who was heard, and how loud', async () => {
    const [a, b] = pair();
    const { audio, stream } = studio();
    a.addTrack(audio, stream);
    await negotiate(a, b);
    const sounds = hear(trackOf(b, 'audio'));
    await expectTone(sounds, 440);
    const [source] = b.getReceivers()[0]!.getSynchronizationSources();
    const [sent] = await rows(a, 'outbound-rtp');
    expect(source).toMatchObject({ source: sent.ssrc });
    expect(source!.audioLevel).toBeGreaterThan(0.02);
    expect(source!.audioLevel).toBeLessThanOrEqual(1);
  });

  it('ends with the connection: no frame, and every remote track', async () => {
    const [a, b] = pair();
    const { audio, video, stream } = studio();
    a.addTrack(audio, stream);
    a.addTrack(video, stream);
    await negotiate(a, b);
    const [pictures, sounds] = [see(trackOf(b, 'video')), hear(trackOf(b, 'audio'))];
    await expectGood(pictures, 5);
    await expectTone(sounds, 440, 3);
    const tracks = b.getReceivers().map(({ track }: any) => track);
    const ended = Promise.all(tracks.map((track) => happens(track, 'ended')));
    b.close();
    await ended;
    const count = [pictures.frames.length, sounds.sounds.length];
    expect(tracks.map(({ readyState }: any) => readyState)).toEqual(['ended', 'ended']);
    await pictures.until(() => false, 300);
    expect([pictures.frames.length, sounds.sounds.length]).toEqual(count);
    expect([audio.readyState, video.readyState]).toEqual(['live', 'live']);
  });

  const isBuilt = existsSync(join(packageRoot, 'dist/index.js'));
  if (!isBuilt)
    console.log('own-media-flow.test.ts: programs are skipped: the package is not built (npm run build:all)');
  (isBuilt ? it : it.skip)('lets a program end that closes its connections, whatever goes on', async () => {
    const result = await runProgram(
      `
      const { nonstandard: { RTCVideoSource, RTCVideoSink, RTCAudioSource, RTCAudioSink }, mediaDevices } = require('peerwire');
      const a = new RTCPeerConnection(), b = new RTCPeerConnection();
      const stream = await mediaDevices.getUserMedia({ audio: true, video: true });
      for (const track of stream.getTracks()) a.addTrack(track, stream);
      let sinks = 0;
      const frames = new Promise((done) => {
        b.ontrack = ({ track }) => {
          const sink = track.kind === 'video' ? new RTCVideoSink(track) : new RTCAudioSink(track);
          sink.onframe = sink.ondata = () => { if (++sinks === 60) done(); };
        };
      });
      new RTCAudioSource(); new RTCVideoSource().createTrack();
      await join(a, b);
      await frames;
      a.close(); b.close();
      console.log('closed');
    `,
      15_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stdout: expect.stringContaining('closed') });
  });
});
