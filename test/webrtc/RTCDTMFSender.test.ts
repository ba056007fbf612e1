import { RTCDTMFSender, dtmfSlotsOf } from '../../lib/webrtc/RTCDTMFSender';
import type { RTCDTMFToneChangeEvent } from '../../lib/webrtc/RTCDTMFToneChangeEvent';
import type { SenderSlots } from '../../lib/webrtc/RTCRtpSender';
import { constructionKey } from '../../lib/webidl';

/** What "determine if DTMF can be sent" looks at, of a sender that can. */
function ableSender(): SenderSlots {
  return {
    kind: 'audio',
    connection: { connectionState: 'connected' },
    transceiver: { stopping: false, currentDirection: 'sendrecv' },
    track: {},
    sendEncodings: [{ active: true, priority: 'low', adaptivePtime: false }],
    sendCodecs: [{ mimeType: 'audio/Telephone-Event', clockRate: 8000, payloadType: 101, rtcpFeedback: [] }],
  } as unknown as SenderSlots;
}

const named = (name: string) => expect.objectContaining({ name }) as Error;

interface Fired {
  readonly tone: string;
  /** What was left at that time. */
  readonly buffer: string;
  readonly at: number;
}

/** Records `tonechange` events; `until` waits for the last one, that with an empty tone. */
function record(dtmf: RTCDTMFSender): { fired: Fired[]; until: Promise<void> } {
  const fired: Fired[] = [];
  const until = new Promise<void>((resolve) => {
    dtmf.addEventListener('tonechange', (event) => {
      const { tone } = event as RTCDTMFToneChangeEvent;
      fired.push({ tone, buffer: dtmf.toneBuffer, at: performance.now() });
      if (tone === '') resolve();
    });
  });
  return { fired, until };
}

const tonesOf = (fired: Fired[]): string[] => fired.map(({ tone }) => tone);

test.each<[string, (sender: SenderSlots) => void]>([
  ['the connection is not connected', (sender) => (sender.connection.connectionState = 'disconnected')],
  ['the transceiver stops', (sender) => (sender.transceiver.stopping = true)],
  ['there is no track', (sender) => (sender.track = null)],
  ['nothing was negotiated', (sender) => (sender.transceiver.currentDirection = null)],
  ['it only receives', (sender) => (sender.transceiver.currentDirection = 'recvonly')],
  ['it is inactive', (sender) => (sender.transceiver.currentDirection = 'inactive')],
  ['its encoding is inactive', (s) => (s.sendEncodings = [{ active: false, priority: 'low', adaptivePtime: false }])],
  ['telephone-event is not negotiated', (sender) => (sender.sendCodecs = [])],
])('cannot insert when %s', (_, change) => {
  const sender = ableSender();
  const dtmf = new RTCDTMFSender(constructionKey, sender);
  expect(dtmf.canInsertDTMF).toBe(true);
  change(sender);
  expect(dtmf.canInsertDTMF).toBe(false);
  expect(() => dtmf.insertDTMF('')).toThrow(named('InvalidStateError'));
});

test('plays the tones one by one, in upper case, and tells when the last one has ended', async () => {
  const dtmf = new RTCDTMFSender(constructionKey, ableSender());
  const played: [string, number][] = [];
  dtmfSlotsOf(dtmf).toneSink = { playTone: (tone, milliseconds) => played.push([tone, milliseconds]) };
  const { fired, until } = record(dtmf);
  dtmf.insertDTMF('1a#*D', 40, 30);
  expect([dtmf.toneBuffer, fired]).toEqual(['1A#*D', []]);
  await until;
  expect(fired.map(({ tone, buffer }) => [tone, buffer])).toEqual([
    ['1', 'A#*D'],
    ['A', '#*D'],
    ['#', '*D'],
    ['*', 'D'],
    ['D', ''],
    ['', ''],
  ]);
  expect(played).toEqual(['1', 'A', '#', '*', 'D'].map((tone) => [tone, 40]));
  const gaps = fired.slice(1).map(({ at }, index) => at - (fired[index]?.at ?? 0));
  // 70 ms from timer to timer: an event that a busy machine fires late is nearer to the next.
  expect(Math.min(...gaps)).toBeGreaterThan(50);
});

test.each([
  [0, 0, 40, 30],
  [39, 29, 40, 30],
  [7000, 7000, 6000, 6000],
  [undefined, undefined, 100, 70],
])('duration %p and gap %p become %p and %p', (duration, gap, wantedDuration, wantedGap) => {
  const dtmf = new RTCDTMFSender(constructionKey, ableSender());
  dtmf.insertDTMF('', duration, gap);
  const slots = dtmfSlotsOf(dtmf);
  expect([slots.duration, slots.interToneGap]).toEqual([wantedDuration, wantedGap]);
});

test.each(['E', 'é', ' ', '1.', '٣'])('%p is no tone: nothing changes', (tones) => {
  const dtmf = new RTCDTMFSender(constructionKey, ableSender());
  dtmf.insertDTMF('12');
  expect(() => dtmf.insertDTMF(tones, 6000)).toThrow(named('InvalidCharacterError'));
  expect([dtmf.toneBuffer, dtmfSlotsOf(dtmf).duration]).toEqual(['12', 100]);
});

test('inserting again replaces what waits, and never the tone that plays', async () => {
  const dtmf = new RTCDTMFSender(constructionKey, ableSender());
  const { fired, until } = record(dtmf);
  dtmf.addEventListener('tonechange', (event) => {
    if ((event as RTCDTMFToneChangeEvent).tone === '2') dtmf.insertDTMF('78', 40, 30);
  });
  dtmf.insertDTMF('9', 40, 30);
  dtmf.insertDTMF('123', 40, 30);
  await until;
  expect(tonesOf(fired)).toEqual(['1', '2', '7', '8', '']);
});

test('an empty text ends after the tone that plays; and alone it does nothing', async () => {
  const dtmf = new RTCDTMFSender(constructionKey, ableSender());
  const { fired, until } = record(dtmf);
  dtmf.insertDTMF('');
  dtmf.addEventListener('tonechange', () => dtmf.insertDTMF('', 40, 30), { once: true });
  dtmf.insertDTMF('123', 40, 30);
  await until;
  expect(tonesOf(fired)).toEqual(['1', '']);
});

test('the last event may begin anew', async () => {
  const dtmf = new RTCDTMFSender(constructionKey, ableSender());
  const first = record(dtmf);
  dtmf.insertDTMF('1', 40, 30);
  await first.until;
  const second = record(dtmf);
  dtmf.insertDTMF('2', 40, 30);
  await second.until;
  expect(tonesOf(second.fired)).toEqual(['2', '']);
});

test('a comma is two seconds of silence', async () => {
  const dtmf = new RTCDTMFSender(constructionKey, ableSender());
  const played: string[] = [];
  dtmfSlotsOf(dtmf).toneSink = { playTone: (tone) => played.push(tone) };
  const { fired, until } = record(dtmf);
  dtmf.insertDTMF(',1', 40, 30);
  await until;
  expect([tonesOf(fired), played]).toEqual([[',', '1', ''], ['1']]);
  expect((fired[1]?.at ?? 0) - (fired[0]?.at ?? 0)).toBeGreaterThan(1998);
});

test('when tones cannot be sent any longer, nothing more is played or told, and the rest stays in the buffer', async () => {
  const sender = ableSender();
  const dtmf = new RTCDTMFSender(constructionKey, sender);
  const { fired } = record(dtmf);
  dtmf.insertDTMF('12', 40, 30);
  await new Promise<void>((resolve) => {
    dtmf.addEventListener('tonechange', () => resolve(), { once: true });
  });
  sender.transceiver.currentDirection = 'recvonly';
  // Another sender's tone, begun now, ends after the time at which the second one would have begun.
  const other = new RTCDTMFSender(constructionKey, ableSender());
  const { until } = record(other);
  other.insertDTMF('1', 100, 30);
  await until;
  expect([tonesOf(fired), dtmf.toneBuffer]).toEqual([['1'], '2']);
  sender.transceiver.currentDirection = 'sendonly';
  const again = record(dtmf);
  dtmf.insertDTMF('3', 40, 30);
  await again.until;
  expect(tonesOf(again.fired)).toEqual(['3', '']);
});
