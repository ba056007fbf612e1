import { types } from 'node:util';
import { conversionError } from './errors';
import type { Converter } from './types';

/**
 * Buffers of any realm (Jest and jsdom bring their own): decided by internal slot, never by `instanceof`.
 * Shared and resizable memory is refused, as without [AllowShared] and [AllowResizable].
 */

/** Whether the value is an ArrayBuffer (not a SharedArrayBuffer), of whatever realm. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return types.isArrayBuffer(value);
}

/** Whether the value is a typed array or a DataView, of whatever realm. */
export function isArrayBufferView(value: unknown): value is ArrayBufferView {
  return ArrayBuffer.isView(value);
}

function refuseUnfitBuffer(buffer: ArrayBufferLike, context: string): void {
  if (!types.isArrayBuffer(buffer)) throw conversionError(context, 'The provided buffer is shared.');
  if ((buffer as { resizable?: boolean }).resizable) {
    throw conversionError(context, 'The provided ArrayBuffer is resizable.');
  }
}

/** https://webidl.spec.whatwg.org/#js-buffer-source-types */
export const toArrayBuffer: Converter<ArrayBuffer> = (value, context) => {
  if (!isArrayBuffer(value)) throw conversionError(context, "The provided value is not of type 'ArrayBuffer'.");
  refuseUnfitBuffer(value, context);
  return value;
};

export const toArrayBufferView: Converter<ArrayBufferView> = (value, context) => {
  if (!isArrayBufferView(value)) throw conversionError(context, "The provided value is not of type 'ArrayBufferView'.");
  refuseUnfitBuffer(value.buffer, context);
  return value;
};

/** Octets in memory of either kind. */
export type AllowSharedBufferSource = ArrayBufferLike | ArrayBufferView<ArrayBufferLike>;

/** `AllowSharedBufferSource`: memory may be shared; resizable it may not be. */
export const toAllowSharedBufferSource: Converter<AllowSharedBufferSource> = (value, context) => {
  const buffer = isArrayBufferView(value) ? value.buffer : value;
  if (!types.isAnyArrayBuffer(buffer)) {
    throw conversionError(context, "The provided value is not of type '(ArrayBuffer or ArrayBufferView)'.");
  }
  if ((buffer as { resizable?: boolean }).resizable ?? (buffer as { growable?: boolean }).growable) {
    throw conversionError(context, 'The provided buffer is resizable.');
  }
  return value as AllowSharedBufferSource;
};

export const toBufferSource: Converter<ArrayBuffer | ArrayBufferView> = (value, context) =>
  isArrayBufferView(value) ? toArrayBufferView(value, context) : toArrayBuffer(value, context);

/**
 * The octets a buffer source stands for, without copying: a view's own window, never the whole buffer behind it.
 * A detached buffer has none.
 */
export function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  if (types.isUint8Array(source)) return source; // the usual case: no view is made on a view
  if (source.byteLength === 0) return new Uint8Array(0); // also what a detached buffer and its views say
  return isArrayBufferView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}
