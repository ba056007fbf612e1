import { HeldDeliveries } from '../../lib/webrtc/held-deliveries';

/** What is queued by now has run, with microtasks between. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('what comes before a channel is open', () => {
  let log: string[];
  let held: HeldDeliveries;
  beforeEach(() => {
    log = [];
    held = new HeldDeliveries(() => log.push('end'));
  });
  const push = (name: string) => {
    held.push(() => {
      log.push(name);
      queueMicrotask(() => log.push(`after ${name}`));
    });
  };

  it('waits, and then is a task each, in order', async () => {
    push('a');
    push('b');
    await turn();
    expect(log).toEqual([]);
    held.release();
    expect(log).toEqual([]);
    await turn();
    expect(log).toEqual(['a', 'after a', 'end', 'b', 'after b']);
  });

  it('is at its end at once where nothing came', () => {
    held.release();
    expect(log).toEqual(['end']);
  });

  it('is behind no longer than a turn, however much comes meanwhile', async () => {
    for (let i = 0; i < 100; i++) push(`first ${i}`);
    held.release();
    for (let i = 0; i < 100; i++) push(`second ${i}`);
    await turn();
    expect(log.filter((entry) => /^\w+ \d+$/.test(entry))).toHaveLength(200);
    expect(log.slice(-3)).toEqual(['end', 'second 99', 'after second 99']);
  });
});
