/** Compiled with nothing but lib.es2022: the declarations need neither lib.dom nor @types/node. */
import {
  AudioData,
  MediaStreamTrackProcessor,
  RTCDataChannel,
  RTCError,
  RTCIceCandidate,
  RTCPeerConnection,
  VideoFrame,
  VideoTrackGenerator,
  nonstandard,
} from '../../types/index.js';
import { RTCVideoSink } from '../../types/nonstandard.js';

const connection = new RTCPeerConnection({ iceServers: [{ urls: 'stun:stun.example.org' }], portRange: { min: 4000 } });
connection.onicecandidate = (event) => {
  const candidate: RTCIceCandidate | null = event.candidate;
  const type: string = event.type;
  void [candidate, type, event.target];
};
connection.addEventListener('datachannel', function (event) {
  const channel: RTCDataChannel = event.channel;
  channel.onmessage = ({ data }) => {
    void data;
  };
  void this.sctp?.transport.iceTransport.getSelectedCandidatePair()?.local.address;
});
connection.addEventListener('anything', { handleEvent: (event) => event.preventDefault() });

export async function offer(channel: RTCDataChannel): Promise<string> {
  channel.send('text');
  channel.send(new ArrayBuffer(1));
  channel.send(new Uint8Array(1));
  channel.send(new Uint8ClampedArray(1));
  channel.send(new DataView(new ArrayBuffer(1)));
  const description = await connection.createOffer({ iceRestart: true });
  description.sdp += 'a=x\r\n';
  await connection.setLocalDescription();
  for (const [id, entry] of await connection.getStats()) void [id, entry.type];
  await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });
  connection.ref().unref();
  return new RTCError({ errorDetail: 'sctp-failure' }).name;
}

export async function media(): Promise<void> {
  const source = new nonstandard.RTCVideoSource({ isScreencast: true });
  source.onFrame({ width: 2, height: 2, data: new Uint8ClampedArray(6) });
  const sink = new RTCVideoSink(source.createTrack());
  sink.onframe = ({ frame }) => frame.data.length + frame.rotation;
  const onFrame = ({ frame }: nonstandard.RTCVideoSinkEvent): number => frame.width;
  sink.addEventListener('frame', onFrame);
  sink.removeEventListener('frame', onFrame);
  new nonstandard.RTCAudioSource().onData({ samples: new Int16Array(80), sampleRate: 8000 });
  const stream = await nonstandard.openFile('a.wav', { loop: true });
  const [track = source.createTrack()] = stream.getTracks();
  const { readable } = new MediaStreamTrackProcessor({ track, maxBufferSize: 2 });
  await readable.pipeTo(new VideoTrackGenerator().writable);
  await new MediaStreamTrackProcessor(track).readable.cancel();
  const frame = new VideoFrame(new Uint8Array(4), { format: 'RGBA', codedWidth: 1, codedHeight: 1, timestamp: 0 });
  await frame.copyTo(new Uint8Array(frame.allocationSize({ format: 'BGRX' })), { format: 'BGRX' });
  new VideoFrame(frame, { alpha: 'discard' }).close();
  const samples = new Float32Array(1);
  const sound = { format: 'f32', sampleRate: 8000, numberOfFrames: 1, numberOfChannels: 1, timestamp: 0 } as const;
  new AudioData({ ...sound, data: samples }).copyTo(samples, { planeIndex: 0 });
}

export function listen(tap: nonstandard.RTCRtpPacketTap, udp: nonstandard.RTCIceUdpListener): void {
  const { receiver, sender } = connection.addTransceiver('video');
  const source = new nonstandard.RTCEncodedVideoSource({ mimeType: 'video/VP8' });
  source.addEventListener('keyframerequest', ({ rid }) => rid?.length);
  source.addEventListener('codecchange', function () {
    this.push({ data: new Uint8Array(1), timestamp: 0 });
  });
  const sound = new nonstandard.RTCEncodedAudioSource({ mimeType: 'audio/opus' });
  sound.addEventListener('codecchange', ({ type }) => type.length);
  const onFrame = ({ frame }: nonstandard.RTCEncodedFrameEvent): string => frame.mimeType;
  for (const sink of [new nonstandard.RTCEncodedVideoSink(receiver), new nonstandard.RTCEncodedAudioSink(sender)]) {
    sink.addEventListener('frame', onFrame, { once: true });
    sink.removeEventListener('frame', onFrame);
  }
  new nonstandard.RTCAudioSink(receiver.track).addEventListener('data', ({ samples }) => samples.length);
  tap.addEventListener('packet', ({ kind, packet }) => kind === 'rtcp' && packet.length);
  udp.addEventListener('bindingrequest', ({ address, port }) => `${address}:${String(port)}`);
}

// @ts-expect-error -- not an enumeration value
connection.setConfiguration({ bundlePolicy: 'none' });
// @ts-expect-error -- scripts cannot construct it
const impossible: RTCDataChannel = new RTCDataChannel('x');
// @ts-expect-error -- numbers are not sent
((channel: RTCDataChannel) => channel.send(12.5))(impossible);
