import { DOMException } from '../dom/realm';
import * as webidl from '../webidl';

const context = webidl.constructorContext('OverconstrainedError');

/** A constraint cannot be met. https://w3c.github.io/mediacapture-main/#overconstrainederror-interface */
export class OverconstrainedError extends DOMException {
  static {
    webidl.defineInterface('OverconstrainedError', this, (value) => #constraint in value);
  }

  readonly #constraint: string;

  constructor(constraint: string, message?: string) {
    webidl.requireArguments(arguments.length, 1, context);
    const name = webidl.DOMString(constraint, context);
    const text = message === undefined ? '' : webidl.DOMString(message, context);
    super(text, 'OverconstrainedError');
    this.#constraint = name;
  }

  /** The name of the constraint; '' when no single one is to blame. */
  get constraint(): string {
    return this.#constraint;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    OverconstrainedError: OverconstrainedError;
  }
}

/** The error for a constraint that failed. */
export function overconstrained(constraint: string): OverconstrainedError {
  const what = constraint === '' ? 'The constraints cannot all' : `The constraint '${constraint}' cannot`;
  return new OverconstrainedError(constraint, `${what} be met.`);
}
