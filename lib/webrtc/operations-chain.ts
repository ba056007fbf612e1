import { createDOMException } from '../dom/dom-exception';
import { queueMicrotask } from '../dom/queue-microtask';

/** One link of the chain; `start` runs the operation and settles the caller's promise. */
interface Link {
  start: () => void;
}

/**
 * The operations chain (https://w3c.github.io/webrtc-pc/#dfn-operations-chain): asynchronous operations of one
 * connection run one at a time, in the order of the calls.
 */
export class OperationsChain {
  /** [[Operations]]; the first element is the one that runs. */
  readonly #operations: Link[] = [];
  #isClosed = false;
  readonly #onEmpty: () => void;

  /** @param onEmpty called whenever the last operation has been taken off the chain, until close() */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  get isEmpty(): boolean {
    return this.#operations.length === 0;
  }

  /** After this, promises of operations that have not settled never do, and new operations are refused. */
  close(): void {
    this.#isClosed = true;
    this.#operations.length = 0;
  }

  /**
   * Chain an operation (https://w3c.github.io/webrtc-pc/#dfn-chain).
   * @param operation run at once when the chain is empty; may also throw
   */
  chain<T>(operation: () => Promise<T> | T): Promise<T> {
    // 1. Let connection be the RTCPeerConnection object.
    // 2. If connection.[[IsClosed]] is true, return a promise rejected with a newly created InvalidStateError.
    if (this.#isClosed) {
      return Promise.reject(createDOMException('The RTCPeerConnection is closed.', 'InvalidStateError'));
    }
    // 3. Let operation be the operation to be chained.
    // 4. Let p be a new promise.
    const p = new Promise<T>((resolve, reject) => {
      // 5. Append operation to [[Operations]].
      this.#operations.push({
        start: () => {
          // 7. Upon fulfillment or rejection of the promise returned by the operation:
          run(operation).then(
            (value) => {
              // 7.1. If connection.[[IsClosed]] is true, abort these steps.
              if (this.#isClosed) return;
              // 7.2. If it was fulfilled with a value, fulfill p with that value.
              resolve(value);
              this.#advance();
            },
            (reason: unknown) => {
              if (this.#isClosed) return;
              // 7.3. If it was rejected with a value, reject p with that value.
              // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
              reject(reason);
              this.#advance();
            },
          );
        },
      });
    });
    // 6. If the length of [[Operations]] is exactly 1, execute operation.
    if (this.#operations.length === 1) this.#operations[0]!.start();
    // 9. Return p.
    return p;
  }

  /** Step 8, "upon fulfillment or rejection of p": a microtask after it, so that p's own reactions come first. */
  #advance(): void {
    queueMicrotask(() => {
      // 8.1. If connection.[[IsClosed]] is true, abort these steps.
      if (this.#isClosed) return;
      // 8.2. Remove the first element of [[Operations]].
      this.#operations.shift();
      // 8.3. If [[Operations]] is non-empty, execute the operation represented by its first element, and abort.
      const next = this.#operations[0];
      if (next) {
        next.start();
        return;
      }
      // 8.4. – 8.6. [[UpdateNegotiationNeededFlagOnEmptyChain]]: the owner's.
      this.#onEmpty();
    });
  }
}

function run<T>(operation: () => Promise<T> | T): Promise<T> {
  try {
    return Promise.resolve(operation());
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
    return Promise.reject(error);
  }
}
