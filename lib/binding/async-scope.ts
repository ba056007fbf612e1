import { AsyncResource } from 'node:async_hooks';

/**
 * The asynchronous context (AsyncLocalStorage, domain) in which it was made: what is natively told later is told there, as
 * a net.Socket tells in the context in which it was made, and not in that of whoever used the package first.
 */
export class AsyncScope extends AsyncResource {
  constructor() {
    super('peerwire');
  }

  /** For Jest's --detectOpenHandles, which reports what does not say that it holds nothing open. */
  hasRef(): boolean {
    return false;
  }
}

/** That in which the package was loaded: for what is made once, whoever asks first, and stays. */
export const packageScope = new AsyncScope();
