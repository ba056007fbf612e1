import { RTCSessionDescription } from '../../lib/webrtc/RTCSessionDescription';

describe('RTCSessionDescription', () => {
  it('takes a dictionary whose type is required', () => {
    const description = new RTCSessionDescription({ type: 'offer', sdp: 'v=0\r\n' });
    expect([description.type, description.sdp]).toEqual(['offer', 'v=0\r\n']);
    expect(new RTCSessionDescription({ type: 'rollback' }).sdp).toBe('');
    const construct = RTCSessionDescription as unknown as new (...parameters: unknown[]) => object;
    expect(() => new construct()).toThrow('1 argument required, but only 0 present.');
    expect(() => new construct({})).toThrow(
      "Failed to construct 'RTCSessionDescription': Failed to read the 'type' property from " +
        "'RTCSessionDescriptionInit': Required member is undefined.",
    );
    expect(() => new construct({ type: 'wrong' })).toThrow(
      "The provided value 'wrong' is not a valid enum value of type RTCSdpType.",
    );
  });

  it('is read-only, and plain in JSON', () => {
    const description = new RTCSessionDescription({ type: 'answer', sdp: 'x' });
    expect(() => {
      (description as { sdp: string }).sdp = 'y';
    }).toThrow(TypeError);
    expect(JSON.stringify(description)).toBe('{"type":"answer","sdp":"x"}');
    expect(new RTCSessionDescription(description).sdp).toBe('x');
    expect(() => RTCSessionDescription.prototype.toJSON.call({} as RTCSessionDescription)).toThrow(TypeError);
  });
});
