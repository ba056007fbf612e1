import {
  deriveIceConnectionState,
  deriveIceGatheringState,
  derivePeerConnectionState,
} from '../../lib/webrtc/connection-state';
import { OperationsChain } from '../../lib/webrtc/operations-chain';

describe('operations chain', () => {
  test('runs the first operation at once, the others one by one, and tells when it is empty', async () => {
    const log: string[] = [];
    const chain = new OperationsChain(() => log.push('empty'));
    const step = (name: string) => async (): Promise<string> => {
      log.push(`start ${name}`);
      await null;
      log.push(`end ${name}`);
      return name;
    };
    const results = Promise.all([chain.chain(step('a')), chain.chain(step('b'))]);
    expect(log).toEqual(['start a']);
    expect(chain.isEmpty).toBe(false);
    expect(await results).toEqual(['a', 'b']);
    await null;
    expect(log).toEqual(['start a', 'end a', 'start b', 'end b', 'empty']);
    expect(chain.isEmpty).toBe(true);
  });

  test('a failure goes to its own caller, and the next operation runs', async () => {
    const chain = new OperationsChain(() => undefined);
    const failing = chain.chain(() => {
      throw new RangeError('no');
    });
    const next = chain.chain(() => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  test('after close() pending promises never settle, and new operations are refused', async () => {
    const chain = new OperationsChain(() => {
      throw new Error('must not be called');
    });
    let settled = false;
    let release: (value: string) => void = () => undefined;
    const pending = chain.chain(() => new Promise<string>((resolve) => (release = resolve)));
    void pending.finally(() => (settled = true));
    chain.close();
    release('late');
    await expect(chain.chain(() => 1)).rejects.toMatchObject({ name: 'InvalidStateError' });
    await new Promise(setImmediate);
    expect(settled).toBe(false);
  });
});

describe('aggregated states', () => {
  const transport = (ice: string, gatherer: string, dtls: string): never => ({ ice, gatherer, dtls }) as never;

  test.each([
    [[], 'new', 'new', 'new'],
    [[transport('new', 'new', 'new')], 'new', 'new', 'new'],
    [[transport('new', 'gathering', 'new')], 'gathering', 'new', 'new'],
    [[transport('checking', 'complete', 'new')], 'complete', 'checking', 'connecting'],
    [[transport('connected', 'complete', 'connecting')], 'complete', 'connected', 'connecting'],
    [[transport('connected', 'complete', 'connected')], 'complete', 'connected', 'connected'],
    [[transport('completed', 'complete', 'connected')], 'complete', 'completed', 'connected'],
    [[transport('completed', 'complete', 'closed')], 'complete', 'completed', 'connected'],
    [[transport('disconnected', 'complete', 'connected')], 'complete', 'disconnected', 'disconnected'],
    [[transport('failed', 'complete', 'connected')], 'complete', 'failed', 'failed'],
    [[transport('connected', 'complete', 'failed')], 'complete', 'connected', 'failed'],
    [
      [transport('connected', 'complete', 'connected'), transport('new', 'new', 'new')],
      'new',
      'checking',
      'connecting',
    ],
  ])('%j', (transports, gathering, ice, connection) => {
    expect(deriveIceGatheringState(transports, 'new')).toBe(gathering);
    expect(deriveIceConnectionState(false, transports)).toBe(ice);
    expect(derivePeerConnectionState(ice as never, transports)).toBe(connection);
    expect(deriveIceConnectionState(true, transports)).toBe('closed');
    expect(derivePeerConnectionState('closed', transports)).toBe('closed');
  });

  test('one transport that has gathered before another begins does not take the connection back to "new"', () => {
    const done = { ice: 'new', gatherer: 'complete', dtls: 'new' } as const;
    const asked = { ice: 'new', gatherer: 'new', dtls: 'new', isToGather: true } as const;
    const other = { ...asked, isToGather: false } as const;
    expect(deriveIceGatheringState([done, asked], 'gathering')).toBe('gathering');
    expect(deriveIceGatheringState([done, asked], 'new')).toBe('new');
    expect(deriveIceGatheringState([done, asked, other], 'gathering')).toBe('new');
    expect(deriveIceGatheringState([done, done], 'gathering')).toBe('complete');
  });
});
