import { createDOMException } from '../dom/dom-exception';
import { transferData } from '../dom/transfer-data';

/** Whether the buffer can still be read. */
function isDetached(buffer: ArrayBufferLike): boolean {
  return (buffer as { detached?: boolean }).detached ?? (buffer.byteLength === 0 && isNeuter(buffer));
}

/** Engines without `detached`: no view can be made on such a buffer. */
function isNeuter(buffer: ArrayBufferLike): boolean {
  try {
    return new Uint8Array(buffer).length !== 0;
  } catch {
    return true;
  }
}

/** "If init.transfer contains more than one reference to the same ArrayBuffer", or a detached one: DataCloneError. */
export function checkTransferList(transfer: readonly ArrayBuffer[]): void {
  if (new Set(transfer).size !== transfer.length) {
    throw createDOMException('The transfer list has the same ArrayBuffer twice.', 'DataCloneError');
  }
  if (transfer.some(isDetached)) throw createDOMException('An ArrayBuffer is detached already.', 'DataCloneError');
}

/** Takes the buffers away from whoever had them; their memory lives on in what is returned, in the same order. */
export function takeOver(transfer: readonly ArrayBuffer[]): ArrayBuffer[] {
  return transfer.map(transferData);
}
