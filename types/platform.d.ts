/** Types of the environment: those of lib.dom or @types/node where they are present, small substitutes otherwise. */
/* eslint-disable @typescript-eslint/no-explicit-any -- written as lib.dom is */

/** The instance type of a global class, or a substitute where there is no such global. */
export type GlobalType<Name extends string, Substitute> = typeof globalThis extends {
  [name in Name]: { prototype: infer Instance };
}
  ? Instance
  : Substitute;

/**
 * An `on…` attribute. Compared bivariantly, as methods are, so that lib.dom's interfaces can be assigned to these;
 * without a `this` of its own, so that these can be assigned to lib.dom's. In `x.onopen = function () {}` this is x.
 */
export type EventHandler<E> = { handle(event: E): any }['handle'] | null;

export interface ListenerOptions {
  capture?: boolean;
}

export interface AddListenerOptions extends ListenerOptions {
  once?: boolean;
  passive?: boolean;
  signal?: GlobalType<'AbortSignal', any>;
}

export type PlatformListener =
  { handle(event: PlatformEvent): any }['handle'] | { handleEvent(event: PlatformEvent): any };

export interface SubstituteEvent {
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly currentTarget: PlatformEventTarget | null;
  readonly defaultPrevented: boolean;
  readonly eventPhase: number;
  readonly isTrusted: boolean;
  readonly target: PlatformEventTarget | null;
  readonly timeStamp: number;
  readonly type: string;
  composedPath(): PlatformEventTarget[];
  preventDefault(): void;
  stopImmediatePropagation(): void;
  stopPropagation(): void;
}

export interface SubstituteEventTarget {
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  dispatchEvent(event: PlatformEvent): boolean;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}

export interface SubstituteMessageEvent extends SubstituteEvent {
  readonly data: any;
  readonly lastEventId: string;
  readonly origin: string;
}

export interface SubstituteDOMException extends Error {
  readonly code: number;
  readonly message: string;
  readonly name: string;
}

export interface SubstituteBlob {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  slice(start?: number, end?: number, contentType?: string): SubstituteBlob;
  text(): Promise<string>;
}

export interface PlatformEvent extends GlobalType<'Event', SubstituteEvent> {}
export interface PlatformEventTarget extends GlobalType<'EventTarget', SubstituteEventTarget> {}
export interface PlatformMessageEvent extends GlobalType<'MessageEvent', SubstituteMessageEvent> {}
export interface PlatformDOMException extends GlobalType<'DOMException', SubstituteDOMException> {}
export type PlatformBlob = GlobalType<'Blob', SubstituteBlob>;
export type PlatformReadableStream = GlobalType<'ReadableStream', any>;
export type PlatformWritableStream = GlobalType<'WritableStream', any>;
