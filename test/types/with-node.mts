/** Compiled with @types/node and no lib.dom, as an ES module. */
import peerwire, { RTCDataChannel, RTCError, RTCPeerConnection } from '../../types/index.mjs';
import frames from '../../types/nonstandard.mjs';
import polyfill, { installGlobals, uninstall } from '../../types/polyfill.mjs';

const connection: RTCPeerConnection = new peerwire.RTCPeerConnection();
const target: EventTarget = connection;
const error: DOMException = new RTCError({ errorDetail: 'dtls-failure' });
connection.addEventListener('connectionstatechange', (event: Event) => event.type);
(channel: RTCDataChannel) => {
  channel.send(Buffer.from('x'));
  channel.send(new Blob([]));
  channel.onmessage = (event: MessageEvent) => event.data as unknown;
};
import { Worker } from 'node:worker_threads';
import { nonstandard, onRtcTransform, RTCRtpScriptTransform } from '../../types/index.mjs';
connection.getSenders()[0]!.transform = new RTCRtpScriptTransform(new Worker('./x.mjs'), { name: 'x' });
onRtcTransform(({ transformer }) => transformer.readable.pipeTo(transformer.writable));
const source = new nonstandard.RTCEncodedVideoSource({ mimeType: 'video/H264' });
connection.addTrack(source.createTrack());
source.onkeyframerequest = ({ rid }) => rid;
source.push({ data: Buffer.from('x'), timestamp: 0 });
new nonstandard.RTCEncodedVideoSink(connection.getReceivers()[0]!).onframe = ({ frame }) => source.push(frame);
const remove: () => void = installGlobals(globalThis);
void [target, error, remove, uninstall, polyfill.uninstall, new frames.RTCVideoSource()];
