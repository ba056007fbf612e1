import fc from 'fast-check';
import {
  parseControlMessage,
  serializeAck,
  serializeOpen,
  type ChannelParameters,
} from '../../lib/transport/data-channel-protocol';

const parameters: fc.Arbitrary<ChannelParameters> = fc
  .record({
    label: fc.string({ unit: 'grapheme' }),
    protocol: fc.string(),
    ordered: fc.boolean(),
    limit: fc.integer({ min: 0, max: 65535 }),
    kind: fc.constantFrom('none', 'life', 'retransmits'),
    priority: fc.integer({ min: 0, max: 65535 }),
  })
  .map(({ limit, kind, ...rest }) => ({
    ...rest,
    maxPacketLifeTime: kind === 'life' ? limit : null,
    maxRetransmits: kind === 'retransmits' ? limit : null,
  }));

describe('DCEP', () => {
  test('OPEN survives the way there and back', () => {
    fc.assert(
      fc.property(parameters, (given) => {
        expect(parseControlMessage(serializeOpen(given))).toEqual({ kind: 'open', parameters: given });
      }),
    );
  });

  test('ACK survives too', () => {
    expect(parseControlMessage(serializeAck())).toEqual({ kind: 'ack' });
  });

  test('any octets yield a message or a reason', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => {
        const message = parseControlMessage(octets);
        expect(['open', 'ack', 'malformed']).toContain(message.kind);
      }),
    );
  });

  test.each([
    ['nothing', []],
    ['an unknown type', [0x01]],
    ['ACK with more behind it', [0x02, 0x00]],
    ['OPEN cut short', [0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['OPEN with a label longer than itself', [0x03, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0]],
    ['OPEN with an unknown channel type', [0x03, 0x07, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])('%s is malformed', (_name, octets) => {
    expect(parseControlMessage(Uint8Array.from(octets)).kind).toBe('malformed');
  });

  test('a limit beyond 16 bits counts as the largest', () => {
    const message = parseControlMessage(Uint8Array.of(0x03, 0x81, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0));
    expect(message).toMatchObject({ kind: 'open', parameters: { ordered: false, maxRetransmits: 65535 } });
  });
});
