import { RTCPeerConnection, type RTCDataChannel, type RTCErrorEvent } from '../../lib';
import { connectPair, once } from '../support/connect';

describe('data channels', () => {
  let a: RTCPeerConnection;
  let b: RTCPeerConnection;
  let near: RTCDataChannel;
  let far: RTCDataChannel;
  beforeEach(async () => {
    a = new RTCPeerConnection();
    b = new RTCPeerConnection();
    [near, far] = await connectPair(a, b);
  });
  afterEach(() => {
    a.close();
    b.close();
  });

  const create = async (label: string, options: object): Promise<[RTCDataChannel, RTCDataChannel]> => {
    const channel = a.createDataChannel(label, options);
    const opened = once(channel, 'open');
    const { channel: announced } = await once<{ channel: RTCDataChannel }>(b, 'datachannel');
    await opened;
    return [channel, announced];
  };

  test.each([
    [{}, { ordered: true, maxRetransmits: null, maxPacketLifeTime: null, protocol: '', priority: 'low' }],
    [
      { ordered: false, maxRetransmits: 0 },
      { ordered: false, maxRetransmits: 0, maxPacketLifeTime: null },
    ],
    [
      { maxPacketLifeTime: 65535, protocol: 'pröt' },
      { maxPacketLifeTime: 65535, protocol: 'pröt', negotiated: false },
    ],
    [{ priority: 'high' }, { priority: 'high' }],
  ])('the peer sees %j', async (options, expected) => {
    const [channel, announced] = await create('lábel', options);
    expect(announced).toMatchObject({ label: 'lábel', readyState: 'open', id: channel.id, ...expected });
    // Sending in the datachannel handler is allowed; it arrives after open.
    announced.send('early');
    expect((await once<MessageEvent>(channel, 'message')).data).toBe('early');
    expect(channel.readyState).toBe('open');
  });

  test('open comes before the first message, each in a task of its own', async () => {
    const history: string[] = [];
    const announced = once<{ channel: RTCDataChannel }>(b, 'datachannel');
    const channel = a.createDataChannel('eager');
    channel.onopen = () => {
      channel.send('1');
      channel.send('2');
      channel.close();
    };
    const { channel: other } = await announced;
    other.onclosing = () => history.push('closing');
    await once(other, 'open');
    history.push('open');
    for (const expected of ['1', '2']) {
      const { data } = await once<MessageEvent>(other, 'message');
      history.push(data as string);
      expect(data).toBe(expected);
    }
    await once(other, 'close');
    expect(history).toEqual(['open', '1', '2', 'closing']);
  });

  test('what is sent keeps its order across Blobs, and its kind', async () => {
    const received: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      far.onmessage = ({ data }: MessageEvent) => {
        received.push(typeof data === 'string' ? data : Buffer.from(data as ArrayBuffer).toString());
        if (received.length === 8) resolve();
      };
    });
    const octets = Uint8Array.from(Buffer.from('xxviewxx'));
    near.send('a');
    near.send(new Blob(['blob']));
    near.send(octets.subarray(2, 6));
    octets.fill(0); // copied already
    near.send('');
    near.send(new Uint8Array(0));
    near.send(new DataView(Uint8Array.from(Buffer.from('data')).buffer));
    near.send(12.5 as never);
    near.send(null as never);
    expect(near.bufferedAmount).toBe(1 + 4 + 4 + 4 + 4 + 4);
    await all;
    expect(received).toEqual(['a', 'blob', 'view', '', '', 'data', '12.5', 'null']);
    while (near.bufferedAmount > 0) await new Promise(setImmediate);
  });

  test.each(['at once', 'behind a Blob'])(
    'a detached buffer, and every view of it, is an empty message, sent %s',
    async (when) => {
      const detached = (make: (buffer: ArrayBuffer) => ArrayBuffer | ArrayBufferView) => {
        const buffer = new ArrayBuffer(8);
        const data = make(buffer);
        structuredClone(buffer, { transfer: [buffer] });
        return data;
      };
      const kinds = [
        detached((buffer) => buffer),
        detached((buffer) => new Uint8Array(buffer)),
        detached((buffer) => new Float64Array(buffer)),
        detached((buffer) => new DataView(buffer)),
      ];
      const sizes: number[] = [];
      const all = new Promise<void>((resolve) => {
        far.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
          if (sizes.push(data.byteLength) === kinds.length + 1) resolve();
        };
      });
      near.send(when === 'at once' ? 'x' : new Blob(['x']));
      for (const kind of kinds) near.send(kind as ArrayBuffer);
      expect(near.bufferedAmount).toBe(1);
      await all;
      expect(sizes.slice(1)).toEqual([0, 0, 0, 0]);
    },
  );

  test('a view is as large as it is, and not as it says', async () => {
    const arrived = once<MessageEvent<ArrayBuffer>>(far, 'message');
    near.send(Object.defineProperty(Uint8Array.of(1, 2, 3), 'byteLength', { value: NaN }));
    expect(near.bufferedAmount).toBe(3);
    expect((await arrived).data.byteLength).toBe(3);
  });

  test('a Blob that cannot be read is an error, counts no more, and holds nothing up', async () => {
    const failing = Object.assign(new Blob(['12345']), { arrayBuffer: () => Promise.reject(new Error('gone')) });
    const low = once(near, 'bufferedamountlow');
    const failed = once<RTCErrorEvent>(near, 'error');
    const arrived = once<MessageEvent<string>>(far, 'message');
    near.send(failing);
    expect(near.bufferedAmount).toBe(5);
    await low;
    expect((await failed).error).toMatchObject({ errorDetail: 'data-channel-failure' });
    expect(near.bufferedAmount).toBe(0);
    near.send('after');
    expect((await arrived).data).toBe('after');
  });

  test('binaryType blob delivers Blobs', async () => {
    far.binaryType = 'blob';
    far.binaryType = 'nonsense' as never;
    expect(far.binaryType).toBe('blob');
    near.send(Uint8Array.of(1, 2));
    const { data } = await once<MessageEvent>(far, 'message');
    expect(Object.prototype.toString.call(data)).toBe('[object Blob]');
    expect((data as Blob).size).toBe(2);
  });

  test('a full buffer is an OperationError, and bufferedamountlow tells when there is room', async () => {
    const chunk = new Uint8Array(262144);
    near.bufferedAmountLowThreshold = 1_000_000;
    expect(() => {
      for (;;) near.send(chunk);
    }).toThrow(expect.objectContaining({ name: 'OperationError' }));
    expect(near.bufferedAmount).toBe(16 * 1024 * 1024);
    await once(near, 'bufferedamountlow');
    expect(near.bufferedAmount).toBeLessThanOrEqual(1_000_000);
  });

  test('close() drains, tells both sides once, and frees the id', async () => {
    const [channel, other] = await create('short', {});
    const { id } = channel;
    const history: string[] = [];
    for (const [name, each] of [
      ['near', channel],
      ['far', other],
    ] as const) {
      for (const type of ['closing', 'close', 'error', 'message']) {
        each.addEventListener(type, () => history.push(`${name} ${type}`));
      }
    }
    const closed = Promise.all([once(channel, 'close'), once(other, 'close')]);
    channel.send(new Uint8Array(200_000));
    channel.close();
    expect(channel.readyState).toBe('closing');
    expect(() => {
      channel.send('late');
    }).toThrow("RTCDataChannel.readyState is not 'open'");
    await closed;
    expect(history.sort()).toEqual(['far close', 'far closing', 'far message', 'near close']);
    expect(a.createDataChannel('again').id).toBe(id);
  });

  test('a peer that closes its connection is an error, then close', async () => {
    const history: string[] = [];
    far.onerror = ({ error }: { error: { errorDetail: string; sctpCauseCode: number | null } }) => {
      history.push(`error ${error.errorDetail} ${error.sctpCauseCode}`);
    };
    far.onclose = () => history.push('close');
    near.onerror = () => history.push('near must not fail');
    const ended = Promise.all([once(near, 'close'), once(far, 'close'), once(b.sctp!.transport, 'statechange')]);
    a.close();
    expect(near.readyState).toBe('closed');
    await ended;
    expect(b.sctp!.state).toBe('closed');
    expect(b.sctp!.transport.state).toBe('closed');
    expect(history).toEqual(['error sctp-failure 12', 'close']);
  });

  test('negotiated channels with different properties on both sides', async () => {
    const options = { negotiated: true, id: 100 };
    const one = a.createDataChannel('one', { ...options, ordered: false });
    const two = b.createDataChannel('two', options);
    expect(() => a.createDataChannel('three', options)).toThrow(expect.objectContaining({ name: 'OperationError' }));
    b.ondatachannel = () => {
      throw new Error('a negotiated channel was announced');
    };
    await Promise.all([once(one, 'open'), once(two, 'open')]);
    two.send('across');
    expect((await once<MessageEvent>(one, 'message')).data).toBe('across');
  });
});
