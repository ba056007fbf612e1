/**
 * The packages measured, behind the subset of RTCPeerConnection that all of them have.
 *
 * Each is used through its W3C-shaped surface, as an application would; node-datachannel also through its native names,
 * because that is its quickest form.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * `create(configuration)`: peerwire alone looks at the argument.
 * @typedef {{name: string, version: string, create: (configuration?: object) => any, nonstandard?: any}} Peer
 */

const versionOf = (name) => {
  const entry = require.resolve(name).split(`node_modules/${name}/`)[0];
  return require(`${entry}node_modules/${name}/package.json`).version;
};

const peers = {
  async peerwire() {
    const { RTCPeerConnection, nonstandard } = require('../../dist/index.js');
    const { version } = require('../../package.json');
    const create = (configuration) => new RTCPeerConnection(configuration);
    return { version, create, nonstandard, canKeepResolution: true };
  },
  async 'node-datachannel'() {
    const { RTCPeerConnection } = await import('node-datachannel/polyfill');
    return { version: versionOf('node-datachannel'), create: () => new RTCPeerConnection({ iceServers: [] }) };
  },
  async 'node-datachannel (native names)'() {
    const { createNativePeer } = await import('./node-datachannel-native.mjs');
    return { version: versionOf('node-datachannel'), create: createNativePeer };
  },
  async '@roamhq/wrtc'() {
    const { default: wrtc } = await import('@roamhq/wrtc');
    const { nonstandard } = wrtc;
    return { version: versionOf('@roamhq/wrtc'), create: () => new wrtc.RTCPeerConnection(), nonstandard };
  },
  async werift() {
    const { RTCPeerConnection } = await import('werift');
    return { version: versionOf('werift'), create: () => new RTCPeerConnection({ iceServers: [] }) };
  },
};

export const peerNames = Object.keys(peers);

/** @returns {Promise<Peer>} */
export async function loadPeer(name) {
  return { name, ...(await peers[name]()) };
}
