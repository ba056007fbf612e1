import { createDOMException } from '../dom/dom-exception';
import type { NativeIceOptions, NativeIceServer } from '../binding/native-addon';
import type { RTCConfiguration } from '../webidl/generated/dictionaries';
import type { RTCRtcpMuxPolicy } from '../webidl/generated/enums';
import { validateIceServers } from './ice-server-url';
import {
  nativeIceOptions,
  type ConnectionConfigurationInit,
  type NonstandardConfiguration,
} from './nonstandard-configuration';

/** What getConfiguration() tells: the members that are the W3C's. */
export type StoredConfiguration = Pick<
  ConnectionConfigurationInit,
  | 'iceServers'
  | 'iceTransportPolicy'
  | 'bundlePolicy'
  | 'rtcpMuxPolicy'
  | 'certificates'
  | 'iceCandidatePoolSize'
  | 'alwaysNegotiateDataChannels'
>;

/** [[Configuration]], validated. */
export interface ConnectionConfiguration {
  readonly dictionary: StoredConfiguration;
  readonly servers: readonly NativeIceServer[];
}

function fail(member: string): never {
  throw createDOMException(`The ${member} of an RTCPeerConnection cannot be changed.`, 'InvalidModificationError');
}

/**
 * Set a configuration (https://w3c.github.io/webrtc-pc/#set-the-configuration)
 * @param old null in the constructor
 * @returns the new [[Configuration]]; nothing has changed when this throws
 */
export function setConfiguration(
  old: ConnectionConfiguration | null,
  configuration: ConnectionConfigurationInit,
  hasLocalDescription: boolean,
): ConnectionConfiguration {
  // 1. – 2. Let connection be the target, oldConfig its configuration.
  // 3. If oldConfig is not null, each failure below throws an InvalidModificationError:
  if (old) {
    const { dictionary: oldConfig } = old;
    // 3.1 – 3.3 The certificates are the same objects, as many and in the same order.
    const { certificates } = configuration;
    if (certificates.length !== oldConfig.certificates.length) fail('certificates');
    if (certificates.some((certificate, index) => certificate !== oldConfig.certificates[index])) fail('certificates');
    // 3.4 bundlePolicy is the same.
    if (configuration.bundlePolicy !== oldConfig.bundlePolicy) fail('bundlePolicy');
    // 3.5 rtcpMuxPolicy is the same.
    if (configuration.rtcpMuxPolicy !== oldConfig.rtcpMuxPolicy) fail('rtcpMuxPolicy');
    // 3.6 iceCandidatePoolSize is the same, once setLocalDescription has been called.
    if (hasLocalDescription && configuration.iceCandidatePoolSize !== oldConfig.iceCandidatePoolSize) {
      fail('iceCandidatePoolSize (after setLocalDescription())');
    }
    // webrtc-extensions does not say; Chromium refuses it.
    if (configuration.alwaysNegotiateDataChannels !== oldConfig.alwaysNegotiateDataChannels) {
      fail('alwaysNegotiateDataChannels');
    }
  }
  // 4. – 6. Let iceServers be configuration.iceServers, truncated; validate each of them.
  const { stored, servers } = validateIceServers(configuration.iceServers);
  // 7. – 9. The ICE agent is given all this at its next gathering (iceOptions() below), and the pool by the caller.
  // 10. Store configuration in [[Configuration]].
  const { iceTransportPolicy, bundlePolicy, rtcpMuxPolicy, certificates, iceCandidatePoolSize } = configuration;
  const { alwaysNegotiateDataChannels } = configuration;
  return {
    dictionary: {
      iceServers: stored,
      iceTransportPolicy,
      bundlePolicy,
      rtcpMuxPolicy,
      certificates,
      iceCandidatePoolSize,
      alwaysNegotiateDataChannels,
    },
    servers,
  };
}

/** Whether the ICE agent would gather other candidates with one than with the other. */
export function isGatheringAlike(a: ConnectionConfiguration, b: ConnectionConfiguration): boolean {
  return (
    a.dictionary.iceTransportPolicy === b.dictionary.iceTransportPolicy &&
    JSON.stringify(a.servers) === JSON.stringify(b.servers)
  );
}

/** What the ICE agent is told when it gathers. */
export function iceOptions(configuration: ConnectionConfiguration, own: NonstandardConfiguration): NativeIceOptions {
  const { servers, dictionary } = configuration;
  return nativeIceOptions(servers, dictionary.iceTransportPolicy, own);
}

/**
 * What getConfiguration() returns: a copy that is the application's to change. The declarations say, as lib.dom does,
 * that rtcpMuxPolicy is 'require': 'negotiate' is for JavaScript of old.
 */
export function copyConfiguration({ dictionary }: ConnectionConfiguration): RTCConfiguration {
  return {
    ...dictionary,
    rtcpMuxPolicy: dictionary.rtcpMuxPolicy as RTCRtcpMuxPolicy,
    iceServers: dictionary.iceServers.map((server) => ({ ...server, urls: [...server.urls] })),
    certificates: [...dictionary.certificates],
  };
}
