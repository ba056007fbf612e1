import { type EventHandler, defineEventHandler } from '../../lib/dom/event-handler';
import { fireEvent } from '../../lib/dom/fire-event';

class Target extends EventTarget {
  static {
    defineEventHandler(this.prototype, 'onopen', (value) => #brand in value);
  }

  readonly #brand = true;
  declare onopen: EventHandler;
}

function listener(log: string[], name: string): () => void {
  return () => {
    log.push(name);
  };
}

describe('event handler attributes', () => {
  it('are null at first, and hold functions and objects only', () => {
    const target = new Target();
    expect(target.onopen).toBeNull();
    const handler = () => undefined;
    target.onopen = handler;
    expect(target.onopen).toBe(handler);
    for (const other of [1, 'alert()', undefined, true, Symbol('x'), null]) {
      target.onopen = handler;
      target.onopen = other as unknown as EventHandler;
      expect(target.onopen).toBeNull();
    }
    const object = { handleEvent: jest.fn() };
    target.onopen = object as unknown as EventHandler;
    expect(target.onopen).toBe(object);
    fireEvent(target, 'open');
    expect(object.handleEvent).not.toHaveBeenCalled();
  });

  it('keep their place among the listeners when replaced, lose it when cleared', () => {
    const target = new Target();
    const log: string[] = [];
    target.onopen = listener(log, 'first');
    target.addEventListener('open', listener(log, 'listener'));
    target.onopen = listener(log, 'second');
    fireEvent(target, 'open');
    expect(log.splice(0)).toEqual(['second', 'listener']);
    target.onopen = null;
    fireEvent(target, 'open');
    expect(log.splice(0)).toEqual(['listener']);
    target.onopen = listener(log, 'third');
    fireEvent(target, 'open');
    expect(log).toEqual(['listener', 'third']);
  });

  it('call with the target as this and the event as argument; false cancels', () => {
    const target = new Target();
    const seen: unknown[] = [];
    target.onopen = function (this: Target, ...parameters: unknown[]) {
      seen.push(this, ...parameters);
      return false;
    };
    const event = new Event('open', { cancelable: true });
    expect(target.dispatchEvent(event)).toBe(false);
    expect(seen).toEqual([target, event]);
  });

  it('are per object', () => {
    const [one, other] = [new Target(), new Target()];
    one.onopen = () => undefined;
    expect(other.onopen).toBeNull();
  });
});
