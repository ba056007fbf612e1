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

function getterOf<Holder extends object>(prototype: Holder, name: keyof Holder): (this: Holder) => number {
  return Object.getOwnPropertyDescriptor(prototype, name)!.get as (this: Holder) => number;
}

// By internal slot: an object may have a property of the same name.
const octetsOfTypedArray = getterOf(Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array, 'byteLength');
const octetsOfDataView = getterOf(DataView.prototype, 'byteLength');
const octetsOfArrayBuffer = getterOf(ArrayBuffer.prototype, 'byteLength');
const octetsOfSharedArrayBuffer = getterOf(SharedArrayBuffer.prototype, 'byteLength');

/** How many octets a buffer source stands for: none, where its buffer is detached. */
export function byteLengthOf(source: AllowSharedBufferSource): number {
  if (types.isTypedArray(source)) return octetsOfTypedArray.call(source as Uint8Array);
  if (types.isArrayBuffer(source)) return octetsOfArrayBuffer.call(source);
  if (types.isSharedArrayBuffer(source)) return octetsOfSharedArrayBuffer.call(source);
  try {
    return octetsOfDataView.call(source as DataView);
  } catch {
    return 0; // it throws where other views say that they are empty: when its buffer is detached
  }
}

/**
 * The octets a buffer source stands for, without copying: a view's own window, never the whole buffer behind it.
 * A detached buffer has none.
 */
export function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  const size = byteLengthOf(source);
  if (size === 0) return new Uint8Array(0);
  if (types.isUint8Array(source)) return source; // the usual case: no view is made on a view
  return isArrayBufferView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, size)
    : new Uint8Array(source, 0, size);
}
