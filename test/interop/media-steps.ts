/**
 * What either side of a media session does. Each of these functions runs here on our classes, or as text in a page on
 * the browser's: they may use nothing but their arguments.
 */
import type { RTCPeerConnection } from '../../lib';

/** What a step has beside the connection. */
export interface StepContext {
  /** To the other side, in order. */
  send(message: Message): void;
  /** What is done with messages of the other side. */
  receive(message: Message): unknown;
  track(kind: 'audio' | 'video'): MediaStreamTrack | Promise<MediaStreamTrack>;
  stream(...tracks: MediaStreamTrack[]): MediaStream;
  codecs(kind: 'audio' | 'video'): { mimeType: string }[];
  /** `track` events since {@link watch}, in order. */
  tracks?: TrackNote[];
  /** Channels of the other side, by label. */
  channels?: Map<string, RTCDataChannel>;
  /** Camera, microphone and those who watch (agents/page-media.mjs, our-media.ts). */
  media?: any;
  /** Media that flows ({@link import('./flow-steps')}). */
  flow?: any;
  /** Descriptions given up for those of the other side. */
  collisions?: number;
}

export interface Description {
  type: 'offer' | 'answer';
  sdp: string;
}
export interface Message {
  description?: Description;
  candidate?: unknown;
}
export interface TrackNote {
  mid: string | null;
  kind: string;
  streams: string[];
}

type Kind = 'audio' | 'video';
type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** First of all on both sides. */
export function watch(pc: RTCPeerConnection, context: StepContext): void {
  const { tracks, channels } = Object.assign(context, { tracks: [] as TrackNote[], channels: new Map() });
  pc.addEventListener('track', (event: any) => {
    const { transceiver, track, streams } = event;
    tracks.push({ mid: transceiver.mid, kind: track.kind, streams: streams.map(({ id }: { id: string }) => id) });
  });
  pc.addEventListener('datachannel', ({ channel }: any) => {
    channels.set(channel.label, channel);
    channel.addEventListener('message', ({ data }: any) => channel.send(data));
  });
  pc.addEventListener('icecandidate', ({ candidate }: any) => {
    if (candidate?.candidate) context.send({ candidate: candidate.toJSON() });
  });
  context.receive = ({ candidate }) => pc.addIceCandidate(candidate as never);
}

export async function addTrack(pc: any, context: StepContext, kind: Kind): Promise<string> {
  const track = await context.track(kind);
  const stream = context.stream(track);
  pc.addTrack(track, stream);
  return stream.id;
}

export const addTransceiver = (pc: any, _: StepContext, kind: Kind, direction: Direction = 'sendrecv'): void =>
  void pc.addTransceiver(kind, { direction });

export async function addSimulcast(pc: any, context: StepContext, rids: string[]): Promise<void> {
  const sendEncodings = rids.map((rid, index) => ({ rid, scaleResolutionDownBy: 2 ** (rids.length - 1 - index) }));
  pc.addTransceiver(await context.track('video'), { direction: 'sendonly', sendEncodings });
}

export const encodings = (pc: any, _: StepContext, index = 0): { rid?: string; active: boolean }[] =>
  pc
    .getSenders()
    [index].getParameters()
    .encodings.map(({ rid, active }: any) => ({ rid, active }));

export const stop = (pc: any, _: StepContext, index: number): void => pc.getTransceivers()[index].stop();

export function setDirection(pc: any, _: StepContext, direction: Direction): void {
  for (const transceiver of pc.getTransceivers()) transceiver.direction = direction;
}

export const removeTrack = (pc: any, _: StepContext, index: number): void => pc.removeTrack(pc.getSenders()[index]);

export function prefer(pc: any, context: StepContext, index: number, kind: Kind, mimeTypes: string[]): void {
  const wanted = mimeTypes.flatMap((mimeType) =>
    context.codecs(kind).filter((codec) => codec.mimeType.toLowerCase() === mimeType.toLowerCase()),
  );
  pc.getTransceivers()[index].setCodecPreferences(wanted);
}

/** An offer, or the answer to what was accepted. */
export async function makeDescription(pc: RTCPeerConnection, _: StepContext, iceRestart = false): Promise<Description> {
  if (iceRestart) pc.restartIce();
  await pc.setLocalDescription();
  const { type, sdp } = pc.localDescription!;
  return { type: type as Description['type'], sdp };
}

export const accept = (pc: RTCPeerConnection, _: StepContext, description: Description): Promise<void> =>
  pc.setRemoteDescription(description);

export const rollBack = (pc: RTCPeerConnection): Promise<void> => pc.setLocalDescription({ type: 'rollback' });

/** Resolves when ICE and DTLS are up, for every transport. */
export async function connected(pc: RTCPeerConnection): Promise<void> {
  while (pc.connectionState !== 'connected') {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`connectionState stays ${pc.connectionState}`)), 5_000);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      pc.addEventListener('connectionstatechange', done, { once: true } as never);
    });
  }
}

/** A new channel opens, and what is sent comes back. */
export async function echo(pc: RTCPeerConnection, _: StepContext, label: string): Promise<string> {
  const channel = pc.createDataChannel(label);
  const event = (type: string) =>
    new Promise<any>((done) => channel.addEventListener(type, done, { once: true } as never));
  if (channel.readyState !== 'open') await event('open');
  channel.send(label);
  return (await event('message')).data;
}

export interface SectionView {
  kind: string;
  mid: string | undefined;
  isRejected: boolean;
  direction: string | undefined;
  codec: string | undefined;
  ufrag: string | undefined;
}
export interface TransceiverNote {
  mid: string | null;
  kind: string;
  direction: string;
  currentDirection: string | null;
  transport: string | null;
}
export interface View {
  signaling: string;
  connection: string;
  local: SectionView[];
  remote: SectionView[];
  pending: boolean;
  /** Whose description the last answer was. */
  answerer: 'local' | 'remote';
  transceivers: TransceiverNote[];
  tracks: TrackNote[];
}

/** All that can be compared with the other side. */
export function view(pc: any, context: StepContext): View {
  const sections = (description: { sdp: string } | null): SectionView[] =>
    (description?.sdp ?? '')
      .split('\r\nm=')
      .slice(1)
      .map((section) => {
        const [kind, port, , format] = section.split(/[ \r]/);
        const one = (pattern: RegExp) => pattern.exec(section)?.[1];
        return {
          kind: kind!,
          mid: one(/a=mid:(\S+)/),
          isRejected: port === '0' && !section.includes('a=bundle-only'),
          direction: kind === 'application' ? undefined : one(/a=(sendrecv|sendonly|recvonly|inactive)\r/),
          codec: one(new RegExp(`a=rtpmap:${format} ([^/]+)`))?.toLowerCase(),
          ufrag: one(/a=ice-ufrag:(\S+)/),
        };
      });
  return {
    signaling: pc.signalingState,
    connection: pc.connectionState,
    local: sections(pc.currentLocalDescription),
    remote: sections(pc.currentRemoteDescription),
    answerer: pc.currentLocalDescription?.type === 'answer' ? 'local' : 'remote',
    pending: pc.pendingLocalDescription !== null || pc.pendingRemoteDescription !== null,
    transceivers: pc.getTransceivers().map((one: any) => ({
      mid: one.mid,
      kind: one.receiver.track.kind,
      direction: one.direction,
      currentDirection: one.currentDirection,
      transport: one.sender.transport?.state ?? null,
    })),
    tracks: context.tracks ?? [],
  };
}

/** Perfect negotiation (https://w3c.github.io/webrtc-pc/#perfect-negotiation-example). */
export function negotiatePerfectly(pc: any, context: StepContext, polite: boolean): void {
  let isMakingOffer = false;
  let isIgnoringOffer = false;
  let isSettingAnswer = false;
  context.collisions = 0;
  pc.addEventListener('negotiationneeded', async () => {
    try {
      isMakingOffer = true;
      await pc.setLocalDescription();
      const { type, sdp } = pc.localDescription;
      context.send({ description: { type, sdp } });
    } finally {
      isMakingOffer = false;
    }
  });
  let last = Promise.resolve();
  const handle = async ({ description, candidate }: Message) => {
    if (candidate) {
      await pc.addIceCandidate(candidate).catch((error: Error) => {
        if (!isIgnoringOffer) throw error;
      });
      return;
    }
    const isReady = !isMakingOffer && (pc.signalingState === 'stable' || isSettingAnswer);
    const collides = description!.type === 'offer' && !isReady;
    isIgnoringOffer = !polite && collides;
    if (collides) context.collisions! += 1;
    if (isIgnoringOffer) return;
    isSettingAnswer = description!.type === 'answer';
    await pc.setRemoteDescription(description);
    isSettingAnswer = false;
    if (description!.type === 'offer') {
      await pc.setLocalDescription();
      const { type, sdp } = pc.localDescription;
      context.send({ description: { type, sdp } });
    }
  };
  // In the order in which they came.
  context.receive = (message) => (last = last.then(() => handle(message)));
}

export const receive = (_pc: unknown, context: StepContext, message: Message): unknown => context.receive(message);

export const collisions = (_pc: unknown, context: StepContext): number => context.collisions ?? 0;
