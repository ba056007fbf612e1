import { randomInt, randomUUID } from 'node:crypto';
import type { AppliedMediaSection, Direction, MediaKind, TransceiverView } from '../jsep/rtp-types';
import { RtpPackets } from '../media/rtp-packets';
import { createTrack, type MediaStreamTrack } from '../mediacapture/MediaStreamTrack';
import * as webidl from '../webidl';
import type { Connection } from './connection';
import { EncodedFrameStage } from './encoded-transform/encoded-frame-stage';
import { initialHeaderExtensions, stoppedHeaderExtensions, welcomeHeaderExtensions } from './header-extension-control';
import { RTCDTMFSender } from './RTCDTMFSender';
import { ridOnTheWire } from './native-send-parameters';
import { createRemoteSource } from './remote-source';
import { RTCRtpReceiver, type ReceiverSlots } from './RTCRtpReceiver';
import { type EncodingSsrcs, RTCRtpSender, senderSlotsOf, type SenderSlots } from './RTCRtpSender';
import { RTCRtpTransceiver, transceiverSlotsOf, type TransceiverSlots } from './RTCRtpTransceiver';
import { initialSendEncodings, type SendEncodings, sourceLayerEncodings, toJsepEncodings } from './send-encodings';

/** What a new transceiver is made of. */
export interface TransceiverInit {
  /** Given for transceivers of remote offers, which the offer/answer engine names. */
  readonly id?: string;
  readonly kind: MediaKind;
  readonly direction: Direction;
  /** Of the sender. */
  readonly track: MediaStreamTrack | null;
  /** Ids of the sender's streams, each once. */
  readonly streamIds: readonly string[];
  /** Empty: one, with the values that everything defaults to. */
  readonly sendEncodings: SendEncodings;
  readonly isFromAddTrack: boolean;
  /** The peer's for the track that it sends: the receiver's track gets it, as in Chromium and Safari. */
  readonly remoteTrackId?: string | null;
}

/** Rids of the encodings that are active, '' for one without; none when the track has ended. */
function activeLayersOf(sender: SenderSlots): string[] {
  const { track, sendEncodings } = sender;
  if (track?.readyState === 'ended') return [];
  return sendEncodings.filter(({ active }) => active).map((encoding) => ridOnTheWire(sender, encoding));
}

/** "Set of transceivers" of one connection, in the order of their creation. */
export class RtpTransceivers {
  readonly #connection: Connection;
  readonly #set = new Map<string, TransceiverSlots>();
  readonly #ssrcs = new Set<number>();
  #nextId = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** CollectTransceivers: https://w3c.github.io/webrtc-pc/#dfn-collecttransceivers */
  get all(): TransceiverSlots[] {
    return [...this.#set.values()];
  }

  /** Those that CollectSenders and getReceivers() look at. */
  get notStopped(): TransceiverSlots[] {
    return this.all.filter(({ stopped }) => !stopped);
  }

  /** @param id under which the offer/answer engine knows it */
  find(id: string | null): TransceiverSlots | undefined {
    return id === null ? undefined : this.#set.get(id);
  }

  /** "Promises from setParameters methods" that are not settled. */
  get unsettledSetParameters(): Promise<unknown>[] {
    return this.all.flatMap(({ sender }) => [...senderSlotsOf(sender).unsettledSetParameters]);
  }

  has(transceiver: TransceiverSlots): boolean {
    return this.#set.get(transceiver.id) === transceiver;
  }

  remove(transceiver: TransceiverSlots): void {
    this.#set.delete(transceiver.id);
  }

  /** What negotiation has to know of all of them. */
  get views(): TransceiverView[] {
    return this.all.map((transceiver) => this.#viewOf(transceiver));
  }

  /** "Create an RTCRtpSender", "… RTCRtpReceiver", "… RTCRtpTransceiver", and add it to the set. */
  create(init: TransceiverInit): TransceiverSlots {
    const connection = this.#connection;
    const { kind } = init;
    const first = this.all.find((other) => other.kind === kind && !other.stopping);
    const headerExtensions = initialHeaderExtensions(kind, first?.headerExtensionsToNegotiate);
    const holdsFrames = connection.holdsEncodedFrames;
    const senderSlots: Omit<SenderSlots, 'transceiver'> = {
      connection,
      kind,
      track: init.track,
      transport: null,
      dtmf: null,
      associatedMediaStreamIds: init.streamIds,
      sendEncodings: initialSendEncodings(kind, init.sendEncodings),
      hasSourceLayers: false,
      lastStableRidlessSendEncodings: null,
      sendCodecs: [],
      lastReturnedParameters: null,
      degradationPreference: undefined,
      unsettledSetParameters: new Set(),
      msidTrackId: this.#msidTrackId(init.track),
      ssrcs: new Map(),
      attached: null,
      followedHint: null,
      encodedSink: null,
      encodedFrames: new EncodedFrameStage({
        kind,
        side: 'sender',
        holdsFrames,
        activeLayers: () => activeLayersOf(sender),
      }),
      transform: null,
      packets: new RtpPackets(),
    };
    const received = new EncodedFrameStage({ kind, side: 'receiver', holdsFrames, activeLayers: () => [] });
    const receiverSlots: Omit<ReceiverSlots, 'transceiver'> = {
      connection,
      kind,
      track: createTrack({
        kind,
        ...(init.remoteTrackId && { id: init.remoteTrackId }),
        label: `remote ${kind}`,
        source: createRemoteSource(kind, received),
        muted: true,
      }),
      transport: null,
      associatedRemoteMediaStreams: [],
      lastStableStateAssociatedRemoteMediaStreams: [],
      receiveCodecs: [],
      jitterBufferTarget: null,
      attached: null,
      encodedFrames: received,
      transform: null,
      packets: new RtpPackets(),
    };
    // The three know each other: the transceiver's slots join the others' as soon as there are any.
    const sender = senderSlots as SenderSlots;
    const receiver = receiverSlots as ReceiverSlots;
    const object = new RTCRtpTransceiver(webidl.constructionKey, {
      connection,
      id: init.id ?? `local-${this.#nextId++}`,
      kind,
      sender: new RTCRtpSender(webidl.constructionKey, sender),
      receiver: new RTCRtpReceiver(webidl.constructionKey, receiver),
      mid: null,
      direction: init.direction,
      receptive: false,
      currentDirection: null,
      firedDirection: null,
      stopping: false,
      stopped: false,
      preferredCodecs: [],
      headerExtensionsToNegotiate: headerExtensions,
      wantedHeaderExtensions: first?.wantedHeaderExtensions ?? null,
      negotiatedHeaderExtensions: stoppedHeaderExtensions(headerExtensions),
      negotiated: null,
      isFromAddTrack: init.isFromAddTrack,
      isFromPendingOffer: false,
      hadTrackAdded: init.isFromAddTrack,
      hasSent: false,
    });
    const transceiver = transceiverSlotsOf(object);
    sender.transceiver = transceiver;
    if (kind === 'audio') sender.dtmf = new RTCDTMFSender(webidl.constructionKey, sender);
    receiver.transceiver = transceiver;
    this.#set.set(transceiver.id, transceiver);
    return transceiver;
  }

  /** Each encoding of a sender has an SSRC of its own, and one for its retransmissions; it keeps them. */
  ssrcsOf({ sendEncodings, ssrcs }: SenderSlots): EncodingSsrcs[] {
    return sendEncodings.map(({ rid = '' }) => {
      let known = ssrcs.get(rid);
      if (!known) ssrcs.set(rid, (known = { ssrc: this.#newSsrc(), rtxSsrc: this.#newSsrc() }));
      return known;
    });
  }

  /** What an application has written into our offer: the sender's one encoding becomes layers with these SSRCs. */
  beginSourceLayers(sender: SenderSlots, layers: AppliedMediaSection['sourceLayers']): void {
    if (layers.length === 0 || sender.hasSourceLayers || sender.sendEncodings.length > 1) return;
    sender.hasSourceLayers = true;
    sender.sendEncodings = sourceLayerEncodings(sender.sendEncodings[0]!, layers.length);
    sender.lastReturnedParameters = null;
    for (const [index, { ssrc, rtxSsrc }] of layers.entries()) {
      this.#ssrcs.add(ssrc);
      if (rtxSsrc !== null) this.#ssrcs.add(rtxSsrc);
      const { rid } = sender.sendEncodings[index]!;
      sender.ssrcs.set(rid!, { ssrc, rtxSsrc: rtxSsrc ?? this.#newSsrc() });
    }
  }

  #viewOf(transceiver: TransceiverSlots): TransceiverView {
    const sender = senderSlotsOf(transceiver.sender);
    return {
      id: transceiver.id,
      kind: transceiver.kind,
      direction: transceiver.direction,
      isStopping: transceiver.stopping,
      isStopped: transceiver.stopped,
      isFromAddTrack: transceiver.isFromAddTrack,
      hasSent: transceiver.hasSent,
      streamIds: sender.associatedMediaStreamIds,
      trackId: sender.msidTrackId,
      preferredCodecs: transceiver.preferredCodecs,
      headerExtensions: transceiver.headerExtensionsToNegotiate,
      welcomeHeaderExtensions: welcomeHeaderExtensions(
        transceiver.wantedHeaderExtensions,
        transceiver.headerExtensionsToNegotiate,
      ),
      sendEncodings: toJsepEncodings(sender.sendEncodings, sender.hasSourceLayers),
      ssrcs: this.ssrcsOf(sender),
    };
  }

  /** That of the track, unless another sender has it already. */
  #msidTrackId(track: MediaStreamTrack | null): string {
    const isTaken = this.all.some(({ sender }) => senderSlotsOf(sender).msidTrackId === track?.id);
    return track && !isTaken ? track.id : randomUUID();
  }

  #newSsrc(): number {
    for (;;) {
      const ssrc = randomInt(1, 2 ** 32);
      if (this.#ssrcs.has(ssrc)) continue;
      this.#ssrcs.add(ssrc);
      return ssrc;
    }
  }
}
