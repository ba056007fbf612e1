import { createDOMException } from '../../lib/dom/dom-exception';
import { createMessageEvent } from '../../lib/dom/message-event';
import { queueMicrotask as queueOwnMicrotask } from '../../lib/dom/queue-microtask';
import { queueTask } from '../../lib/dom/queue-task';

describe('queueTask()', () => {
  it('runs tasks in order, microtasks between them', async () => {
    const log: string[] = [];
    await new Promise<void>((resolve) => {
      queueTask(() => {
        log.push('task 1');
        queueMicrotask(() => log.push('microtask of 1'));
        process.nextTick(() => log.push('tick of 1'));
      });
      queueTask(() => {
        log.push('task 2');
        resolve();
      });
      queueMicrotask(() => log.push('microtask'));
      log.push('script');
    });
    expect(log.slice(0, 3)).toEqual(['script', 'microtask', 'task 1']);
    expect(log.slice(3, 5).sort()).toEqual(['microtask of 1', 'tick of 1']);
    expect(log[5]).toBe('task 2');
  });

  it('is not overtaken by a timer set after it, however long the turn of the loop takes', async () => {
    const log: string[] = [];
    await new Promise<void>((resolve) => {
      queueTask(() => log.push('task'));
      queueTask(() => log.push('second task'));
      setTimeout(() => {
        log.push('timer');
        resolve();
      }, 0);
      const end = performance.now() + 5;
      while (performance.now() < end);
    });
    expect(log).toEqual(['task', 'second task', 'timer']);
  });

  it('keeps the order of tasks queued at different times, and runs each once', async () => {
    const log: number[] = [];
    for (let number = 0; number < 200; number += 1) {
      queueTask(() => log.push(number));
      if (number % 7 === 0) await new Promise((resolve) => setTimeout(resolve, number % 3));
      if (number % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise<void>((resolve) => queueTask(resolve));
    expect(log).toEqual(Array.from({ length: 200 }, (_, number) => number));
  });

  it('runs under fake timers', async () => {
    jest.useFakeTimers();
    try {
      await expect(new Promise((resolve) => queueTask(() => resolve('ran')))).resolves.toBe('ran');
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('queueMicrotask()', () => {
  it('runs before any task, in order, under fake timers too', async () => {
    jest.useFakeTimers();
    try {
      const log: string[] = [];
      await new Promise<void>((resolve) => {
        queueTask(() => {
          log.push('task');
          resolve();
        });
        queueOwnMicrotask(() => log.push('one'));
        queueOwnMicrotask(() => log.push('two'));
        log.push('script');
      });
      expect(log).toEqual(['script', 'one', 'two', 'task']);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('DOM objects', () => {
  it('are those of the global object the package was loaded in', () => {
    const error = createDOMException('text', 'InvalidStateError');
    expect(error).toBeInstanceOf(DOMException);
    expect([error.name, error.code, error.message]).toEqual(['InvalidStateError', 11, 'text']);
    const event = createMessageEvent('x');
    expect(event).toBeInstanceOf(MessageEvent);
    expect([event.type, event.data]).toEqual(['message', 'x']);
  });
});
