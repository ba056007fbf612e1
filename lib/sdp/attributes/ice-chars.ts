/** The lengths and characters of ICE credentials (RFC 8839 section 5.4), which are also those of a candidate's foundation. */

const USERNAME_FRAGMENT = /^[0-9A-Za-z+/]{4,256}$/;
const PASSWORD = /^[0-9A-Za-z+/]{22,256}$/;
const REMOTE_USERNAME_FRAGMENT = /^[0-9A-Za-z+/=#_-]{4,256}$/;
const REMOTE_PASSWORD = /^[0-9A-Za-z+/=#_-]{22,256}$/;
const REMOTE_FOUNDATION = /^[0-9A-Za-z+/=#_-]{1,32}$/;

/** Not part of the grammar here: browsers report it as bad content, not as a syntax error. */
export function isUsernameFragment(text: string): boolean {
  return USERNAME_FRAGMENT.test(text);
}

export function isIcePassword(text: string): boolean {
  return PASSWORD.test(text);
}

/** As {@link isUsernameFragment}, of a peer: - = # _ are taken from it, too, for stacks that make base64url. */
export function isRemoteUsernameFragment(text: string): boolean {
  return REMOTE_USERNAME_FRAGMENT.test(text);
}

/** As {@link isIcePassword}, of a peer. */
export function isRemoteIcePassword(text: string): boolean {
  return REMOTE_PASSWORD.test(text);
}

/** 1 to 32 of the characters of a peer. */
export function isRemoteFoundation(text: string): boolean {
  return REMOTE_FOUNDATION.test(text);
}
