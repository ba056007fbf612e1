/** Message prefixes and the TypeErrors that WebIDL bindings throw, worded as browsers word them. */

/** Prefix for a constructor: `Failed to construct 'RTCError'`. */
export function constructorContext(interfaceName: string): string {
  return `Failed to construct '${interfaceName}'`;
}

/** Prefix for an operation: `Failed to execute 'send' on 'RTCDataChannel'`. */
export function operationContext(operation: string, interfaceName: string): string {
  return `Failed to execute '${operation}' on '${interfaceName}'`;
}

/** Prefix for the setter of an attribute: `Failed to set the 'binaryType' property on 'RTCDataChannel'`. */
export function setterContext(attribute: string, interfaceName: string): string {
  return `Failed to set the '${attribute}' property on '${interfaceName}'`;
}

export function conversionError(context: string, reason: string): TypeError {
  return new TypeError(`${context}: ${reason}`);
}

/** The TypeError for a member called on an object of another kind. */
export function illegalInvocation(): TypeError {
  return new TypeError('Illegal invocation');
}

/** Throws when an operation or a constructor was called with too few arguments. */
export function requireArguments(given: number, required: number, context: string): void {
  if (given < required) {
    const noun = required === 1 ? 'argument' : 'arguments';
    throw conversionError(context, `${String(required)} ${noun} required, but only ${String(given)} present.`);
  }
}
