/** What gateways, and servers whose descriptions are made of templates, say other than the specifications have it. */
import { parseSessionDescription } from '../../lib/sdp/parse';
import { MID_EXTENSION } from './capabilities';
import { MediaPeer } from './media-peer';

function answerOf(offerer: MediaPeer, answerer: MediaPeer): string {
  offerer.setLocal('offer');
  answerer.setRemote('offer', offerer.local);
  answerer.setLocal('answer');
  return answerer.local;
}

/** An offer of one section of audio and one of video. */
function offerOf(bend: (sdp: string) => string): string {
  const peer = new MediaPeer('gateway');
  peer.add('audio');
  peer.add('video');
  peer.setLocal('offer');
  return bend(peer.local);
}

test.each(['RTP/SAVPF', 'UDP/TLS/RTP/SAVP', 'RTP/AVP'])('an answer may have the profile %s', (protocol) => {
  const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
  const transceiver = a.add('audio');
  const answer = answerOf(a, b).replaceAll('UDP/TLS/RTP/SAVPF', protocol);
  a.setRemote('answer', answer);
  expect(a.currentDirection(transceiver)).toBe('sendonly');
  // What was offered is offered again, and answered in kind.
  expect(a.createOffer()).toContain('m=audio 9 UDP/TLS/RTP/SAVPF ');
});

test('an answer cannot turn media into something else', () => {
  const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
  a.add('audio');
  const answer = answerOf(a, b).replaceAll('UDP/TLS/RTP/SAVPF', 'TCP/MSRP');
  expect(() => a.setRemote('answer', answer)).toThrow('another protocol');
});

test('header extensions at session level are those of each section', () => {
  const b = new MediaPeer('b');
  const offer = offerOf((sdp) =>
    sdp.replace(/a=extmap:.*\r\n/g, '').replace('t=0 0\r\n', `t=0 0\r\na=extmap:9 ${MID_EXTENSION}\r\n`),
  );
  b.setRemote('offer', offer);
  b.setLocal('answer');
  const negotiated = b.session.media.map((media) => media.negotiated!.headerExtensions);
  const mid = { id: 9, uri: MID_EXTENSION, direction: 'sendrecv' };
  expect(negotiated).toEqual([[mid], [mid]]);
});

test('text over RTP is rejected, and audio beside it accepted', () => {
  const text = 'm=text 9 UDP/TLS/RTP/SAVPF 98\r\nc=IN IP4 0.0.0.0\r\na=mid:text\r\na=rtpmap:98 t140/1000\r\n';
  const b = new MediaPeer('b');
  b.setRemote(
    'offer',
    offerOf((sdp) => sdp + text),
  );
  b.setLocal('answer');
  const { media } = parseSessionDescription(b.local);
  expect(media.map(({ kind, port }) => [kind, port > 0])).toEqual([
    ['audio', true],
    ['video', true],
    ['text', false],
  ]);
});

test('audio and video of a bundle may use one payload type for different codecs', () => {
  const b = new MediaPeer('b');
  const offer = offerOf((sdp) => sdp.replace(/(m=audio 9 \S+) .*/, '$1 96').replace(/:111 /g, ':96 '));
  b.setRemote('offer', offer);
  b.setLocal('answer');
  const negotiated = b.session.media.map((media) => media.negotiated!.receiveCodecs[0]!);
  expect(negotiated.map(({ payloadType, mimeType }) => [payloadType, mimeType])).toEqual([
    [96, 'audio/opus'],
    [96, 'video/VP8'],
  ]);
  // In offers of ours a number means one thing.
  const numbers = parseSessionDescription(b.createOffer()).media.map(({ formats }) => formats);
  expect(numbers[0]).toContain('96');
  expect(numbers[1]).not.toContain('96');
});
