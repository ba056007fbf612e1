/**
 * The WebIDL layer (https://webidl.spec.whatwg.org): how JavaScript values come in, and what an interface looks like.
 *
 * How an interface is written:
 *
 *     import { EventTarget } from '../dom/realm';
 *     import * as webidl from '../webidl';
 *     import { toRTCDataChannelInit } from '../webidl/generated/dictionaries';
 *
 *     export class RTCExample extends EventTarget {
 *       static {
 *         // Lengths and on… attributes come from the IDL of this name; the last argument is the brand check.
 *         webidl.defineInterface('RTCExample', this, (value) => #label in value);
 *       }
 *
 *       #label: string;
 *       declare onopen: EventHandler;              // type only: defineInterface made the accessor
 *
 *       // Scripts may call it: arity, then converters, each once, in order; below that line only clean values.
 *       constructor(label: string, init?: RTCDataChannelInit) {
 *         const context = webidl.constructorContext('RTCExample');
 *         webidl.requireArguments(arguments.length, 1, context);
 *         const text = webidl.USVString(label, context);
 *         const options = toRTCDataChannelInit(init, context);
 *         super();
 *         this.#label = text;
 *       }
 *
 *       // Scripts may not: constructor(key: webidl.ConstructionKey, label: string) {
 *       //   webidl.requireConstructionKey(key); super(); … }   and   new RTCExample(webidl.constructionKey, 'x')
 *
 *       // A getter: reading a #field of a wrong `this` is the TypeError that WebIDL wants.
 *       get label(): string {
 *         return this.#label;
 *       }
 *
 *       // An operation: touch a #field first (brand check), then arity and converters.
 *       send(data: unknown): void {
 *         const label = this.#label;
 *         webidl.requireArguments(arguments.length, 1, 'Failed to execute \'send\' on \'RTCExample\'');
 *       }
 *
 *       // An operation that returns a promise is `async`: brand and conversion errors then reject, as they must.
 *       async getStats(): Promise<RTCStatsReport> {
 *         const label = this.#label;
 *       }
 *     }
 *     declare module '../webidl/types' {
 *       interface InterfaceTypes { RTCExample: RTCExample }   // so that generated dictionaries know the class
 *     }
 *
 * Friends reach private state through functions exported from the same file, assigned in a static block:
 *     export let announce: (channel: RTCDataChannel) => void;
 *     static { announce = (channel) => { channel.#announce(); }; }
 *
 * Fire with `fireEvent(target, 'open')` or `target.dispatchEvent(new RTCDataChannelEvent('datachannel', {channel}))`
 * (lib/dom/fire-event). Queue a task with `queueTask(() => …)` (lib/dom/queue-task), a microtask with `queueMicrotask`
 * of lib/dom/queue-microtask, never with the globals, which fake timers replace. Errors:
 * `createDOMException(message, 'InvalidStateError')` (lib/dom/dom-exception), TypeError and RangeError as they are.
 */
export * from './buffers';
export * from './callback';
export * from './containers';
export * from './dictionary';
export * from './enumeration';
export * from './errors';
export * from './interface';
export * from './primitives';
export * from './strings';
export type * from './types';
