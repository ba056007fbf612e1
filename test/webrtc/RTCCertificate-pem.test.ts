import { RTCCertificate, RTCPeerConnection } from '../../lib';
import { connectPair } from '../support/connect';

describe('RTCCertificate', () => {
  test('goes out and in as PEM, with the same fingerprint, and connects', async () => {
    const certificate = await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });
    const pem = RTCCertificate.toPem(certificate);
    const again = RTCCertificate.fromPem(pem.certificate, pem.privateKey);
    expect(again.getFingerprints()).toEqual(certificate.getFingerprints());
    expect(Math.abs(again.expires - certificate.expires)).toBeLessThan(2000);
    const [a, b] = [new RTCPeerConnection({ certificates: [again] as never }), new RTCPeerConnection()];
    await connectPair(a, b);
    const [der] = b.sctp!.transport.getRemoteCertificates();
    expect(Buffer.from(der!).toString('base64')).toBe(pem.certificate.replace(/-----[^-]+-----|\s/g, ''));
    a.close();
    b.close();
  });

  test('bad PEM is an InvalidAccessError with a reason', () => {
    expect(() => RTCCertificate.fromPem('x', 'y')).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
  });

  test.each([
    [{ name: 'ECDSA', namedCurve: 'P-521' }, 'NotSupportedError'],
    [{ name: 'RSA-PSS' }, 'NotSupportedError'],
    [{ name: 'ECDSA' }, 'TypeError'],
    [{ name: 'ECDSA', namedCurve: 'P-256', expires: -1 }, 'TypeError'],
    [undefined, 'NotSupportedError'],
  ])('generateCertificate(%j) rejects with %s', async (algorithm, name) => {
    await expect(RTCPeerConnection.generateCertificate(algorithm)).rejects.toMatchObject({ name });
  });
});
