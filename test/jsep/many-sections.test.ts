/** A conference has hundreds of sections, and every change of one of them is an exchange of all. */
import { extensionsOf } from '../../lib/jsep/header-extensions';
import { codecAttributes, codecsOf } from '../../lib/jsep/section-codecs';
import { remoteIdentityOf } from '../../lib/jsep/stream-identity';
import { parseSessionDescription } from '../../lib/sdp/parse';
import type { SessionDescription } from '../../lib/sdp/session-description';
import { exchangeMedia, MediaPeer } from './media-peer';

const parsed = (peer: MediaPeer) => parseSessionDescription(peer.local).media;

test('sections that say the same of codecs are read, written and matched once', () => {
  const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
  const transceivers = [a.add('video'), a.add('video'), a.add('video')];
  exchangeMedia(a, b);
  const [first, second, third] = [...parsed(a), ...parsed(a)].map(codecsOf);
  expect(second).toBe(first);
  expect(third).toBe(first);
  expect(codecAttributes(second!)).toBe(codecAttributes(first!));
  const [one, another] = transceivers.map((transceiver) => a.mediaOf(transceiver)!.negotiated!);
  expect(another!.sendCodecs).toBe(one!.sendCodecs);
  expect(another!.receiveCodecs).toBe(one!.receiveCodecs);
  expect(one!.sendCodecs.map(({ mimeType }) => mimeType)).toContain('video/VP8');
});

test('sections that say something else do not share it', () => {
  const text = (peer: MediaPeer, bend: (sdp: string) => string) => parseSessionDescription(bend(peer.local)).media[0]!;
  const a = new MediaPeer('a');
  a.add('video');
  a.setLocal('offer');
  const codecs = codecsOf(text(a, (sdp) => sdp));
  for (const bend of [
    (sdp: string) => sdp.replace(/a=rtcp-fb:96 nack\r\n/, ''),
    (sdp: string) => sdp.replace('profile-id=0', 'profile-id=2'),
    (sdp: string) => sdp.replace('SAVPF 96 97', 'SAVPF 97 96'),
    (sdp: string) => sdp.replace('96 VP8/90000', '96 VP8/90001'),
  ]) {
    expect(codecsOf(text(a, bend))).not.toEqual(codecs);
  }
});

test('header extensions of a section are read once', () => {
  const a = new MediaPeer('a');
  a.add('audio');
  a.setLocal('offer');
  const [section] = parsed(a);
  expect(extensionsOf(section!).length).toBeGreaterThan(0);
  expect(extensionsOf(section!)).toBe(extensionsOf(section!));
});

test('whether a peer tells of streams at all is looked for once, not for each section', () => {
  const a = new MediaPeer('a');
  for (let index = 0; index < 50; index += 1) a.add('audio', { direction: 'recvonly' });
  a.setLocal('offer');
  const description = parseSessionDescription(a.local);
  let looks = 0;
  const media = description.media.map((section) => ({
    ...section,
    get attributes() {
      looks += 1;
      return section.attributes;
    },
  }));
  const counted: SessionDescription = { ...description, media };
  for (const section of media) expect(remoteIdentityOf(section, counted).streamIds).toHaveLength(1);
  expect(looks).toBeLessThan(50 * 10);
});
