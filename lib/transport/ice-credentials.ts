import { randomBytes } from 'node:crypto';
import type { NativeIceParameters } from '../binding/native-addon';

/** 24 bits are demanded; more keep two sessions on a shared socket apart. */
const USERNAME_FRAGMENT_OCTETS = 6;
/** 128 bits are demanded. */
const PASSWORD_OCTETS = 18;

/** New credentials for an ICE generation (RFC 8445 section 5.3): 8 and 24 characters. */
export function generateIceCredentials(): NativeIceParameters {
  const octets = randomBytes(USERNAME_FRAGMENT_OCTETS + PASSWORD_OCTETS);
  // base64's alphabet is that of ice-char (RFC 8839 section 5.4), and multiples of three octets need no padding.
  return {
    usernameFragment: octets.toString('base64', 0, USERNAME_FRAGMENT_OCTETS),
    password: octets.toString('base64', USERNAME_FRAGMENT_OCTETS),
    iceLite: false,
  };
}
