/** `a=msid` (RFC 8830). */
import { splitFields } from '../tokens';

export interface Msid {
  /** `-` when the track is in no stream. */
  readonly streamId: string;
  /** Empty when not said. */
  readonly trackId: string;
}

export function parseMsid(value: string): Msid | null {
  const fields = splitFields(value);
  const [streamId, trackId] = fields;
  if (streamId === undefined || streamId === '' || fields.length > 2) return null;
  return { streamId, trackId: trackId ?? '' };
}

export function serializeMsid(msid: Msid): string {
  return msid.trackId === '' ? msid.streamId : `${msid.streamId} ${msid.trackId}`;
}
