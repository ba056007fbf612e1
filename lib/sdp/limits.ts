/**
 * What a description may hold at most. The largest ones seen in use (meetings with hundreds of streams) stay below; beyond
 * these a text is refused before anything is done with it. docs/negotiation.md lists them for users.
 */
export const SDP_LIMITS = {
  /** UTF-16 code units of the whole text: as many sections as there may be, each of video as browsers write it (4 to 7 Ki). */
  textLength: 8 * 1024 * 1024,
  /** UTF-16 code units of one line. */
  lineLength: 16 * 1024,
  mediaSections: 1024,
  /** For each media section, and for the session level. */
  attributes: 8192,
  /** For each media section: those of the text, and those added one by one. */
  candidates: 1024,
  /** For each media section, and for the session level. */
  fingerprints: 64,
  /** Of one `m=` line. */
  formats: 512,
} as const;
