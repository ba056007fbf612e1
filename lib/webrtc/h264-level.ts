/** The levels of H.264 that limit what we send: MaxMBPS and MaxFS of ITU-T H.264 table A-1, by level_idc. */
const limits: ReadonlyMap<number, readonly [macroblocksPerSecond: number, macroblocks: number]> = new Map([
  [9, [1485, 99]],
  [10, [1485, 99]],
  [11, [3000, 396]],
  [12, [6000, 396]],
  [13, [11_880, 396]],
  [20, [11_880, 396]],
  [21, [19_800, 792]],
  [22, [20_250, 1620]],
  [30, [40_500, 1620]],
]);

/** What a picture is sent at, if nobody wants it slower. */
const usualFramerate = 30;

/**
 * Macroblocks that a picture can have for a peer of that `profile-level-id` (RFC 6184 section 8.1); 0: any number. From level
 * 3.1 on nothing is limited: that is what all browsers write, and all of them send and take larger pictures than it has.
 */
export function mostMacroblocks(profileLevelId: string, maxFramerate: number | undefined): number {
  const level = Number.parseInt(profileLevelId.slice(4), 16);
  // Constraint flag 3 makes level 1b of 1.1 (in profiles without flags of their own for it).
  const is1b = level === 11 && (Number.parseInt(profileLevelId.slice(2, 4), 16) & 0x10) !== 0;
  const limit = limits.get(is1b ? 9 : level);
  if (!limit) return 0;
  const [macroblocksPerSecond, macroblocks] = limit;
  const framerate =
    maxFramerate !== undefined && maxFramerate > 0 ? Math.min(maxFramerate, usualFramerate) : usualFramerate;
  return Math.max(1, Math.min(macroblocks, Math.floor(macroblocksPerSecond / framerate)));
}
