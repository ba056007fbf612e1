import { RTCPeerConnection, type MediaStream, type RTCIceCandidate } from '../../lib';

type Description = NonNullable<RTCPeerConnection['localDescription']>;
interface Message {
  description?: Description;
  candidate?: RTCIceCandidate | null;
}

/** Perfect negotiation, as section "Perfect negotiation example" of webrtc-pc has it. */
export class PerfectPeer {
  readonly pc: RTCPeerConnection;
  readonly errors: unknown[] = [];
  /** All streams of `track` events. */
  readonly remoteStreams = new Map<string, MediaStream>();
  /** Local descriptions that were negotiated. */
  readonly descriptions: string[] = [];
  peer: PerfectPeer | null = null;
  /** It took back an offer that it had told nobody of, save its candidates. */
  hasRolledBack = false;
  #makingOffer = false;
  #ignoreOffer = false;
  #inbox = Promise.resolve();
  /** Of all descriptions of the peer. */
  readonly #remoteUfrags = new Set<string>();
  /** Messages on their way to us or in the inbox, and other work that is not done. */
  #pending = 0;

  constructor(
    readonly polite: boolean,
    configuration: ConstructorParameters<typeof RTCPeerConnection>[0] = {},
  ) {
    this.pc = new RTCPeerConnection(configuration);
    this.pc.onnegotiationneeded = async () => {
      try {
        this.#makingOffer = true;
        await this.pc.setLocalDescription();
        this.#send({ description: this.pc.localDescription! });
      } catch (error) {
        this.errors.push(error);
      } finally {
        this.#makingOffer = false;
      }
    };
    this.pc.onsignalingstatechange = () => {
      const { signalingState, currentLocalDescription: current } = this.pc;
      if (signalingState === 'stable' && current) this.descriptions.push(current.sdp);
    };
    this.pc.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => {
      this.#send({ candidate });
    };
    this.pc.ontrack = ({ streams }: { streams: readonly MediaStream[] }) => {
      for (const stream of streams) this.remoteStreams.set(stream.id, stream);
    };
  }

  static pair(configuration?: ConstructorParameters<typeof RTCPeerConnection>[0]): [PerfectPeer, PerfectPeer] {
    const [polite, impolite] = [new PerfectPeer(true, configuration), new PerfectPeer(false, configuration)];
    polite.peer = impolite;
    impolite.peer = polite;
    return [polite, impolite];
  }

  /** Whether neither an offer is being made nor a message is left to be handled. */
  get isIdle(): boolean {
    return !this.#makingOffer && this.#pending === 0 && this.pc.signalingState === 'stable';
  }

  get canOffer(): boolean {
    return !this.#makingOffer && this.pc.signalingState === 'stable';
  }

  /** Ids of the streams that our description in force says of a section. */
  streamIdsOf(mid: string): string[] {
    const sections = (this.pc.currentLocalDescription?.sdp ?? '').split(/^m=/m);
    const section = sections.find((each) => new RegExp(`^a=mid:${mid}\\r?$`, 'm').test(each)) ?? '';
    return [...section.matchAll(/^a=msid:(\S+)/gm)].map(([, id]) => id!).filter((id) => id !== '-');
  }

  /** Resolves when both have had nothing to do for some tasks. */
  static async settle(...peers: PerfectPeer[]): Promise<void> {
    const limit = Date.now() + 5000;
    for (let quiet = 0; quiet < 6;) {
      if (peers.some(({ errors }) => errors.length > 0)) return;
      if (Date.now() > limit) {
        throw new Error(`negotiation goes on for ever: ${peers.map(({ pc }) => pc.signalingState).join()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
      quiet = peers.every(({ isIdle }) => isIdle) ? quiet + 1 : 0;
    }
  }

  /** Runs `work` when no message is being handled, and keeps messages waiting until it is done. */
  exclusively(work: () => Promise<void>): void {
    this.#enqueue(async () => {
      try {
        await work();
      } catch (error) {
        this.errors.push(error);
      }
    });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#pending += 1;
    this.#inbox = this.#inbox.then(work).finally(() => {
      this.#pending -= 1;
    });
  }

  #send(message: Message): void {
    const { peer } = this;
    if (!peer) return;
    peer.#pending += 1;
    setImmediate(() => {
      peer.#enqueue(() => peer.#receive(message));
      peer.#pending -= 1;
    });
  }

  /** Whether the section that it was gathered for has been stopped meanwhile. */
  #isOfThePast(candidate: RTCIceCandidate | null | undefined): boolean {
    const ufrag = candidate?.usernameFragment;
    return ufrag != null && this.#remoteUfrags.has(ufrag) && !this.pc.remoteDescription!.sdp.includes(ufrag);
  }

  async #receive({ description, candidate }: Message): Promise<void> {
    const { pc } = this;
    try {
      if (description) {
        const collision = description.type === 'offer' && (this.#makingOffer || pc.signalingState !== 'stable');
        this.#ignoreOffer = !this.polite && collision;
        if (this.#ignoreOffer) return;
        for (const [, ufrag] of description.sdp.matchAll(/^a=ice-ufrag:(\S+)/gm)) this.#remoteUfrags.add(ufrag!);
        await pc.setRemoteDescription(description);
        if (description.type === 'offer') {
          await pc.setLocalDescription();
          this.#send({ description: pc.localDescription! });
        }
      } else {
        await pc.addIceCandidate(candidate ?? null).catch((error: unknown) => {
          if (!this.#ignoreOffer && !this.peer?.hasRolledBack && !this.#isOfThePast(candidate)) throw error;
        });
      }
    } catch (error) {
      if (pc.signalingState !== 'closed') this.errors.push(error);
    }
  }
}
