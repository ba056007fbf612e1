/** Streams that are used again and again while packets are lost: what one side may do at once, the other may not know of. */
import type { RTCDataChannel } from '../../lib';
import { once } from '../support/connect';
import { relayedPair } from '../support/relayed-pair';

describe('streams that are used again through a bad network', () => {
  it('carry each channel that is opened on them, and end it', async () => {
    const received: string[] = [];
    let first!: RTCDataChannel;
    const { left, close } = await relayedPair({ seed: 11, loss: 0.15, delayMs: 5 }, (left, right) => {
      first = left.createDataChannel('first');
      right.ondatachannel = ({ channel }: { channel: RTCDataChannel }) => {
        channel.onmessage = ({ data }: { data: string }) => received.push(data);
      };
    });
    try {
      await once(first, 'open');
      const sent: string[] = [];
      const cycle = async (name: string) => {
        for (let round = 0; round < 12; round++) {
          const channel = left.createDataChannel(name);
          const isClosed = once(channel, 'close');
          await once(channel, 'open');
          channel.send(`${name} ${round}`);
          sent.push(`${name} ${round}`);
          channel.close();
          await isClosed;
        }
      };
      await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(cycle));
      expect(received.sort()).toEqual(sent.sort());
    } finally {
      await close();
    }
  }, 60_000);
});
