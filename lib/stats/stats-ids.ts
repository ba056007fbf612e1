/** Ids of statistics entries: the same object has the same id in every report of its connection. */
export const peerConnectionStatsId = 'P';

export function transportStatsId(transportId: string): string {
  return `T-${transportId}`;
}

/** `nativeId` is unique within its transport. */
export function candidateStatsId(transportId: string, nativeId: string, remote: boolean): string {
  return `${remote ? 'IR' : 'IL'}-${transportId}-${nativeId}`;
}

export function candidatePairStatsId(transportId: string, nativeId: string): string {
  return `CP-${transportId}-${nativeId}`;
}

export function certificateStatsId(fingerprint: string): string {
  return `CF-${fingerprint}`;
}

export function dataChannelStatsId(number: number): string {
  return `D-${number}`;
}
