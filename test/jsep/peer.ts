import {
  addLocalCandidate,
  addRemoteCandidate,
  applyLocal,
  applyRemote,
  createAnswer,
  createJsepSession,
  createOffer,
  descriptionText,
  needsImplicitRollback,
  rollback,
  type DescriptionType,
  type IceParameters,
  type JsepDescription,
  type JsepEffect,
  type JsepResult,
  type JsepSession,
  type JsepSessionOptions,
  type LocalParameters,
  type RtpCapabilities,
  type TransceiverView,
} from '../../lib/jsep/jsep-session';
import { readDescription } from '../../lib/jsep/description-record';
import { parseCandidate } from '../../lib/sdp/attributes/candidate';

export const NO_CAPABILITIES: RtpCapabilities = {
  audio: { codecs: [], headerExtensions: [] },
  video: { codecs: [], headerExtensions: [] },
};

/** What was created is applied as it is: it has to be what its text says. */
function expectToRead(text: string, created: JsepDescription, knownMids: readonly string[]): void {
  expect(readDescription(created.type, text, knownMids)).toEqual(created);
}

/** A session with what surrounds it: counters in place of random numbers, a log of effects. */
export class Peer {
  session: JsepSession;
  readonly effects: JsepEffect[] = [];
  hasDataChannels = true;
  iceRestart = false;
  maxMessageSize = 262144;
  fingerprint: string;
  #credentials = 0;

  constructor(
    readonly name: string,
    rtcpMuxPolicy: 'require' | 'negotiate' = 'require',
    options: Partial<JsepSessionOptions> = {},
  ) {
    this.session = createJsepSession({
      bundlePolicy: 'balanced',
      rtcpMuxPolicy,
      sessionId: '4611686018427387904',
      capabilities: NO_CAPABILITIES,
      cname: name,
      ...options,
    });
    const octet = name.charCodeAt(0).toString(16).toUpperCase();
    this.fingerprint = Array.from({ length: 32 }, () => octet).join(':');
  }

  get views(): readonly TransceiverView[] {
    return [];
  }

  parameters(): LocalParameters {
    return {
      fingerprints: [{ algorithm: 'sha-256', value: this.fingerprint }],
      newIceParameters: (): IceParameters => {
        this.#credentials += 1;
        const number = String(this.#credentials).padStart(4, '0');
        return { usernameFragment: `${this.name}${number}`, password: `${this.name}${number}password0123456789abc` };
      },
      maxMessageSize: this.maxMessageSize,
      transceivers: [],
      hasDataChannels: this.hasDataChannels,
      iceRestart: this.iceRestart,
    };
  }

  createOffer(): string {
    const created = createOffer(this.session, this.parameters());
    this.session = created.session;
    expectToRead(created.sdp, this.session.lastCreatedOffer!, []);
    return created.sdp;
  }

  createAnswer(): string {
    const created = createAnswer(this.session, this.parameters());
    this.session = created.session;
    expectToRead(created.sdp, this.session.lastCreatedAnswer!, this.session.pendingRemote!.mids);
    return created.sdp;
  }

  /** What the W3C layer does with what a description says. */
  protected applied(_result: JsepResult): void {
    // Nothing without media.
  }

  #commit(result: JsepResult): readonly JsepEffect[] {
    this.session = result.session;
    this.effects.push(...result.effects);
    this.applied(result);
    return result.effects;
  }

  setLocal(type: DescriptionType, sdp?: string): readonly JsepEffect[] {
    const text = sdp ?? (type === 'offer' ? this.createOffer() : this.createAnswer());
    return this.#commit(applyLocal(this.session, type, text, []));
  }

  setRemote(type: DescriptionType, sdp: string): readonly JsepEffect[] {
    if (needsImplicitRollback(this.session, type)) this.rollback('local');
    return this.#commit(applyRemote(this.session, type, sdp, this.views));
  }

  rollback(side: 'local' | 'remote'): readonly JsepEffect[] {
    return this.#commit(rollback(this.session, side));
  }

  gather(port: number, transport = this.session.transports[0]!): string {
    const text = `candidate:1 1 udp 2130706431 192.0.2.1 ${port} typ host ufrag ${transport.localIce.usernameFragment}`;
    const { session } = addLocalCandidate(
      this.session,
      transport.id,
      transport.localIce.usernameFragment,
      parseCandidate(text)!,
    );
    this.session = session;
    return text;
  }

  addCandidate(candidate: string, sdpMid: string | null = '0'): readonly JsepEffect[] {
    return this.#commit(
      addRemoteCandidate(this.session, { candidate, sdpMid, sdpMLineIndex: null, usernameFragment: null }),
    );
  }

  get local(): string {
    return descriptionText((this.session.pendingLocal ?? this.session.currentLocal)!);
  }

  get remote(): string {
    return descriptionText((this.session.pendingRemote ?? this.session.currentRemote)!);
  }
}

/** A complete exchange, `from` offering. */
export function exchange(from: Peer, to: Peer): void {
  from.setLocal('offer');
  to.setRemote('offer', from.local);
  to.setLocal('answer');
  from.setRemote('answer', to.local);
}

export function kinds(effects: readonly JsepEffect[]): string[] {
  return effects.map((effect) => effect.kind);
}

/** Name of what a function throws, with the line number of a syntax error. */
export function errorOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    const { name, sdpLineNumber } = error as { name: string; sdpLineNumber?: number | null };
    return typeof sdpLineNumber === 'number' ? `${name} ${sdpLineNumber}` : name;
  }
  return 'nothing';
}
