import { isIP } from 'node:net';
import * as webidl from '../webidl';
import type { NativeIceOptions, NativeIceServer } from '../binding/native-addon';
import {
  toRTCIceGatherOptions,
  toRTCIceServer,
  type RTCConfiguration,
  type RTCIceGatherOptions,
} from '../webidl/generated/dictionaries';
import { toRTCBundlePolicy, toRTCIceTransportPolicy, type RTCIceTransportPolicy } from '../webidl/generated/enums';

/**
 * Members of the configuration that are ours, not the W3C's (docs/nonstandard.md). They are read when the connection
 * is constructed, and cannot change afterwards.
 */
export interface NonstandardConfiguration {
  /** Local ports that ICE may use, both inclusive; min 0 and max 0: any. */
  readonly portRange: { readonly min: number; readonly max: number };
  /** Local IP address to use; empty: every usable interface. */
  readonly bindAddress: string;
  /** All connections of the process with this flag and the same `portRange.min` share one UDP socket on that port. */
  readonly enableIceUdpMux: boolean;
  /** Also gather host candidates on loopback; they are always gathered where no other interface exists. */
  readonly includeLoopback: boolean;
}

interface PortRangeInit {
  min: number;
  max: number;
}

const toPortRange = webidl.dictionary<PortRangeInit>('PortRange', null, [
  webidl.member('min', webidl.unsignedShortEnforceRange, { default: () => 0 }),
  webidl.member('max', webidl.unsignedShortEnforceRange, { default: () => 65535 }),
]);

/** Our members, in whatever dictionary they are given. */
export interface NonstandardMembers {
  portRange?: PortRangeInit;
  bindAddress?: string;
  enableIceUdpMux: boolean;
  includeLoopback: boolean;
}

const nonstandardMembers = [
  webidl.member('portRange', toPortRange),
  webidl.member('bindAddress', webidl.DOMString),
  webidl.member('enableIceUdpMux', webidl.boolean, { default: () => false }),
  webidl.member('includeLoopback', webidl.boolean, { default: () => false }),
];

/** RTCConfiguration with our members; 'negotiate' was in earlier versions of webrtc-pc, and is what wrtc takes. */
export interface ConnectionConfigurationInit extends Omit<RTCConfiguration, 'rtcpMuxPolicy'>, NonstandardMembers {
  rtcpMuxPolicy: 'require' | 'negotiate';
  /** Ours, too (docs/nonstandard.md). */
  receiveSimulcast: boolean;
  /** Chromium's, and ours. */
  encodedInsertableStreams: boolean;
}

/** RTCIceGatherOptions with our members. */
export interface GatherOptionsInit extends RTCIceGatherOptions, NonstandardMembers {}

/** What scripts may give; the brands of certificates are checked by the conversion. */
export type GivenConfiguration = Omit<Partial<ConnectionConfigurationInit>, 'certificates' | 'portRange'> & {
  certificates?: readonly object[];
  portRange?: Partial<PortRangeInit>;
};

/** Reads each property once, so that getters with side effects see what they would see in a browser. */
export const toConnectionConfiguration = webidl.dictionary<ConnectionConfigurationInit>('RTCConfiguration', null, [
  webidl.member('iceServers', webidl.sequence(toRTCIceServer), { default: () => [] }),
  webidl.member('iceTransportPolicy', toRTCIceTransportPolicy, { default: () => 'all' }),
  webidl.member('bundlePolicy', toRTCBundlePolicy, { default: () => 'balanced' }),
  webidl.member('rtcpMuxPolicy', webidl.enumeration('RTCRtcpMuxPolicy', ['require', 'negotiate']), {
    default: () => 'require',
  }),
  webidl.member('certificates', webidl.sequence(webidl.interfaceConverter('RTCCertificate')), { default: () => [] }),
  webidl.member('iceCandidatePoolSize', webidl.octetEnforceRange, { default: () => 0 }),
  webidl.member('receiveSimulcast', webidl.boolean, { default: () => false }),
  webidl.member('encodedInsertableStreams', webidl.boolean, { default: () => false }),
  ...nonstandardMembers,
]);

export const toGatherOptions = webidl.dictionary<GatherOptionsInit>(
  'RTCIceGatherOptions',
  toRTCIceGatherOptions,
  nonstandardMembers,
);

/** @throws TypeError when a member has an impossible value */
export function nonstandardConfiguration(
  { portRange, bindAddress = '', enableIceUdpMux, includeLoopback }: NonstandardMembers,
  context: string,
): NonstandardConfiguration {
  if (portRange && portRange.min > portRange.max) {
    throw webidl.conversionError(context, 'Expected min to be less than max in portRange.');
  }
  if (bindAddress !== '' && isIP(bindAddress) === 0) {
    throw webidl.conversionError(context, `The bindAddress '${bindAddress.slice(0, 64)}' is not an IP address.`);
  }
  if (enableIceUdpMux && !portRange?.min) {
    throw webidl.conversionError(context, 'enableIceUdpMux needs portRange.min, the port that is shared.');
  }
  // { min: 0 } and { max: 65535 } alone say nothing: any port, as without the member.
  const limited = portRange !== undefined && (portRange.min !== 0 || portRange.max !== 65535);
  return {
    portRange: limited ? { min: Math.max(1, portRange.min), max: portRange.max } : { min: 0, max: 0 },
    bindAddress,
    enableIceUdpMux,
    includeLoopback,
  };
}

/** What the ICE agent is told when it gathers. */
export function nativeIceOptions(
  servers: readonly NativeIceServer[],
  policy: RTCIceTransportPolicy,
  own: NonstandardConfiguration,
): NativeIceOptions {
  return {
    servers: [...servers],
    relayOnly: policy === 'relay',
    portRangeBegin: own.portRange.min,
    portRangeEnd: own.portRange.max,
    bindAddress: own.bindAddress,
    udpMux: own.enableIceUdpMux,
    includeLoopback: own.includeLoopback,
    extraAuthorities: process.env['NODE_EXTRA_CA_CERTS'] ?? '',
  };
}
