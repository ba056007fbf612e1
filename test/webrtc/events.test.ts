import { interfaceTable } from '../../lib/webidl/generated/interfaces';
import * as webidl from '../../lib/webidl';
import { RTCDTMFToneChangeEvent } from '../../lib/webrtc/RTCDTMFToneChangeEvent';
import { RTCDataChannelEvent } from '../../lib/webrtc/RTCDataChannelEvent';
import { RTCError } from '../../lib/webrtc/RTCError';
import { RTCErrorEvent } from '../../lib/webrtc/RTCErrorEvent';
import { RTCIceCandidate } from '../../lib/webrtc/RTCIceCandidate';
import { RTCPeerConnectionIceErrorEvent } from '../../lib/webrtc/RTCPeerConnectionIceErrorEvent';
import { RTCPeerConnectionIceEvent } from '../../lib/webrtc/RTCPeerConnectionIceEvent';
import { RTCTrackEvent } from '../../lib/webrtc/RTCTrackEvent';

type AnyClass = new (...parameters: unknown[]) => Event;
const required: [AnyClass, string][] = [
  [RTCPeerConnectionIceErrorEvent as unknown as AnyClass, 'errorCode'],
  [RTCDataChannelEvent as unknown as AnyClass, 'channel'],
  [RTCErrorEvent as unknown as AnyClass, 'error'],
  [RTCTrackEvent as unknown as AnyClass, 'receiver'],
];

describe('event classes', () => {
  it.each([
    RTCDTMFToneChangeEvent,
    RTCDataChannelEvent,
    RTCErrorEvent,
    RTCPeerConnectionIceErrorEvent,
    RTCPeerConnectionIceEvent,
    RTCTrackEvent,
  ] as unknown as AnyClass[])('%p has the members of its IDL on the prototype', (eventClass) => {
    const description = interfaceTable[eventClass.name];
    expect(Object.keys(eventClass.prototype as object).sort()).toEqual([...(description?.attributes ?? [])].sort());
    expect(eventClass.length).toBe(description?.constructorLength);
    expect(Object.getPrototypeOf(eventClass)).toBe(Event);
    for (const name of description?.attributes ?? []) {
      const get = Object.getOwnPropertyDescriptor(eventClass.prototype, name)?.get;
      expect(() => get?.call(new Event('x')) as unknown).toThrow(TypeError);
    }
  });

  it.each(required)('%p requires %s', (eventClass, member) => {
    expect(() => new eventClass('x')).toThrow('2 arguments required, but only 1 present.');
    expect(() => new eventClass('x', {})).toThrow(`Failed to read the '${member}' property`);
    expect(() => new eventClass('x', { [member]: member === 'errorCode' ? Symbol('x') : {} })).toThrow(TypeError);
  });

  it('RTCPeerConnectionIceEvent has a nullable candidate', () => {
    const candidate = new RTCIceCandidate({ sdpMid: '0' });
    const event = new RTCPeerConnectionIceEvent('icecandidate', { candidate, url: 'stun:x', bubbles: true });
    expect([event.type, event.candidate, event.url, event.bubbles, event.cancelable]).toEqual([
      'icecandidate',
      candidate,
      'stun:x',
      true,
      false,
    ]);
    expect(new RTCPeerConnectionIceEvent('icecandidate').candidate).toBeNull();
    expect(() => new RTCPeerConnectionIceEvent('x', { candidate: {} as RTCIceCandidate })).toThrow(
      'This is not an instance of RTCIceCandidate.',
    );
  });

  it('an attribute can be overridden on the object, and the event dispatched again', () => {
    const event = new RTCPeerConnectionIceEvent('icecandidate');
    Object.defineProperty(event, 'candidate', { value: 'other', writable: true });
    const target = new EventTarget();
    const seen: unknown[] = [];
    target.addEventListener('icecandidate', (received) => {
      seen.push((received as RTCPeerConnectionIceEvent).candidate);
    });
    target.dispatchEvent(event);
    target.dispatchEvent(event);
    expect(seen).toEqual(['other', 'other']);
  });

  it('RTCPeerConnectionIceErrorEvent has defaults', () => {
    const event = new RTCPeerConnectionIceErrorEvent('icecandidateerror', { errorCode: 701 });
    expect([event.address, event.port, event.url, event.errorCode, event.errorText]).toEqual([null, null, '', 701, '']);
  });

  it('RTCErrorEvent carries its RTCError', () => {
    const error = new RTCError({ errorDetail: 'sctp-failure', sctpCauseCode: 12 });
    expect(new RTCErrorEvent('error', { error }).error).toBe(error);
  });

  it('RTCDTMFToneChangeEvent has an empty tone by default', () => {
    expect(new RTCDTMFToneChangeEvent('tonechange').tone).toBe('');
    expect(new RTCDTMFToneChangeEvent('tonechange', { tone: '1' }).tone).toBe('1');
  });

  it('RTCPeerConnectionIceErrorEvent and others are interfaces by name', () => {
    expect(webidl.isInterface('RTCDTMFToneChangeEvent', new RTCDTMFToneChangeEvent('x'))).toBe(true);
    expect(webidl.isInterface('RTCDTMFToneChangeEvent', new Event('x'))).toBe(false);
  });
});
