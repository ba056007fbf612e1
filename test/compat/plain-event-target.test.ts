import { getEventListeners } from 'node:events';
import { nonstandard } from '../../lib';

const { RTCAudioSink, RTCAudioSource } = nonstandard;

/** A sink, and how to have an event of it. */
function sinkOfItsOwn() {
  const sink = new RTCAudioSink(new RTCAudioSource().createTrack());
  return { sink, tell: () => sink.dispatchEvent({ type: 'data' } as never) };
}

test('a signal ends listening, also from within an event', () => {
  const { sink, tell } = sinkOfItsOwn();
  const controller = new AbortController();
  const { signal } = controller;
  const calls: string[] = [];
  const second = () => void calls.push('second');
  sink.addEventListener('data', () => void calls.push('first'), { signal });
  sink.addEventListener('data', second, { signal });
  tell();
  sink.addEventListener('data', () => controller.abort(), { once: true });
  const third = () => void calls.push('third');
  sink.addEventListener('data', third, { signal });
  tell();
  tell();
  expect(calls).toEqual(['first', 'second', 'first', 'second']);
  // It is not listened to any more, and can be added again.
  sink.addEventListener('data', second);
  tell();
  expect(calls).toEqual(['first', 'second', 'first', 'second', 'second']);
  sink.stop();
});

test('a signal that lives on keeps no sink', () => {
  const { signal } = new AbortController();
  for (let sinks = 0; sinks < 20; sinks++) {
    const { sink } = sinkOfItsOwn();
    sink.addEventListener('data', () => undefined, { signal });
    sink.stop();
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
