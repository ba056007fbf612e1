import type { RTCDataChannel } from '../../lib/webrtc/RTCDataChannel';
import type { RTCIceCandidate } from '../../lib/webrtc/RTCIceCandidate';
import type { RTCPeerConnection } from '../../lib/webrtc/RTCPeerConnection';

/** The next event of this type. */
export function once<T = Event>(target: EventTarget, type: string): Promise<T> {
  return new Promise((resolve) => {
    target.addEventListener(type, resolve as never, { once: true });
  });
}

/** Gives each side's candidates to the other, as they come. */
export function trickle(a: RTCPeerConnection, b: RTCPeerConnection): void {
  const pass = (from: RTCPeerConnection, to: RTCPeerConnection): void => {
    from.addEventListener('icecandidate', (event) => {
      const { candidate } = event as unknown as { candidate: RTCIceCandidate | null };
      if (to.signalingState !== 'closed') void to.addIceCandidate(candidate);
    });
  };
  pass(a, b);
  pass(b, a);
}

/** One exchange with implicit descriptions. */
export async function negotiate(offerer: RTCPeerConnection, answerer: RTCPeerConnection): Promise<void> {
  await offerer.setLocalDescription();
  await answerer.setRemoteDescription(offerer.localDescription!);
  await answerer.setLocalDescription();
  await offerer.setRemoteDescription(answerer.localDescription!);
}

/** Connects two peers over a data channel, with trickled candidates. */
export async function connectPair(
  a: RTCPeerConnection,
  b: RTCPeerConnection,
  label = 'test',
  options: Parameters<RTCPeerConnection['createDataChannel']>[1] = {},
): Promise<[RTCDataChannel, RTCDataChannel]> {
  const first = a.createDataChannel(label, options);
  const second = options?.negotiated
    ? Promise.resolve(b.createDataChannel(label, options))
    : once<{ channel: RTCDataChannel }>(b, 'datachannel').then(({ channel }) => channel);
  const opened = first.readyState === 'open' ? Promise.resolve() : once(first, 'open');
  trickle(a, b);
  await negotiate(a, b);
  const channel = await second;
  if (channel.readyState !== 'open') await once(channel, 'open');
  await opened;
  return [first, channel];
}

const CONNECTION_EVENTS = [
  'negotiationneeded',
  'signalingstatechange',
  'icegatheringstatechange',
  'iceconnectionstatechange',
  'connectionstatechange',
  'icecandidate',
  'datachannel',
];

/** The whole history of a connection's events: `signaling stable`, `candidate host`, `candidate end`, … */
export function trackStates(pc: RTCPeerConnection): string[] {
  const history: string[] = [];
  for (const type of CONNECTION_EVENTS) {
    pc.addEventListener(type, (event) => {
      history.push(describe(pc, event));
    });
  }
  return history;
}

function describe(pc: RTCPeerConnection, event: Event): string {
  switch (event.type) {
    case 'signalingstatechange':
      return `signaling ${pc.signalingState}`;
    case 'icegatheringstatechange':
      return `gathering ${pc.iceGatheringState}`;
    case 'iceconnectionstatechange':
      return `ice ${pc.iceConnectionState}`;
    case 'connectionstatechange':
      return `connection ${pc.connectionState}`;
    case 'icecandidate': {
      const { candidate } = event as unknown as { candidate: RTCIceCandidate | null };
      if (candidate === null) return 'candidate null';
      return candidate.candidate === '' ? 'candidate end' : `candidate ${candidate.type}`;
    }
    default:
      return event.type;
  }
}
