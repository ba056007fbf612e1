/** Which streams and tracks a section tells of: `a=msid` (RFC 8830) and `a=ssrc` (RFC 5576). */
import { attribute, attributeValues } from '../sdp/attributes/attribute-list';
import { parseMsid, serializeMsid, type Msid } from '../sdp/attributes/msid';
import { parseSsrc, parseSsrcGroup, serializeSsrc, serializeSsrcGroup } from '../sdp/attributes/ssrc';
import type { MediaDescription } from '../sdp/media-description';
import { remembered } from '../sdp/memo';
import type { SdpAttribute, SessionDescription } from '../sdp/session-description';
import type { NegotiatedRtp, TransceiverView } from './rtp-types';

/** The `a=msid` lines of what we send, in the form of browsers: with the track, and '-' for no stream. */
export function msidsOf({ streamIds, trackId }: TransceiverView): Msid[] {
  const ids = streamIds.length === 0 ? ['-'] : [...new Set(streamIds)];
  return ids.map((streamId) => ({ streamId, trackId }));
}

export function msidAttributes(msids: readonly Msid[]): SdpAttribute[] {
  return msids.map((msid) => attribute('msid', serializeMsid(msid)));
}

/**
 * `a=ssrc` of a stream, and of its retransmissions; of several, layers that are told apart by it and not by their rid.
 * @param sources of which several are layers, the lowest resolution first
 */
export function ssrcAttributes(
  sources: readonly { readonly ssrc: number; readonly rtxSsrc: number }[],
  hasRtx: boolean,
  cname: string,
  msids: readonly Msid[],
): SdpAttribute[] {
  const of = (number: number): SdpAttribute[] => [
    attribute('ssrc', serializeSsrc({ ssrc: number, attribute: 'cname', value: cname })),
    ...msids.map((msid) =>
      attribute('ssrc', serializeSsrc({ ssrc: number, attribute: 'msid', value: serializeMsid(msid) })),
    ),
  ];
  const group = (semantics: string, ssrcs: readonly number[]): SdpAttribute =>
    attribute('ssrc-group', serializeSsrcGroup({ semantics, ssrcs }));
  const layers = sources.map(({ ssrc }) => ssrc);
  return [
    ...(layers.length > 1 ? [group('SIM', layers)] : []),
    ...(hasRtx ? sources.map(({ ssrc, rtxSsrc }) => group('FID', [ssrc, rtxSsrc])) : []),
    ...sources.flatMap(({ ssrc, rtxSsrc }) => [...of(ssrc), ...(hasRtx ? of(rtxSsrc) : [])]),
  ];
}

function sourcesOf(media: MediaDescription): NonNullable<ReturnType<typeof parseSsrc>>[] {
  return attributeValues(media, 'ssrc')
    .map(parseSsrc)
    .filter((source) => source !== null);
}

/** What the peer tells of its sources. */
export function remoteSourcesOf(media: MediaDescription): Pick<NegotiatedRtp, 'remoteSsrcs' | 'remoteSsrcGroups'> {
  const cnames = new Map<number, string | null>();
  for (const { ssrc, attribute: name, value } of sourcesOf(media)) {
    cnames.set(ssrc, name === 'cname' ? value : (cnames.get(ssrc) ?? null));
  }
  return {
    remoteSsrcs: [...cnames].map(([ssrc, cname]) => ({ ssrc, cname })),
    remoteSsrcGroups: attributeValues(media, 'ssrc-group')
      .map(parseSsrcGroup)
      .filter((group) => group !== null),
  };
}

/** Of a description: whether it tells of any stream. All its sections ask. */
const knowsMsid = remembered((description: SessionDescription): boolean =>
  description.media.some((media) => readMsids(media).length > 0),
);

/** `a=msid`; of peers that know only its older form, that of `a=ssrc`. */
function readMsids(media: MediaDescription): Msid[] {
  const own = attributeValues(media, 'msid');
  const values =
    own.length > 0
      ? own
      : sourcesOf(media).flatMap(({ attribute: name, value }) => (name === 'msid' && value !== null ? [value] : []));
  return values.map(parseMsid).filter((msid) => msid !== null);
}

/**
 * Of a remote section. A peer that knows no msid at all has one stream with all its tracks (RFC 8830 section 4.1 lets us
 * make up its id; it is the same for the whole session).
 */
export function remoteIdentityOf(
  media: MediaDescription,
  description: SessionDescription,
): { streamIds: readonly string[]; trackId: string | null } {
  const msids = readMsids(media);
  if (msids.length === 0) {
    return { streamIds: knowsMsid(description) ? [] : [`default-${description.origin.sessionId}`], trackId: null };
  }
  const streamIds = new Set(msids.map(({ streamId }) => streamId).filter((id) => id !== '-'));
  return { streamIds: [...streamIds], trackId: msids.find(({ trackId }) => trackId !== '')?.trackId ?? null };
}
