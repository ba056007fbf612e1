/** Lexical rules that several lines share (RFC 8866 section 9). */

/** RFC 8866 `token`. */
export const TOKEN = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+$/;

/** @returns null unless `text` is decimal digits with a value in the range */
export function parseDecimal(text: string | undefined, minimum: number, maximum: number): number | null {
  if (text === undefined || !/^[0-9]{1,16}$/.test(text)) return null;
  const value = Number(text);
  return value >= minimum && value <= maximum ? value : null;
}

/** Cuts at the first `separator`; the second part is null where there is none. */
export function cutAt(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Written out: the regular expression for it takes quadratic time on long runs of spaces. */
export function trimSpacesAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === ' ') end -= 1;
  return text.slice(0, end);
}

/** Cuts at single spaces; spaces at the end do not count. */
export function splitFields(text: string): string[] {
  return trimSpacesAtEnd(text).split(' ');
}
