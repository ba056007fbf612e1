/** Compiled with nothing but lib.es2022: the declarations need neither lib.dom nor @types/node. */
import { RTCDataChannel, RTCError, RTCIceCandidate, RTCPeerConnection } from '../../types/index.js';

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

// @ts-expect-error -- not an enumeration value
connection.setConfiguration({ bundlePolicy: 'none' });
// @ts-expect-error -- scripts cannot construct it
const impossible: RTCDataChannel = new RTCDataChannel('x');
// @ts-expect-error -- numbers are not sent
((channel: RTCDataChannel) => channel.send(12.5))(impossible);
