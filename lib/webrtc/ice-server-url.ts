import { URL } from 'node:url';
import { createDOMException } from '../dom/dom-exception';
import type { NativeIceServer } from '../binding/native-addon';
import type { RTCIceServer } from '../webidl/generated/dictionaries';

/**
 * Longest TURN user name in octets of UTF-8. RFC 8489 section 14.3 says "fewer than 509"; web-platform-tests and
 * browsers take 509, and so do we.
 */
const MAX_USERNAME_OCTETS = 509;
/** RFC 8265 bounds no password; this bounds what goes into native code. */
const MAX_CREDENTIAL_OCTETS = 4096;
const MAX_URL_LENGTH = 2048;
/** More servers than this are passed over ("an implementation-defined limit", at least 32). */
const MAX_ICE_SERVERS = 64;
/** URLs in all, as each may mean sockets. */
const MAX_ICE_URLS = 256;

const SCHEMES = new Set(['stun', 'stuns', 'turn', 'turns']);

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null; // "failure" of the URL standard; the caller says what that means
  }
}

function syntaxError(url: string, reason: string): never {
  const shown = url.length > 100 ? `${url.slice(0, 100)}…` : url;
  throw createDOMException(`'${shown}' is not a valid ICE server URL: ${reason}.`, 'SyntaxError');
}

export interface ValidatedIceServers {
  /** As given, with `urls` always a list. */
  readonly stored: RTCIceServer[];
  /** Ready for the ICE agent. */
  readonly servers: readonly NativeIceServer[];
}

/** Steps 4 to 6 of https://w3c.github.io/webrtc-pc/#set-the-configuration */
export function validateIceServers(given: readonly RTCIceServer[]): ValidatedIceServers {
  const servers: NativeIceServer[] = [];
  // 4. – 5. Let iceServers be configuration.iceServers, truncated to the maximum number of supported elements.
  // 6. For each server in iceServers:
  const stored = given.slice(0, MAX_ICE_SERVERS).map((server): RTCIceServer => {
    // 6.1 – 6.2 Let urls be server.urls, as a list.
    const urls = typeof server.urls === 'string' ? [server.urls] : server.urls;
    // 6.3 If urls is empty, throw a SyntaxError.
    if (urls.length === 0) throw createDOMException('The urls of an ICE server are empty.', 'SyntaxError');
    // 6.4 Validate each url.
    for (const url of urls) {
      if (servers.length < MAX_ICE_URLS) servers.push(validateIceServerUrl(url, server));
    }
    return { ...server, urls };
  });
  return { stored, servers };
}

/**
 * Validate an ICE server URL (https://w3c.github.io/webrtc-pc/#validate-an-ice-server-url).
 * @returns the server, ready for the ICE agent
 */
function validateIceServerUrl(url: string, server: RTCIceServer): NativeIceServer {
  if (url.length > MAX_URL_LENGTH) syntaxError(url, `it is longer than ${MAX_URL_LENGTH} characters`);
  // 1. Let parsedURL be the result of parsing url.
  const parsed = parse(url);
  // 2. If any of the following conditions apply, then throw a SyntaxError:
  //    - parsedURL is failure
  if (parsed === null) syntaxError(url, 'it is not a URL');
  //    - its scheme is neither "stun", "stuns", "turn", nor "turns"
  const scheme = parsed.protocol.slice(0, -1);
  if (!SCHEMES.has(scheme)) syntaxError(url, 'its scheme is none of stun, stuns, turn and turns');
  //    - it does not have an opaque path, or the path contains "/" or "@"
  const path = parsed.pathname;
  if (parsed.host !== '' || path.startsWith('/') || /[/\\@]/.test(path)) {
    syntaxError(url, 'a host, and perhaps a port, must follow the scheme');
  }
  //    - its fragment is non-null (an empty one leaves only its mark)
  if (parsed.href.includes('#')) syntaxError(url, 'it has a fragment');
  //    - its scheme is "stun" or "stuns", and its query is non-null
  const hasQuery = parsed.href.includes('?');
  if ((scheme === 'stun' || scheme === 'stuns') && hasQuery) syntaxError(url, 'STUN URLs have no query');
  // 3. Skipped: every one of the four schemes is implemented.
  // 4. Let hostAndPortURL be the result of parsing the concatenation of "https://" and parsedURL's path.
  const hostAndPort = parse(`https://${path}`);
  // 5. If hostAndPortURL is failure, or it has a path, user name or password, throw a SyntaxError.
  if (hostAndPort === null || hostAndPort.hostname === '') syntaxError(url, 'its host or port is invalid');
  if (hostAndPort.pathname !== '/' || hostAndPort.username !== '' || hostAndPort.password !== '') {
    syntaxError(url, 'only a host and a port may follow the scheme');
  }
  // 6. If parsedURL's query is non-null and neither "transport=udp" nor "transport=tcp", throw a SyntaxError. In the
  //    grammar of RFC 7065 the case of both does not matter.
  const query = parsed.search.toLowerCase();
  if (hasQuery && query !== '?transport=udp' && query !== '?transport=tcp') {
    syntaxError(url, 'its query is neither transport=udp nor transport=tcp');
  }
  // 7. If the scheme is "turn" or "turns", and user name or credential are missing or break their rules, throw an
  //    InvalidAccessError.
  if (scheme === 'turn' || scheme === 'turns') checkCredentials(server);

  const secure = scheme === 'stuns' || scheme === 'turns';
  // The https parser drops its own default port, which may well be the one that was meant.
  const port = /:([0-9]+)$/.exec(path)?.[1];
  return {
    url,
    scheme: scheme as NativeIceServer['scheme'],
    host: hostAndPort.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === undefined ? (secure ? 5349 : 3478) : Number(port),
    transport: query === '?transport=tcp' || (secure && query === '') ? 'tcp' : 'udp',
    username: server.username ?? '',
    password: server.credential ?? '',
  };
}

function checkCredentials({ username, credential }: RTCIceServer): void {
  if (username === undefined || credential === undefined) {
    throw createDOMException('A TURN server needs both username and credential.', 'InvalidAccessError');
  }
  if (username.length > MAX_USERNAME_OCTETS || Buffer.byteLength(username) > MAX_USERNAME_OCTETS) {
    throw createDOMException(
      `The username of a TURN server may not be longer than ${MAX_USERNAME_OCTETS} octets.`,
      'InvalidAccessError',
    );
  }
  if (credential.length > MAX_CREDENTIAL_OCTETS || Buffer.byteLength(credential) > MAX_CREDENTIAL_OCTETS) {
    throw createDOMException(
      `The credential of a TURN server may not be longer than ${MAX_CREDENTIAL_OCTETS} octets.`,
      'InvalidAccessError',
    );
  }
}
