import { RTCError } from '../../lib/webrtc/RTCError';

const numbers = ['sdpLineNumber', 'sctpCauseCode', 'receivedAlert', 'sentAlert'] as const;

describe('RTCError', () => {
  it('is a DOMException named OperationError', () => {
    const error = new RTCError({ errorDetail: 'data-channel-failure' }, 'message');
    expect(error).toBeInstanceOf(DOMException);
    expect([error.name, error.code, error.message, error.errorDetail]).toEqual([
      'OperationError',
      0,
      'message',
      'data-channel-failure',
    ]);
    expect(error.stack).toContain('RTCError.test');
    expect(Object.prototype.toString.call(error)).toBe('[object RTCError]');
    expect(new RTCError({ errorDetail: 'dtls-failure' }).message).toBe('');
  });

  it.each(numbers)('%s is null unless given, and read-only', (name) => {
    expect(new RTCError({ errorDetail: 'sdp-syntax-error' })[name]).toBeNull();
    const error = new RTCError({ errorDetail: 'sdp-syntax-error', [name]: 0 });
    expect(error[name]).toBe(0);
    expect(() => {
      (error as Record<string, unknown>)[name] = 42;
    }).toThrow(TypeError);
  });

  it('requires a valid errorDetail', () => {
    const construct = RTCError as unknown as new (...parameters: unknown[]) => object;
    for (const parameters of [[], [{}], [{ errorDetail: 'wrong' }]]) {
      expect(() => new construct(...parameters)).toThrow(TypeError);
    }
  });
});
