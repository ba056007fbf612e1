import type { RTCPeerConnection } from '../../lib';
import { createTrack, type MediaStreamTrack } from '../../lib/mediacapture/MediaStreamTrack';

/** A track whose source delivers nothing. */
export function makeTrack(kind: 'audio' | 'video'): MediaStreamTrack {
  const nothing = (): object => ({});
  return createTrack({
    kind,
    label: `test ${kind}`,
    source: { kind, label: `test ${kind}`, capabilities: nothing, settings: nothing, stop: () => undefined },
  });
}

const kindOf: Readonly<Record<string, string>> = { audio: 'audio', video: 'video', application: 'data' };

/** The sections of a description: `audio 0 sendrecv`, `video 1 rejected`. */
export function sectionsOf(description: { sdp: string } | null): string[] {
  const [, ...sections] = (description?.sdp ?? '').split(/^m=/m);
  return sections.map((section) => {
    const [kind = '', port] = section.split(' ');
    const mid = /^a=mid:(.*)$/m.exec(section)?.[1]?.trim() ?? '?';
    const direction = /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(section)?.[1] ?? '';
    const isRejected = port === '0' && !/^a=bundle-only/m.test(section);
    return `${kindOf[kind] ?? kind} ${mid} ${isRejected ? 'rejected' : direction}`.trim();
  });
}

/** What happens at a connection, its remote tracks and their streams, in order. */
export function trackHistory(pc: RTCPeerConnection): string[] {
  const history: string[] = [];
  const streams = new Set<EventTarget>();
  pc.addEventListener('signalingstatechange', () => history.push(`signaling ${pc.signalingState}`));
  pc.addEventListener('negotiationneeded', () => history.push('negotiationneeded'));
  pc.addEventListener('track', (event) => {
    const { track, streams: of, transceiver } = event as unknown as RTCTrackEventLike;
    history.push(`track ${track.kind} ${String(transceiver.mid)} of ${of.map(({ id }) => id).join(', ') || 'none'}`);
    for (const type of ['mute', 'unmute', 'ended'])
      track.addEventListener(type, () => history.push(`${type} ${track.kind}`));
    for (const stream of of) {
      if (streams.has(stream)) continue;
      streams.add(stream);
      for (const type of ['addtrack', 'removetrack']) {
        stream.addEventListener(type, (change) => {
          history.push(`${type} ${(change as unknown as { track: MediaStreamTrack }).track.kind} ${stream.id}`);
        });
      }
    }
  });
  return history;
}

interface RTCTrackEventLike {
  readonly track: MediaStreamTrack;
  readonly streams: readonly (EventTarget & { readonly id: string })[];
  readonly transceiver: { readonly mid: string | null };
}
