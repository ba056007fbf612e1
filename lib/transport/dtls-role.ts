/** Who sends the ClientHello. SDP's `setup` values are resolved to this by lib/jsep. */
export type DtlsRole = 'client' | 'server';
