import type { NativeIceStats } from '../../lib/binding/native-addon';
import { candidateStats } from '../../lib/stats/types/candidate';
import { transportStats } from '../../lib/stats/types/transport';

const candidate: NativeIceStats['candidates'][number] = {
  id: 'R1',
  remote: true,
  foundation: 'prflx1',
  priority: 1,
  protocol: 'udp',
  address: '192.0.2.1',
  port: 9,
  type: 'prflx',
  tcpType: '',
  relatedAddress: '',
  relatedPort: 0,
  usernameFragment: '',
  relayProtocol: '',
  url: '',
};

describe('RTCIceCandidateStats', () => {
  test('tell no remote address that was only learned from checks', () => {
    expect(candidateStats('t', candidate, new Set(['192.0.2.2']), 0).address).toBeNull();
    expect(candidateStats('t', candidate, new Set(['192.0.2.1']), 0).address).toBe('192.0.2.1');
    expect(candidateStats('t', { ...candidate, remote: false }, new Set(), 0).address).toBe('192.0.2.1');
    expect(candidateStats('t', { ...candidate, type: 'host' }, new Set(), 0).address).toBe('192.0.2.1');
  });

  test('leave out what is not known', () => {
    const entry = candidateStats('t', candidate, new Set(), 0);
    for (const member of ['usernameFragment', 'tcpType', 'relatedAddress', 'relatedPort', 'relayProtocol', 'url']) {
      expect(entry).not.toHaveProperty(member);
    }
    expect(candidateStats('t', { ...candidate, usernameFragment: 'abcd' }, new Set(), 0).usernameFragment).toBe('abcd');
  });
});

test("RTCTransportStats.srtpCipher has IANA's name", () => {
  const info = { version: 'FEFD', cipher: 'X', srtpCipher: 'SRTP_AES128_CM_SHA1_80', group: '', peerCertificates: [] };
  const description = {
    transportId: 't',
    iceRole: 'controlled' as const,
    iceState: 'connected' as const,
    dtlsState: 'connected' as const,
    dtlsRole: 'client' as const,
    localUsernameFragment: null,
    info,
    localCertificateId: null,
    remoteCertificateId: null,
  };
  const ice: NativeIceStats = {
    pairs: [],
    candidates: [],
    selectedPairId: '',
    selectedPairChanges: 0,
    packetsSent: 0,
    packetsReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
  };
  expect(transportStats(description, ice, 0).srtpCipher).toBe('SRTP_AES128_CM_HMAC_SHA1_80');
  const gcm = { ...description, info: { ...info, srtpCipher: 'SRTP_AEAD_AES_128_GCM' } };
  expect(transportStats(gcm, ice, 0).srtpCipher).toBe('SRTP_AEAD_AES_128_GCM');
  expect(transportStats({ ...description, info: null }, ice, 0)).not.toHaveProperty('srtpCipher');
});
