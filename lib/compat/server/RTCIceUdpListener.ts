import type { NativeUnknownRequest } from '../../binding/native-addon';
import { createDOMException } from '../../dom/dom-exception';
import type { EventHandler } from '../../dom/event-handler';
import { fireEvent } from '../../dom/fire-event';
import { Event, EventTarget } from '../../dom/realm';
import { IceUdpPort } from '../../transport/ice-udp-port';
import * as webidl from '../../webidl';
import {
  addressMembers,
  nativeIceOptions,
  nonstandardConfiguration,
  type NonstandardMembers,
} from '../../webrtc/nonstandard-configuration';

const INTERFACE = 'RTCIceUdpListener';

type ListenOptions = Pick<NonstandardMembers, 'bindAddress' | 'includeLoopback' | 'interfaces'> & { port: number };

const toListenOptions = webidl.dictionary<ListenOptions>('RTCIceUdpListenerOptions', null, [
  webidl.member('port', webidl.unsignedShortEnforceRange, { default: () => 0 }),
  ...addressMembers,
]);

/** `bindingrequest` of a listener. Nothing in it has been authenticated. */
class BindingRequestEvent extends Event {
  readonly localUsernameFragment: string;
  readonly remoteUsernameFragment: string;
  /** Where the request came from. */
  readonly address: string;
  readonly port: number;
  /** Which of our addresses it came to. */
  readonly localAddress: string;

  constructor({ localUsernameFragment, remoteUsernameFragment, local, remote }: NativeUnknownRequest) {
    super('bindingrequest');
    this.localUsernameFragment = localUsernameFragment;
    this.remoteUsernameFragment = remoteUsernameFragment;
    this.address = remote.address;
    this.port = remote.port;
    this.localAddress = local.address;
  }
}

/** Holds a shared UDP port open, and tells of peers that nobody has been made for yet (docs/nonstandard.md). */
export class RTCIceUdpListener extends EventTarget {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #udp in value);
  }

  declare onbindingrequest: EventHandler;

  readonly #udp: IceUdpPort;

  constructor(key: unknown, udp: IceUdpPort) {
    webidl.requireConstructionKey(key);
    super();
    this.#udp = udp;
    udp.onrequest = (request) => {
      fireEvent(this, new BindingRequestEvent(request));
    };
  }

  /** Rejects with a NetworkError when the port cannot be had. */
  static async listen(options?: unknown): Promise<RTCIceUdpListener> {
    const context = webidl.operationContext('listen', INTERFACE);
    const { port, ...members } = toListenOptions(options, context);
    const own = nonstandardConfiguration(
      { ...members, enableIceUdpMux: false, iceTcp: 'off', mdnsCandidates: false },
      context,
    );
    const native = { ...nativeIceOptions([], 'all', own), portRangeBegin: port, portRangeEnd: port };
    try {
      return new RTCIceUdpListener(webidl.constructionKey, await IceUdpPort.open(native));
    } catch (error) {
      throw createDOMException(`The port cannot be opened: ${(error as Error).message}`, 'NetworkError');
    }
  }

  /** For `portRange.min` of connections with `enableIceUdpMux`. */
  get port(): number {
    return this.#udp.addresses[0]?.port ?? 0;
  }

  /** Tells of nothing any more. Connections on the port go on. */
  close(): void {
    this.#udp.close();
  }

  /** The listener holds the process while it is open, as net.Server does. */
  ref(): this {
    this.#udp.setReferenced(true);
    return this;
  }

  unref(): this {
    this.#udp.setReferenced(false);
    return this;
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    RTCIceUdpListener: RTCIceUdpListener;
  }
}
