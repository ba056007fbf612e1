import { isIP } from 'node:net';
import { isIcePassword, isUsernameFragment } from '../sdp/attributes/ice-chars';
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
  /** Whether ICE connects over TCP, too (RFC 6544), and whether it waits for connections. */
  readonly iceTcp: IceTcp;
  /** Also gather host candidates on loopback; they are always gathered where no other interface exists. */
  readonly includeLoopback: boolean;
  /** Addresses, prefixes and names of interfaces that ICE may use (none allowed: all) and may not use. */
  readonly interfaces: { readonly allow: readonly string[]; readonly exclude: readonly string[] };
  /** Host candidates have names of multicast DNS in place of addresses. */
  readonly mdnsCandidates: boolean;
  /** What a 1:1 NAT in front of this machine makes of its addresses; `local` empty: of all of the family. */
  readonly nat1To1: {
    readonly addresses: readonly { readonly external: string; readonly local: string }[];
    readonly candidateType: 'host' | 'srflx';
  };
  /** The ICE agent only answers checks; host candidates alone. */
  readonly iceLite: boolean;
  /** Of the first generation of the first transport; otherwise random ones. */
  readonly iceCredentials: IceCredentialsInit | null;
  /** Any certificate of the peer will do. */
  readonly disableFingerprintVerification: boolean;
}

type IceTcp = NativeIceOptions['tcp'];

interface PortRangeInit {
  min: number;
  max: number;
}

const toPortRange = webidl.dictionary<PortRangeInit>('PortRange', null, [
  webidl.member('min', webidl.unsignedShortEnforceRange, { default: () => 0 }),
  webidl.member('max', webidl.unsignedShortEnforceRange, { default: () => 65535 }),
]);

interface InterfacesInit {
  allow: string[];
  exclude: string[];
}

const toInterfaces = webidl.dictionary<InterfacesInit>('Interfaces', null, [
  webidl.member('allow', webidl.sequence(webidl.DOMString), { default: () => [] }),
  webidl.member('exclude', webidl.sequence(webidl.DOMString), { default: () => [] }),
]);

interface Nat1To1Init {
  addresses: string[];
  candidateType: 'host' | 'srflx';
}

const toNat1To1 = webidl.dictionary<Nat1To1Init>('Nat1To1', null, [
  webidl.member('addresses', webidl.sequence(webidl.DOMString), { required: true }),
  webidl.member('candidateType', webidl.enumeration('Nat1To1CandidateType', ['host', 'srflx']), {
    default: () => 'host',
  }),
]);

interface IceCredentialsInit {
  readonly usernameFragment: string;
  readonly password: string;
}

const toIceCredentials = webidl.dictionary<IceCredentialsInit>('IceCredentials', null, [
  webidl.member('usernameFragment', webidl.DOMString, { required: true }),
  webidl.member('password', webidl.DOMString, { required: true }),
]);

/** Our members, in whatever dictionary they are given. */
export interface NonstandardMembers {
  portRange?: PortRangeInit;
  bindAddress?: string;
  enableIceUdpMux: boolean;
  iceTcp: IceTcp;
  includeLoopback: boolean;
  interfaces?: InterfacesInit;
  mdnsCandidates: boolean;
  nat1To1?: Nat1To1Init;
}

/** Those that say which addresses of this machine are used. */
export const addressMembers = [
  webidl.member('bindAddress', webidl.DOMString),
  webidl.member('includeLoopback', webidl.boolean, { default: () => false }),
  webidl.member('interfaces', toInterfaces),
];

const nonstandardMembers = [
  webidl.member('portRange', toPortRange),
  webidl.member('enableIceUdpMux', webidl.boolean, { default: () => false }),
  webidl.member('mdnsCandidates', webidl.boolean, { default: () => false }),
  webidl.member('iceTcp', webidl.enumeration('IceTcp', ['off', 'active', 'listen']), { default: () => 'active' }),
  webidl.member('nat1To1', toNat1To1),
  ...addressMembers,
];

/** RTCConfiguration with our members; 'negotiate' was in earlier versions of webrtc-pc, and is what wrtc takes. */
export interface ConnectionConfigurationInit extends Omit<RTCConfiguration, 'rtcpMuxPolicy'>, NonstandardMembers {
  rtcpMuxPolicy: 'require' | 'negotiate';
  // Ours, too (docs/nonstandard.md).
  iceCredentials?: IceCredentialsInit;
  iceLite?: boolean;
  disableFingerprintVerification?: boolean;
  receiveSimulcast: boolean;
  /** Chromium's, and ours. */
  encodedInsertableStreams: boolean;
}

/** RTCIceGatherOptions with our members. */
export interface GatherOptionsInit extends RTCIceGatherOptions, NonstandardMembers {}

/** What scripts may give; the brands of certificates are checked by the conversion. */
export type GivenConfiguration = Omit<
  Partial<ConnectionConfigurationInit>,
  'certificates' | 'interfaces' | 'nat1To1' | 'portRange'
> & {
  certificates?: readonly object[];
  portRange?: Partial<PortRangeInit>;
  interfaces?: Partial<InterfacesInit>;
  nat1To1?: Partial<Nat1To1Init>;
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
  webidl.member('alwaysNegotiateDataChannels', webidl.boolean, { default: () => false }),
  webidl.member('iceCredentials', toIceCredentials),
  webidl.member('iceLite', webidl.boolean, { default: () => false }),
  webidl.member('disableFingerprintVerification', webidl.boolean, { default: () => false }),
  webidl.member('receiveSimulcast', webidl.boolean, { default: () => false }),
  webidl.member('encodedInsertableStreams', webidl.boolean, { default: () => false }),
  ...nonstandardMembers,
]);

export const toGatherOptions = webidl.dictionary<GatherOptionsInit>(
  'RTCIceGatherOptions',
  toRTCIceGatherOptions,
  nonstandardMembers,
);

/** An address, a prefix, or what the name of an interface may be; see native/net/interface_filter.h. */
function isInterfaceEntry(entry: string): boolean {
  const [address = '', length, ...rest] = entry.split('/');
  if (length === undefined) return entry.length > 0 && entry.length <= 64;
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
}

/** At most as many as a machine could be meant to have. */
const MAX_ENTRIES = 256;

/** @throws TypeError when an entry means nothing */
export function checkedInterfaces(interfaces: InterfacesInit | undefined, context: string): InterfacesInit {
  const { allow, exclude } = interfaces ?? { allow: [], exclude: [] };
  for (const entry of [...allow, ...exclude]) {
    if (isInterfaceEntry(entry)) continue;
    throw webidl.conversionError(
      context,
      `'${entry.slice(0, 64)}' in interfaces is no address, no prefix and no name of an interface.`,
    );
  }
  if (allow.length > MAX_ENTRIES || exclude.length > MAX_ENTRIES) {
    throw webidl.conversionError(context, `There are more than ${MAX_ENTRIES} entries in interfaces.`);
  }
  return { allow, exclude };
}

/** @throws TypeError */
export function checkedBindAddress(bindAddress: string, context: string): string {
  if (bindAddress === '' || isIP(bindAddress) !== 0) return bindAddress;
  throw webidl.conversionError(context, `The bindAddress '${bindAddress.slice(0, 64)}' is not an IP address.`);
}

/** 'external' or 'external/local', as pion has them. */
function checkedNat1To1(nat: Nat1To1Init | undefined, context: string): NonstandardConfiguration['nat1To1'] {
  const { addresses, candidateType } = nat ?? { addresses: [], candidateType: 'host' };
  const fail = (reason: string): never => {
    throw webidl.conversionError(context, `${reason} in nat1To1.addresses.`);
  };
  if (addresses.length > MAX_ENTRIES) fail(`There are more than ${MAX_ENTRIES} entries`);
  const seen = new Set<string>();
  const pairs = addresses.map((entry) => {
    const [external = '', local = '', ...rest] = entry.split('/');
    const family = isIP(external);
    const isPair = entry.includes('/');
    if (family === 0 || rest.length > 0 || (isPair && isIP(local) !== family)) {
      fail(`'${entry.slice(0, 128)}' is neither an address nor two of one family, external/local,`);
    }
    const key = isPair ? local : `IPv${family}`;
    if (seen.has(key)) fail(`There is more than one external address for ${isPair ? local : `all of ${key}`}`);
    seen.add(key);
    return { external, local };
  });
  return { addresses: pairs, candidateType };
}

/** @throws TypeError */
export function checkedCredentials(
  credentials: IceCredentialsInit | undefined,
  context: string,
): IceCredentialsInit | null {
  if (!credentials) return null;
  const { usernameFragment, password } = credentials;
  if (isUsernameFragment(usernameFragment) && isIcePassword(password)) return { usernameFragment, password };
  throw webidl.conversionError(
    context,
    'usernameFragment or password of iceCredentials is not well-formed (RFC 8839).',
  );
}

/** @throws TypeError when a member has an impossible value */
export function nonstandardConfiguration(
  {
    portRange,
    bindAddress = '',
    enableIceUdpMux,
    iceTcp,
    includeLoopback,
    interfaces,
    mdnsCandidates,
    nat1To1,
    iceCredentials,
    iceLite = false,
    disableFingerprintVerification = false,
  }: NonstandardMembers &
    Pick<ConnectionConfigurationInit, 'iceCredentials' | 'iceLite' | 'disableFingerprintVerification'>,
  context: string,
): NonstandardConfiguration {
  if (portRange && portRange.min > portRange.max) {
    throw webidl.conversionError(context, 'Expected min to be less than max in portRange.');
  }
  if (enableIceUdpMux && !portRange?.min) {
    throw webidl.conversionError(context, 'enableIceUdpMux needs portRange.min, the port that is shared.');
  }
  if (mdnsCandidates && nat1To1 && nat1To1.candidateType === 'host') {
    throw webidl.conversionError(context, "mdnsCandidates hides the addresses that nat1To1 is to show: take 'srflx'.");
  }
  // { min: 0 } and { max: 65535 } alone say nothing: any port, as without the member.
  const limited = portRange !== undefined && (portRange.min !== 0 || portRange.max !== 65535);
  return {
    portRange: limited ? { min: Math.max(1, portRange.min), max: portRange.max } : { min: 0, max: 0 },
    bindAddress: checkedBindAddress(bindAddress, context),
    enableIceUdpMux,
    iceTcp,
    includeLoopback,
    interfaces: checkedInterfaces(interfaces, context),
    mdnsCandidates,
    nat1To1: checkedNat1To1(nat1To1, context),
    iceCredentials: checkedCredentials(iceCredentials, context),
    iceLite,
    disableFingerprintVerification,
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
    tcp: own.iceTcp,
    extraAuthorities: process.env['NODE_EXTRA_CA_CERTS'] ?? '',
    allowedInterfaces: [...own.interfaces.allow],
    excludedInterfaces: [...own.interfaces.exclude],
    natAddresses: [...own.nat1To1.addresses],
    natCandidateType: own.nat1To1.candidateType,
    mdnsCandidates: own.mdnsCandidates,
    lite: own.iceLite,
  };
}
