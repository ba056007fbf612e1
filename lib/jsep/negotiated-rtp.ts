/** What an answer makes of a section of audio or video (RFC 9429 sections 5.10, 5.11). */
import { attributeValue, hasAttribute } from '../sdp/attributes/attribute-list';
import { directionOf } from '../sdp/attributes/direction';
import type { MediaDescription } from '../sdp/media-description';
import { negotiatedCodecs } from './codec-negotiation';
import { extensionsOf, negotiatedExtensions } from './header-extensions';
import type { JsepDescription } from './jsep-types';
import { reversed } from './media-direction';
import type { MediaKind, NegotiatedRtp, RtpCapabilities } from './rtp-types';
import type { Section } from './section';
import { codecsOf } from './section-codecs';
import { layersOf } from './simulcast';
import { remoteSourcesOf } from './stream-identity';

/**
 * `b=TIAS`, or else `b=AS` less the headers of 50 packets a second (RFC 9429 section 5.9). What is no number limits nothing.
 */
function maxBitrateOf({ linesAfterConnection }: MediaDescription): number | null {
  const values = new Map(
    linesAfterConnection
      .map(({ type, value }) => (type === 'b' ? /^([^: ]+):([0-9]+)\s*$/.exec(value) : null))
      .filter((match) => match !== null)
      .map(([, name, number]) => [name, Number(number)] as const),
  );
  const [tias, as] = [values.get('TIAS'), values.get('AS')];
  if (tias !== undefined) return tias;
  return as === undefined ? null : Math.max(0, Math.floor(as * 1000 * 0.95) - 50 * 40 * 8);
}

/** RFC 8866 sections 6.4 and 6.5; what is no number of milliseconds is not said. */
function millisecondsOf(media: MediaDescription, name: 'ptime' | 'maxptime'): number | null {
  const value = Number(attributeValue(media, name) ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? value : null;
}

/** Layers that we send and the peer takes, in its order; null when one of us has no simulcast. */
function sendLayers(ours: MediaDescription, theirs: MediaDescription): NegotiatedRtp['sendRids'] {
  if (!hasAttribute(ours, 'simulcast') || attributeValue(theirs, 'simulcast') === null) return null;
  const sent = new Set(layersOf(ours, 'send').map(({ rid }) => rid));
  const layers = layersOf(theirs, 'recv').filter(({ rid }) => sent.has(rid));
  return layers.length === 0 ? null : layers;
}

export function negotiatedRtp(
  capabilities: RtpCapabilities,
  kind: MediaKind,
  local: Section,
  remote: Section,
  answer: JsepDescription,
  isAnswerRemote: boolean,
): NegotiatedRtp {
  const [ours, theirs] = [local.media, remote.media];
  const [ourExtensions, theirExtensions] = [extensionsOf(ours), extensionsOf(theirs)];
  const answered = directionOf(isAnswerRemote ? theirs : ours, answer.model);
  const received = layersOf(ours, 'recv').map(({ rid }) => rid);
  return {
    direction: isAnswerRemote ? reversed(answered) : answered,
    ...negotiatedCodecs(capabilities[kind].codecs, codecsOf(ours), codecsOf(theirs), isAnswerRemote),
    headerExtensions: negotiatedExtensions(
      ourExtensions,
      theirExtensions,
      isAnswerRemote ? theirExtensions : ourExtensions,
    ),
    reducedSizeRtcp: hasAttribute(ours, 'rtcp-rsize') && hasAttribute(theirs, 'rtcp-rsize'),
    maxBitrate: maxBitrateOf(theirs),
    packetTime: millisecondsOf(theirs, 'ptime'),
    maxPacketTime: millisecondsOf(theirs, 'maxptime'),
    sendRids: sendLayers(ours, theirs),
    receiveRids: layersOf(theirs, 'send')
      .map(({ rid }) => rid)
      .filter((rid) => received.includes(rid)),
    ...remoteSourcesOf(theirs),
  };
}
