import { inspect } from 'node:util';
import { getUserMedia, RTCDataChannelEvent, RTCError, RTCIceCandidate, RTCPeerConnection } from '../../lib';

test('console.log() shows the attributes of an object, and what the application has put there', () => {
  const pc = Object.assign(new RTCPeerConnection(), { mine: 1 });
  expect(inspect(pc)).toMatch(/^RTCPeerConnection \{[^]*signalingState: 'stable'[^]*sctp: null,\s+mine: 1\s+\}$/);
  expect(inspect({ deep: { pc } }, { depth: 1 })).toBe('{ deep: { pc: [RTCPeerConnection] } }');
  const candidate = 'candidate:1 1 udp 1 192.0.2.1 9 typ host';
  expect(inspect(new RTCIceCandidate({ candidate, sdpMid: '0' }))).toContain(`candidate: '${candidate}'`);
  pc.close();
});

test('of events their type as well, and what they carry', () => {
  const pc = new RTCPeerConnection();
  const channel = pc.createDataChannel('label of mine');
  expect(inspect(new RTCDataChannelEvent('datachannel', { channel }))).toMatch(
    /^RTCDataChannelEvent \{\s+type: 'datachannel',\s+channel: RTCDataChannel \{\s+label: 'label of mine'/,
  );
  pc.close();
});

test('of a track its kind, of a report its statistics, of an error its stack', async () => {
  const [track] = (await getUserMedia({ audio: true })).getTracks();
  expect(inspect(track)).toMatch(/^MediaStreamTrack \{\s+kind: 'audio'/);
  track!.stop();
  const pc = new RTCPeerConnection();
  expect(inspect(await pc.getStats())).toMatch(/^RTCStatsReport Map\(1\) \{[^]*type: 'peer-connection'/);
  pc.close();
  expect(inspect(new RTCError({ errorDetail: 'dtls-failure' }, 'why'))).toMatch(/why[^]* at /);
});

test('prototypes, which have no values, are shown without harm', () => {
  expect(() => inspect(RTCPeerConnection.prototype, { showHidden: true, getters: true })).not.toThrow();
  expect(inspect(Object.create(RTCIceCandidate.prototype))).toBe('RTCIceCandidate {}');
});

test('who calls the custom inspection as Node.js did before version 17, as Chai does, is shown the attributes, too', () => {
  const pc = new RTCPeerConnection();
  const custom: unknown = Reflect.get(pc, inspect.custom);
  const shown: unknown = Reflect.apply(custom as () => string, pc, [2, { depth: 2, colors: false }]);
  expect(shown).toMatch(/^RTCPeerConnection \{[^]*signalingState: 'stable'/);
  pc.close();
});
