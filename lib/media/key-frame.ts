/** Whether an access unit begins a stream that can be decoded, as its first octets say; null where that is not known. */
export function isKeyFrame(mimeType: string, data: Uint8Array): boolean | null {
  switch (mimeType.toLowerCase()) {
    case 'video/vp8':
      return isVp8KeyFrame(data);
    case 'video/vp9':
      return isVp9KeyFrame(data);
    case 'video/h264':
      return hasNalUnit(data, 5);
    case 'video/av1':
      return hasSequenceHeader(data);
    default:
      return null;
  }
}

/** https://www.rfc-editor.org/rfc/rfc6386#section-9.1 */
function isVp8KeyFrame(data: Uint8Array): boolean {
  const first = data[0];
  return first !== undefined && (first & 1) === 0;
}

/** VP9 bitstream specification, section 6.2: uncompressed_header(). */
function isVp9KeyFrame(data: Uint8Array): boolean {
  let position = 0;
  const bit = (): number => {
    const octet = data[position >> 3] ?? 0;
    return (octet >> (7 - (position++ & 7))) & 1;
  };
  const marker = (bit() << 1) | bit();
  if (data.length === 0 || marker !== 2) return false;
  const profile = bit() | (bit() << 1);
  if (profile === 3) bit();
  const showsExistingFrame = bit() === 1;
  const isInterFrame = bit() === 1;
  return !showsExistingFrame && !isInterFrame;
}

/**
 * Whether an access unit of H.264 is as MP4 has it (ISO/IEC 14496-15): NAL units that fill it with their lengths, of 4 octets,
 * before them, where annex B has start codes.
 */
export function hasNalUnitLengths(data: Uint8Array): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  // 00 00 01: a start code, or a length from 256 to 511; nobody can tell.
  if (data.length < 5 || view.getUint32(0) >>> 8 === 1) return false;
  let at = 0;
  while (at + 5 <= data.length) {
    const length = view.getUint32(at);
    // 00 00 00 01: a start code; and no NAL unit is that short.
    if (length < 2) return false;
    at += 4 + length;
  }
  return at === data.length;
}

/** ITU-T H.264, annex B and table 7-1. */
function hasNalUnit(data: Uint8Array, type: number): boolean {
  for (let at = 0; at + 3 < data.length; at++) {
    if (data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 1 && ((data[at + 3] ?? 0) & 0x1f) === type)
      return true;
  }
  return false;
}

/**
 * AV1 specification, section 5.3: a temporal unit with a sequence header. OBUs without a size end the search, as they are
 * the last.
 */
function hasSequenceHeader(data: Uint8Array): boolean {
  let at = 0;
  while (at < data.length) {
    const header = data[at] ?? 0;
    if (((header >> 3) & 0xf) === 1) return true;
    at += (header & 4) === 0 ? 1 : 2;
    if ((header & 2) === 0) return false;
    let size = 0;
    for (let index = 0; index < 8; index++) {
      const octet = data[at++];
      if (octet === undefined) return false;
      size += (octet & 0x7f) * 2 ** (7 * index);
      if ((octet & 0x80) === 0) break;
    }
    at += size;
  }
  return false;
}
