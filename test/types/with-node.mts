/** Compiled with @types/node and no lib.dom, as an ES module. */
import peerwire, { RTCDataChannel, RTCError, RTCPeerConnection } from '../../types/index.mjs';
import { installGlobals, uninstall } from '../../types/polyfill.mjs';

const connection: RTCPeerConnection = new peerwire.RTCPeerConnection();
const target: EventTarget = connection;
const error: DOMException = new RTCError({ errorDetail: 'dtls-failure' });
connection.addEventListener('connectionstatechange', (event: Event) => event.type);
(channel: RTCDataChannel) => {
  channel.send(Buffer.from('x'));
  channel.send(new Blob([]));
  channel.onmessage = (event: MessageEvent) => event.data as unknown;
};
const remove: () => void = installGlobals(globalThis);
void [target, error, remove, uninstall];
