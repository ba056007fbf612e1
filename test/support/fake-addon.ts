/**
 * The native addon, played in memory: transports find each other by ICE user name fragment, and every event comes in
 * a task of its own. For fast and repeatable tests of what lies above. Use it with
 * `jest.mock('../../lib/binding/load', () => require('../support/fake-addon').mockLoad())`.
 */
import {
  NATIVE_CONTRACT_VERSION,
  NativeEventKind,
  type NativeAddon,
  type NativeCertificate,
  type NativeDtlsStateChange,
  type NativeFingerprint,
  type NativeIceCandidate,
  type NativeIceOptions,
  type NativeIceParameters,
  type NativeSctpOptions,
} from '../../lib/binding/native-addon';

type Dispatch = (handleId: number, kind: number, number: number, value: unknown) => void;

let dispatcher: Dispatch | null = null;
let lastId = 0;
let keptAlive = false;
let lastPort = 40000;
const live = new Map<number, FakeHandle>();
const iceByFragment = new Map<string, FakeIce>();
let lateAnswers: (() => void)[] | null = null;
const queue: [handle: FakeHandle | null, kind: number, number: number, value: unknown][] = [];

function emit(handle: FakeHandle | null, kind: number, number: number, value: unknown): void {
  queue.push([handle, kind, number, value]);
  setImmediate(() => {
    const [owner, ...event] = queue.shift()!;
    if (!owner?.isClosed) dispatcher?.(owner?.id ?? 0, ...event);
  });
}

class FakeHandle {
  readonly id = ++lastId;
  isClosed = false;
  protected readonly children: FakeHandle[] = [];

  constructor() {
    live.set(this.id, this);
  }

  statistics(): unknown {
    return {};
  }

  requestStats(requestId: number): void {
    const stats = this.statistics();
    emit(null, NativeEventKind.Stats, requestId, stats);
  }

  close(): void {
    if (this.isClosed) return;
    for (const child of this.children) child.close();
    this.isClosed = true;
    live.delete(this.id);
  }

  protected emit(kind: number, value: unknown, number = 0): void {
    emit(this, kind, number, value);
  }
}

class FakeIce extends FakeHandle {
  remote: NativeIceParameters | null = null;
  readonly layers: FakeDtls[] = this.children as FakeDtls[];
  #local: NativeIceParameters;
  #remoteCandidates = 0;
  #isStarted = false;
  #isGathering = false;
  #restarts = 0;
  state = 'new';

  constructor(_options: NativeIceOptions, local: NativeIceParameters) {
    super();
    this.#local = local;
    iceByFragment.set(local.usernameFragment, this);
  }

  get peer(): FakeIce | null {
    const peer = this.remote && iceByFragment.get(this.remote.usernameFragment);
    return peer && !peer.isClosed && peer.remote?.usernameFragment === this.#local.usernameFragment ? peer : null;
  }

  gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.emit(NativeEventKind.IceGatheringState, 'gathering', this.#restarts);
    this.emit(NativeEventKind.IceCandidate, this.#candidate());
    this.emit(NativeEventKind.IceGatheringState, 'complete', this.#restarts);
  }

  restart(local: NativeIceParameters): void {
    this.#local = local;
    iceByFragment.set(local.usernameFragment, this);
    this.#isGathering = false;
    this.#restarts += 1;
    this.gather();
  }

  setRemoteParameters(remote: NativeIceParameters): void {
    if (this.remote && this.remote.usernameFragment !== remote.usernameFragment) this.#remoteCandidates = 0;
    this.remote = remote;
    this.check();
  }

  addRemoteCandidate(): void {
    this.#remoteCandidates += 1;
    this.check();
  }

  setRemoteEndOfCandidates(): void {}
  setRole(): void {}

  start(): void {
    this.#isStarted = true;
    this.check();
  }

  check(): void {
    if (!this.#isStarted || !this.remote || this.#remoteCandidates === 0 || this.isClosed) return;
    if (this.state === 'new') this.#become('checking');
    const { peer } = this;
    if (!peer || peer.state === 'new') return;
    for (const ice of [this, peer]) {
      if (ice.state !== 'checking') continue;
      ice.emit(NativeEventKind.IceSelectedPair, { local: ice.#candidate(), remote: ice.peer!.#candidate() });
      ice.#become('connected');
    }
    for (const dtls of this.layers) dtls.handshake();
  }

  override statistics(): unknown {
    const base = { ...this.#candidate(), id: '1', remote: false };
    return {
      pairs: [],
      candidates: [base],
      selectedPairId: '',
      selectedPairChanges: 0,
      packetsSent: 0,
      packetsReceived: 0,
      bytesSent: 0,
      bytesReceived: 0,
    };
  }

  #become(state: string): void {
    this.state = state;
    this.emit(NativeEventKind.IceState, state);
  }

  #candidate(): NativeIceCandidate {
    return {
      foundation: '1',
      priority: 2130706431,
      protocol: 'udp',
      address: '127.0.0.1',
      port: (this.#port ??= ++lastPort),
      type: 'host',
      tcpType: '',
      relatedAddress: '',
      relatedPort: 0,
      usernameFragment: this.#local.usernameFragment,
      relayProtocol: '',
      url: '',
    };
  }

  #port: number | null = null;
}

class FakeDtls extends FakeHandle {
  readonly ice: FakeIce;
  readonly layers: FakeSctp[] = this.children as FakeSctp[];
  readonly certificate: NativeCertificate;
  #fingerprints: NativeFingerprint[] = [];
  #role: string | null = null;
  state: NativeDtlsStateChange['state'] = 'new';

  constructor(ice: FakeIce, certificate: NativeCertificate) {
    super();
    this.ice = ice;
    this.certificate = certificate;
    ice.layers.push(this);
  }

  get peer(): FakeDtls | null {
    return this.ice.peer?.layers.find(({ isClosed }) => !isClosed) ?? null;
  }

  start(role: string, fingerprints: NativeFingerprint[]): void {
    this.#role = role;
    this.#fingerprints = fingerprints;
    this.handshake();
  }

  handshake(): void {
    const { peer } = this;
    if (this.ice.state !== 'connected' || !peer || !this.#role || !peer.#role || this.state !== 'new') return;
    const both = [this, peer] as const;
    for (const each of both) each.#become('connecting');
    const fits = both.every((each) => each.#trusts(each.peer!.certificate));
    for (const each of both) {
      if (fits) each.#become('connected');
      else each.#become('failed', 'fingerprint mismatch');
    }
    if (fits) for (const sctp of this.layers) sctp.associate();
  }

  override close(): void {
    const { peer } = this;
    const wasConnected = this.state === 'connected' && !this.isClosed;
    super.close();
    this.state = 'closed';
    if (wasConnected && peer?.state === 'connected') peer.#become('closed');
  }

  #trusts(certificate: NativeCertificate): boolean {
    const { value } = certificate.fingerprint('sha-256');
    return this.#fingerprints.some((each) => each.value.toLowerCase() === value.toLowerCase());
  }

  #become(state: NativeDtlsStateChange['state'], error = ''): void {
    this.state = state;
    const info =
      state === 'connected'
        ? { version: 'FEFD', cipher: 'FAKE', srtpCipher: '', group: '', peerCertificates: [new ArrayBuffer(4)] }
        : null;
    this.emit(NativeEventKind.DtlsState, { state, error, receivedAlert: -1, sentAlert: -1, info });
  }
}

type SctpData = string | ArrayBuffer | ArrayBufferView;

class FakeSctp extends FakeHandle {
  readonly dtls: FakeDtls;
  #isStarted = false;
  #isConnected = false;

  constructor(dtls: FakeDtls, _options: NativeSctpOptions) {
    super();
    this.dtls = dtls;
    dtls.layers.push(this);
  }

  get peer(): FakeSctp | null {
    return this.dtls.peer?.layers.find(({ isClosed }) => !isClosed) ?? null;
  }

  start(): void {
    this.#isStarted = true;
    this.associate();
  }

  associate(): void {
    const { peer } = this;
    if (this.dtls.state !== 'connected' || this.#isConnected || !peer || !this.#isStarted || !peer.#isStarted) return;
    for (const each of [this, peer]) {
      each.#isConnected = true;
      each.emit(NativeEventKind.SctpState, { state: 'connected', error: '', cause: -1, maxStreams: 1024 });
    }
  }

  send(stream: number, ppid: number, _ordered: boolean, _kind: number, _limit: number, data: SctpData): number {
    const octets = octetsOf(data);
    const { peer } = this;
    if (ppid === 50) peer?.emit(NativeEventKind.SctpControl, octets.slice().buffer, stream);
    else if (ppid === 51) peer?.emit(NativeEventKind.SctpString, Buffer.from(octets).toString(), stream);
    else if (ppid === 56) peer?.emit(NativeEventKind.SctpString, '', stream);
    else peer?.emit(NativeEventKind.SctpBinary, ppid === 57 ? new ArrayBuffer(0) : octets.slice().buffer, stream);
    this.emit(NativeEventKind.SctpBufferedAmountDecreased, octets.length, stream);
    return octets.length;
  }

  resetStream(stream: number): void {
    this.peer?.emit(NativeEventKind.SctpIncomingReset, undefined, stream);
    const answer = (): void => this.emit(NativeEventKind.SctpOutgoingReset, undefined, stream);
    if (lateAnswers === null) answer();
    else lateAnswers.push(answer);
  }

  setReceiving(): void {}

  override close(): void {
    const { peer } = this;
    const wasConnected = this.#isConnected && !this.isClosed;
    super.close();
    if (wasConnected && peer !== null && peer.#isConnected) {
      peer.#isConnected = false;
      peer.emit(NativeEventKind.SctpState, { state: 'closed', error: 'aborted by the peer', cause: 12 });
    }
  }
}

function octetsOf(data: SctpData): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

function fakeCertificate(expires: number): NativeCertificate {
  const octets = Array.from({ length: 32 }, () => Math.floor(Math.random() * 256));
  const value = octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
  return {
    expires,
    keyType: 'ecdsa-p256',
    fingerprint: (algorithm) => ({ algorithm, value }),
    certificatePem: () => '-----BEGIN CERTIFICATE-----\nRkFLRQ==\n-----END CERTIFICATE-----\n',
    privateKeyPem: () => 'private',
  };
}

const addon = {
  contractVersion: NATIVE_CONTRACT_VERSION,
  versions: { openssl: 'fake', usrsctp: 'fake' },
  setDispatcher: (dispatch: Dispatch) => {
    dispatcher = dispatch;
  },
  setKeepAlive: (active: boolean) => {
    keptAlive = active;
  },
  startNetwork: () => undefined,
  liveHandles: () => live.size,
  mediaCapabilities: () => {
    const nothing = { codecs: [], headerExtensions: [], maxEncodings: 1 };
    return { audio: nothing, video: nothing };
  },
  generateCertificate: ({ expiresInMs }: { expiresInMs: number }, requestId: number) => {
    emit(null, NativeEventKind.CertificateGenerated, requestId, fakeCertificate(Date.now() + expiresInMs));
  },
  certificateFromPem: (certificatePem: string) => {
    if (!certificatePem.includes('CERTIFICATE')) throw new Error('no certificate in the PEM');
    return fakeCertificate(Date.now() + 1000);
  },
  IceTransport: FakeIce,
  DtlsTransport: FakeDtls,
  SctpAssociation: FakeSctp,
};

/** What jest.mock() puts in the place of lib/binding/load. */
export function mockLoad(): { nativeAddon: () => NativeAddon; loadedAddon: () => NativeAddon } {
  const nativeAddon = (): NativeAddon => addon as unknown as NativeAddon;
  return { nativeAddon, loadedAddon: nativeAddon };
}

/** From now on nobody hears that its reset of a stream was performed, as if the answers were lost, until they are let through. */
export function loseResetAnswers(): () => void {
  const late = (lateAnswers = [] as (() => void)[]);
  return () => {
    lateAnswers = null;
    for (const answer of late) answer();
  };
}

/** Whether the process would be held open now. */
export function isKeptAlive(): boolean {
  return keptAlive;
}
