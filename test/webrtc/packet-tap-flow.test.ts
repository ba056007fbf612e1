import { nonstandard, RTCPeerConnection, type RTCRtpReceiver } from '../../lib';
import { once, trickle } from '../support/connect';
import { closePairs, fakeTrack, hearSound, sendTrack } from '../support/media-pair';

const { RTCRtpPacketTap } = nonstandard;

afterEach(closePairs);

interface Seen {
  packet: Buffer;
  kind: 'rtp' | 'rtcp';
}

function watch(target: ConstructorParameters<typeof RTCRtpPacketTap>[0]) {
  const tap = new RTCRtpPacketTap(target);
  const seen: Seen[] = [];
  const waiting = new Set<() => void>();
  tap.onpacket = ({ packet, kind }: Seen) => {
    seen.push({ packet, kind });
    for (const each of waiting) each();
  };
  const until = (fits: (each: Seen) => boolean) =>
    new Promise<Seen>((resolve) => {
      const look = () => {
        const found = seen.find(fits);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { tap, seen, until };
}

const isRtcp = ({ kind }: Seen) => kind === 'rtcp';

describe.each(['audio', 'video'] as const)('packets of %s', (kind) => {
  test('are seen on both sides as they are, and RTCP that answers them', async () => {
    const { sender, receiver } = await sendTrack(await fakeTrack(kind));
    const [sent, received] = [watch(sender), watch(receiver)];
    const first = await received.until((each) => each.kind === 'rtp');
    const texts = (seen: Seen[]) =>
      seen.filter((each) => each.kind === 'rtp').map(({ packet }) => packet.toString('hex'));
    const isFifth = () => received.seen.filter((each) => each.kind === 'rtp').length >= 5;
    await Promise.all([sent.until(isRtcp), received.until(isRtcp), received.until(isFifth)]);
    expect(first.packet[0]! >> 6).toBe(2);
    const arrived = texts(received.seen);
    expect(arrived.length).toBeGreaterThan(3);
    expect(texts(sent.seen)).toEqual(expect.arrayContaining(arrived.slice(0, 4)));
    const types = received.seen.filter(isRtcp).map(({ packet }) => packet[1]!);
    for (const type of types) expect([200, 201, 205, 206, 207]).toContain(type);
  });
});

test('a packet that is written goes out, and one that is fed in is received', async () => {
  const { sender, receiver, b } = await sendTrack(await fakeTrack('audio'), { codec: 'opus' });
  await hearSound(receiver.track, 1);
  const [sent, received] = [watch(sender), watch(receiver)];
  const { packet } = await received.until(({ kind }) => kind === 'rtp');
  // The same stream, far ahead: nobody else has the number.
  const own = Buffer.from(packet);
  own.writeUInt16BE((own.readUInt16BE(2) + 1000) & 0xffff, 2);
  expect(sent.tap.write(own)).toBe(true);
  await received.until((each) => each.packet.equals(own));
  const strange = Buffer.from(own);
  strange.writeUInt16BE((own.readUInt16BE(2) + 1) & 0xffff, 2);
  expect(received.tap.write(strange)).toBe(true);
  await received.until((each) => each.packet.equals(strange));
  expect(b.connectionState).toBe('connected');
  sent.tap.stop();
  expect(sent.tap.write(own)).toBe(false);
});

test('sound is sent again to a peer that answers with nack', async () => {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    trickle(a, b);
    const sender = a.addTrack(await fakeTrack('audio'));
    const back = watch(b.addTrack(await fakeTrack('audio')));
    const track = once<{ receiver: RTCRtpReceiver }>(b as never, 'track');
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    await b.setLocalDescription();
    const sdp = b.localDescription!.sdp.replace(/^a=rtpmap:(\d+) opus.*$/m, '$&\r\na=rtcp-fb:$1 nack');
    await a.setRemoteDescription({ type: 'answer', sdp });
    const { receiver } = await track;
    const received = watch(receiver);
    const { packet } = await received.until(({ kind }) => kind === 'rtp');
    const [number, ssrc] = [packet.subarray(2, 4), packet.subarray(8, 12)];
    // RFC 4585 section 6.2.1, from the SSRC of nobody.
    back.tap.write(Buffer.concat([Buffer.from([0x81, 205, 0, 3, 0, 0, 0, 1]), ssrc, number, Buffer.of(0, 0)]), 'rtcp');
    // The same octets as before, which b has already.
    let resent = 0;
    while (resent === 0) {
      const outbound = [...(await sender.getStats()).values()].find(({ type }) => type === 'outbound-rtp');
      resent = (outbound as { retransmittedPacketsSent?: number } | undefined)?.retransmittedPacketsSent ?? 0;
    }
    expect(resent).toBe(1);
  } finally {
    a.close();
    b.close();
  }
});

test('a peer that ends its stream with every other packet has the track muted no oftener than anybody looks', async () => {
  const { sender, receiver } = await sendTrack(await fakeTrack('audio'), { codec: 'opus' });
  await hearSound(receiver.track, 1);
  const [sent, received] = [watch(sender), watch(receiver)];
  const { packet } = await received.until(({ kind }) => kind === 'rtp');
  sent.tap.stop();
  const goodbye = Buffer.from([0x81, 203, 0, 1, ...packet.subarray(8, 12)]);
  let changes = 0;
  receiver.track.onmute = receiver.track.onunmute = () => {
    changes++;
  };
  const own = Buffer.from(packet);
  for (let round = 0; round < 2000; round++) {
    own.writeUInt16BE((own.readUInt16BE(2) + 1) & 0xffff, 2);
    received.tap.write(own);
    received.tap.write(goodbye, 'rtcp');
  }
  own.writeUInt16BE((own.readUInt16BE(2) + 1) & 0xffff, 2);
  received.tap.write(own);
  await received.until((each) => each.packet.equals(own));
  expect(changes).toBeLessThan(500);
  while (receiver.track.muted) {
    await new Promise((resolve) => receiver.track.addEventListener('unmute', resolve, { once: true }));
  }
});
