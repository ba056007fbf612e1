/** RTP header extension control of WebRTC Extensions: https://w3c.github.io/webrtc-extensions/#rtp-header-extension-control */
import { createDOMException } from '../dom/dom-exception';
import type { Direction, MediaKind, NegotiatedRtp } from '../jsep/rtp-types';
import type { RTCRtpHeaderExtensionCapability } from '../webidl/generated/dictionaries';
import { headerExtensionLimits, rtpCapabilities } from './rtp-capabilities';

/** [[HeaderExtensionsToNegotiate]] or [[NegotiatedHeaderExtensions]]; never changed in place. */
export type HeaderExtensions = readonly Readonly<RTCRtpHeaderExtensionCapability>[];

/**
 * [[HeaderExtensionsToNegotiate]] of a new transceiver.
 * @param first that of the first transceiver of the same kind that is not stopping, so that they agree
 */
export function initialHeaderExtensions(kind: MediaKind, first?: HeaderExtensions): HeaderExtensions {
  return first ?? rtpCapabilities()[kind].headerExtensions.map(({ uri, direction }) => ({ uri, direction }));
}

/** For the application, which may change what it gets. */
export function copyHeaderExtensions(extensions: HeaderExtensions): RTCRtpHeaderExtensionCapability[] {
  return extensions.map(({ uri, direction }) => ({ uri, direction }));
}

/** [[NegotiatedHeaderExtensions]] before there is an answer: none is in use. (Chromium and the tests: not an empty list.) */
export function stoppedHeaderExtensions(extensions: HeaderExtensions): HeaderExtensions {
  return extensions.map(({ uri }) => ({ uri, direction: 'stopped' }));
}

function invalidModification(message: string): DOMException {
  return createDOMException(
    `Failed to execute 'setHeaderExtensionsToNegotiate' on 'RTCRtpTransceiver': ${message}`,
    'InvalidModificationError',
  );
}

const directions: Readonly<Record<Direction, { readonly send: boolean; readonly receive: boolean }>> = {
  sendrecv: { send: true, receive: true },
  sendonly: { send: true, receive: false },
  recvonly: { send: false, receive: true },
  inactive: { send: false, receive: false },
};

function intersection(first: Direction, second: Direction): Direction {
  const send = directions[first].send && directions[second].send;
  const receive = directions[first].receive && directions[second].receive;
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}

/**
 * setHeaderExtensionsToNegotiate(): all or nothing.
 * @returns what becomes [[HeaderExtensionsToNegotiate]]
 */
export function checkHeaderExtensions(
  kind: MediaKind,
  current: HeaderExtensions,
  extensions: HeaderExtensions,
): HeaderExtensions {
  for (const { uri } of extensions) {
    if (uri === '') {
      throw new TypeError("Failed to execute 'setHeaderExtensionsToNegotiate' on 'RTCRtpTransceiver': A uri is empty.");
    }
  }
  // 3. The size.
  if (extensions.length !== current.length) throw invalidModification('Extensions cannot be added or removed.');
  // 4. Each extension.
  return extensions.map(({ uri, direction }, index) => {
    // 4.2. The same at the same place.
    if (uri !== current[index]?.uri) {
      throw invalidModification(`Extensions cannot be replaced or put into another order ('${uri}').`);
    }
    // 4.3., 4.4. Those that are needed.
    const { widest, isMandatory } = headerExtensionLimits(kind, uri);
    if (isMandatory && direction !== 'sendrecv') throw invalidModification(`'${uri}' is mandatory.`);
    // 4.5. Not more than we can do.
    return { uri, direction: direction === 'stopped' ? direction : intersection(direction, widest) };
  });
}

/**
 * What an answer does ("set a session description", as WebRTC Extensions modifies it): both slots become this.
 * Provisional answers do nothing.
 */
export function answeredHeaderExtensions(current: HeaderExtensions, negotiated: NegotiatedRtp): HeaderExtensions {
  return current.map(({ uri }) => ({
    uri,
    direction: negotiated.headerExtensions.find((extension) => extension.uri === uri)?.direction ?? 'stopped',
  }));
}

/**
 * Extensions that stopped because an offer of the peer, or its answer, left them out, not because the application wanted so:
 * when the peer offers them, they are answered. (As web-platform-tests and Chromium have it; by the letter of the steps
 * above they would stay stopped for good.)
 * @param wanted what the application asked for last; null: nothing
 */
export function welcomeHeaderExtensions(wanted: HeaderExtensions | null, current: HeaderExtensions): readonly string[] {
  return current
    .filter(({ uri, direction }) => direction === 'stopped' && !isStopped(uri, wanted))
    .map(({ uri }) => uri);
}

function isStopped(uri: string, extensions: HeaderExtensions | null): boolean {
  return extensions?.some((each) => each.uri === uri && each.direction === 'stopped') ?? false;
}
