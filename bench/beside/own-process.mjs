/** A party of ours in a process of its own, which obeys bench/beside-chromium.mjs. */
import { createRequire } from 'node:module';
import { obey } from '../commanded.mjs';
import { Party } from './party.cjs';

const { RTCPeerConnection, RTCRtpSender, mediaDevices, nonstandard } = createRequire(import.meta.url)(process.argv[2]);
const ends = [];
const media = {
  RTCPeerConnection,
  videoCodecs: () => RTCRtpSender.getCapabilities('video').codecs,
  async openTracks({ paint, width, height, framesPerSecond }) {
    const [audio] = (await mediaDevices.getUserMedia({ audio: true })).getTracks();
    const source = new nonstandard.RTCVideoSource();
    const rgba = { width, height, data: new Uint8ClampedArray(width * height * 4) };
    const i420 = { width, height, data: new Uint8ClampedArray((width * height * 3) / 2) };
    const begun = performance.now();
    const timer = setInterval(() => {
      paint(rgba.data, (performance.now() - begun) / 1000);
      nonstandard.rgbaToI420(rgba, i420);
      source.onFrame(i420);
    }, 1000 / framesPerSecond);
    ends.push(
      () => clearInterval(timer),
      () => audio.stop(),
    );
    return [audio, source.createTrack()];
  },
  play(track) {
    const sink = track.kind === 'video' ? new nonstandard.RTCVideoSink(track) : new nonstandard.RTCAudioSink(track);
    sink[track.kind === 'video' ? 'onframe' : 'ondata'] = () => undefined;
    ends.push(() => sink.stop());
  },
  close: () => ends.forEach((end) => end()),
};

const party = new Party(media);
const names = ['offer', 'answer', 'accept', 'statistics', 'close'];
obey(Object.fromEntries(names.map((name) => [name, (argument) => party[name](argument)])));
