import { RTCPeerConnection } from '../../lib/webrtc/RTCPeerConnection';
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

  it('is plain in JSON', () => {
    const description = new RTCSessionDescription({ type: 'answer', sdp: 'x' });
    expect(JSON.stringify(description)).toBe('{"type":"answer","sdp":"x"}');
    expect(new RTCSessionDescription(description).sdp).toBe('x');
    expect(() => RTCSessionDescription.prototype.toJSON.call({} as RTCSessionDescription)).toThrow(TypeError);
  });

  it('can be rewritten in place, as in Chromium and Firefox', async () => {
    const description = new RTCSessionDescription({ type: 'offer', sdp: 'x' });
    description.sdp = 'y';
    description.type = 'answer';
    (description as { type: string }).type = 'wrong';
    expect(description.toJSON()).toEqual({ type: 'answer', sdp: 'y' });

    const connection = new RTCPeerConnection();
    connection.createDataChannel('');
    await connection.setLocalDescription();
    const applied = connection.localDescription!;
    const { sdp } = applied;
    applied.sdp = sdp.replace('a=extmap-allow-mixed\r\n', '');
    expect(connection.localDescription!.sdp).toBe(applied.sdp);
    expect(applied.sdp).not.toBe(sdp);
    await connection.setLocalDescription(); // what is in force is not what an object says
    expect(connection.localDescription!.sdp).toContain('a=extmap-allow-mixed');
    connection.close();
  });
});
