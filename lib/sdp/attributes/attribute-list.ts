/** Looking up attributes by name, whatever they mean. */
import type { SdpAttribute } from '../session-description';

/** Anything with `a=` lines: a session or a media section. */
export interface AttributeOwner {
  readonly attributes: readonly SdpAttribute[];
}

export function hasAttribute(owner: AttributeOwner, name: string): boolean {
  return owner.attributes.some((attribute) => attribute.name === name);
}

/** The value of the first attribute of that name; '' when it has none; null when there is no such attribute. */
export function attributeValue(owner: AttributeOwner, name: string): string | null {
  const attribute = owner.attributes.find((each) => each.name === name);
  return attribute === undefined ? null : (attribute.value ?? '');
}

export function attributeValues(owner: AttributeOwner, name: string): string[] {
  return owner.attributes.filter((attribute) => attribute.name === name).map((attribute) => attribute.value ?? '');
}

/** Makes an attribute: `flag('rtcp-mux')`, `flag('mid', '0')`. */
export function attribute(name: string, value: string | null = null): SdpAttribute {
  return { name, value };
}
