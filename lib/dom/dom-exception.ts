import { DOMException } from './realm';

/** Names of DOMException that the WebRTC specifications use. */
export type DOMExceptionName =
  | 'AbortError'
  | 'DataCloneError'
  | 'InvalidAccessError'
  | 'InvalidCharacterError'
  | 'InvalidModificationError'
  | 'InvalidStateError'
  | 'NetworkError'
  | 'NotAllowedError'
  | 'NotFoundError'
  | 'NotReadableError'
  | 'NotSupportedError'
  | 'OperationError'
  | 'OverconstrainedError'
  | 'SecurityError'
  | 'SyntaxError'
  | 'TimeoutError'
  | 'UnknownError';

/** A DOMException of the window the package belongs to. */
export function createDOMException(message: string, name: DOMExceptionName): DOMException {
  return new DOMException(message, name);
}
