import { randomBytes } from 'node:crypto';
import type { NativeIceParameters } from '../binding/native-addon';

/** ice-char (RFC 8839 section 5.4): exactly 64 of them, so that six random bits make one. */
const ICE_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** 24 bits are demanded; more keep two sessions on a shared socket apart. */
const USERNAME_FRAGMENT_LENGTH = 8;
/** 128 bits are demanded. */
const PASSWORD_LENGTH = 24;

function randomIceCharacters(length: number): string {
  let text = '';
  for (const octet of randomBytes(length)) text += ICE_CHARACTERS[octet & 63]!;
  return text;
}

/** New credentials for an ICE generation (RFC 8445 section 5.3). */
export function generateIceCredentials(): NativeIceParameters {
  return {
    usernameFragment: randomIceCharacters(USERNAME_FRAGMENT_LENGTH),
    password: randomIceCharacters(PASSWORD_LENGTH),
    iceLite: false,
  };
}
