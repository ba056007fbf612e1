import type { NegotiatedRtp } from '../../lib/jsep/rtp-types';
import {
  answeredHeaderExtensions,
  checkHeaderExtensions,
  copyHeaderExtensions,
  initialHeaderExtensions,
  stoppedHeaderExtensions,
} from '../../lib/webrtc/header-extension-control';

const mid = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const csrcLevel = 'urn:ietf:params:rtp-hdrext:csrc-audio-level';
const initial = initialHeaderExtensions('audio');
const invalidModification = expect.objectContaining({ name: 'InvalidModificationError' }) as Error;

function changed(uri: string, direction: (typeof initial)[number]['direction']) {
  return copyHeaderExtensions(initial).map((each) => (each.uri === uri ? { uri, direction } : each));
}

test('all extensions of the kind, or those of the transceiver that is there', () => {
  expect(initial.find(({ uri }) => uri === mid)?.direction).toBe('sendrecv');
  const other = changed(csrcLevel, 'stopped');
  expect(initialHeaderExtensions('audio', other)).toEqual(other);
  expect(stoppedHeaderExtensions(initial).map(({ direction }) => direction)).toEqual(initial.map(() => 'stopped'));
});

test('what is handed out is a copy', () => {
  const copy = copyHeaderExtensions(initial);
  if (copy[0]) copy[0].direction = 'stopped';
  expect(initial[0]?.direction).not.toBe('stopped');
});

test.each(['sendonly', 'recvonly', 'inactive', 'stopped'] as const)('mid cannot be %s', (direction) => {
  expect(() => checkHeaderExtensions('audio', initial, changed(mid, direction))).toThrow(invalidModification);
});

test('nothing can be added, removed, renamed or put into another order', () => {
  const more = [...initial, { uri: 'urn:example:new', direction: 'sendrecv' as const }];
  for (const wrong of [more, initial.slice(1), [...initial].reverse(), changedUri('urn:example:new')]) {
    expect(() => checkHeaderExtensions('audio', initial, wrong)).toThrow(invalidModification);
  }
  expect(() => checkHeaderExtensions('audio', initial, changedUri(''))).toThrow(TypeError);
});

function changedUri(uri: string) {
  return initial.map((each, index) => (index === 0 ? { ...each, uri } : each));
}

test('a direction is cut to what we can do', () => {
  const directionOf = (direction: (typeof initial)[number]['direction']) =>
    checkHeaderExtensions('audio', initial, changed(csrcLevel, direction)).find(({ uri }) => uri === csrcLevel)
      ?.direction;
  expect(directionOf('sendrecv')).toBe('recvonly');
  expect(directionOf('sendonly')).toBe('inactive');
  expect(directionOf('stopped')).toBe('stopped');
});

test('after an answer: what was answered, and "stopped" for the rest', () => {
  const negotiated = { headerExtensions: [{ uri: mid, id: 4, direction: 'sendonly' }] } as unknown as NegotiatedRtp;
  const answered = answeredHeaderExtensions(initial, negotiated);
  expect(answered.map(({ uri }) => uri)).toEqual(initial.map(({ uri }) => uri));
  expect(answered.filter(({ direction }) => direction !== 'stopped')).toEqual([{ uri: mid, direction: 'sendonly' }]);
});
