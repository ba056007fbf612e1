/** Recorded offers of other implementations are answered, step by step; their answers fit offers of ours. */
import { RTCPeerConnection } from '../../lib';
import { attributeValue } from '../../lib/sdp/attributes/attribute-list';
import { directionOf } from '../../lib/sdp/attributes/direction';
import { parseSimulcast } from '../../lib/sdp/attributes/rid-simulcast';
import { parseSessionDescription } from '../../lib/sdp/parse';
import { expectAnswerFits } from '../support/expect-answer';
import { recordedOffers, recordedSessions, type RecordedSession } from '../support/recorded-sessions';
import { codecOf, isRejected, isRtp } from '../support/rtp-section';
import { translateAnswer } from '../support/translate-answer';

const REVERSED: Record<string, string> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

let pc: RTCPeerConnection;
beforeEach(() => {
  pc = new RTCPeerConnection();
});
afterEach(() => pc.close());

async function answer(offer: string): Promise<string> {
  await pc.setRemoteDescription({ type: 'offer', sdp: offer });
  const { sdp } = await pc.createAnswer();
  await pc.setLocalDescription({ type: 'answer', sdp });
  expect(pc.signalingState).toBe('stable');
  expectAnswerFits(offer, sdp!);
  return sdp!;
}

/** Nothing that was offered is refused, and each section has its transceiver. */
function expectTaken(offerText: string, answerText: string): void {
  const [offer, given] = [parseSessionDescription(offerText), parseSessionDescription(answerText)];
  const sections = offer.media.filter((section) => isRtp(section) && !isRejected(section));
  expect(given.media.filter((section) => section.port === 0)).toHaveLength(offer.media.filter(isRejected).length);
  const live = pc.getTransceivers().filter(({ direction }) => direction !== 'stopped');
  expect(live.map(({ receiver }) => receiver.track.kind).sort()).toEqual(sections.map(({ kind }) => kind).sort());
  for (const { mid, currentDirection, receiver } of live) {
    const section = given.media.find((one) => attributeValue(one, 'mid') === mid || mid === null);
    // One without a=mid has a mid of our making.
    if (section) expect(currentDirection).toBe(directionOf(section, given));
    expect(receiver.transport).not.toBeNull();
  }
}

describe('recorded offers', () => {
  it.each(Object.keys(recordedOffers))('%s is answered', async (name) => {
    const offer = recordedOffers[name]!;
    expectTaken(offer, await answer(offer));
  });

  /** As far as the same side offers: the rest answers what we would not have said. */
  const prefix = ({ steps }: RecordedSession) => {
    const offers = steps.filter(({ type }) => type === 'offer');
    const end = offers.findIndex(({ side }) => side !== 'a');
    return (end < 0 ? offers : offers.slice(0, end)).map(({ sdp }) => sdp);
  };
  const own = recordedSessions.filter(({ name }) => !name.includes('answers-'));
  it.each(own)('$name is answered', async (session) => {
    for (const offer of prefix(session)) expectTaken(offer, await answer(offer));
  });

  it.each(own)('$name is answered again after a rollback, in the same way', async (session) => {
    for (const sdp of prefix(session)) {
      const before = pc.getTransceivers().map((one) => [one, one.mid, one.direction]);
      await pc.setRemoteDescription({ type: 'offer', sdp });
      const first = (await pc.createAnswer()).sdp!;
      await pc.setRemoteDescription({ type: 'rollback' });
      const after = pc.getTransceivers().map((one, index) => [
        before[index]?.[0] === one,
        one.mid,
        // What a rejected section has stopped stays so.
        one.direction === 'stopped' ? before[index]?.[2] : one.direction,
      ]);
      expect(after).toEqual(before.map(([, mid, direction]) => [true, mid, direction]));
      // Nor do candidates: an offer before this one has transports gather, and they may have come meanwhile.
      const lasting = (text: string) =>
        text
          .replace(/a=(ice-(ufrag|pwd)|msid|ssrc|ssrc-group|cname|candidate|rtcp):.*\r\n|[oc]=.*\r\n/g, '')
          .replace(/a=end-of-candidates\r\n/g, '')
          .replace(/^(m=\S+) [1-9]\d*/gm, '$1 9');
      expect(lasting(await answer(sdp))).toBe(lasting(first));
    }
  });
});

describe('recorded answers', () => {
  const first = ({ steps }: RecordedSession) => ({ offer: steps[0]!.sdp, answer: steps[1]?.sdp });
  const sessions = recordedSessions.filter((session) => {
    const { answer: text } = first(session);
    if (text === undefined || session.steps[1]!.type !== 'answer') return false;
    // Our offers have data behind everything else.
    const kinds = parseSessionDescription(text).media.map(({ kind }) => kind);
    return !kinds.slice(0, -1).includes('application');
  });

  it.each(sessions)('$name pass the test that ours have to pass', (session) => {
    const { offer, answer: text } = first(session);
    // It leaves rejected sections in its bundle.
    const isWrong = session.name.startsWith('werift') && /directions|recvonly/.test(session.name);
    if (isWrong) expect(() => expectAnswerFits(offer, text!)).toThrow();
    else expectAnswerFits(offer, text!);
  });

  it.each(sessions)('$name fit an offer of ours', async (session) => {
    const recorded = parseSessionDescription(first(session).answer!);
    for (const section of recorded.media) {
      if (!isRtp(section)) pc.createDataChannel('x');
      else {
        const streams = parseSimulcast(attributeValue(section, 'simulcast') ?? '')?.recv ?? [];
        const sendEncodings = streams.map(({ alternatives }) => ({ rid: alternatives[0]!.id }));
        pc.addTransceiver(section.kind as 'audio', sendEncodings.length > 0 ? { sendEncodings } : {});
      }
    }
    await pc.setLocalDescription();
    const sdp = translateAnswer(first(session).answer!, pc.localDescription!.sdp);
    const translated = parseSessionDescription(sdp);
    await pc.setRemoteDescription({ type: 'answer', sdp });
    expect(pc.signalingState).toBe('stable');
    const sections = translated.media.filter(isRtp);
    const transceivers = pc.getTransceivers();
    for (const [index, section] of sections.entries()) {
      const mid = attributeValue(section, 'mid');
      const transceiver = transceivers.find((one) => one.mid === mid);
      if (isRejected(section)) {
        expect(transceiver).toBeUndefined();
        continue;
      }
      const { direction, currentDirection, sender } = transceiver!;
      expect([index, direction, currentDirection]).toEqual([
        index,
        'sendrecv',
        REVERSED[directionOf(section, translated)],
      ]);
      const sent = sender.getParameters().codecs.map(({ payloadType }) => codecOf(section, String(payloadType)));
      expect(sent).toEqual(section.formats.map((payloadType) => codecOf(section, payloadType)));
      const rids = parseSimulcast(attributeValue(section, 'simulcast') ?? '')?.recv ?? [];
      expect(sender.getParameters().encodings).toHaveLength(Math.max(1, rids.length));
    }
  });
});
