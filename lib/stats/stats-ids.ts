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

/** `transceiverId` and `rid` tell one stream of the connection from all others; '' without rid. */
export function outboundRtpStatsId(transceiverId: string, rid: string): string {
  return rid === '' ? `O-${transceiverId}` : `O-${transceiverId}-${rid}`;
}

/** A source is a track that one sender has: with another track it is another source. */
export function mediaSourceStatsId(transceiverId: string, trackId: string): string {
  return `S-${transceiverId}-${trackId}`;
}

/** Payload types mean the same in all sections of one transport. */
export function codecStatsId(transportId: string, direction: 'send' | 'receive', payloadType: number): string {
  return `${direction === 'send' ? 'CO' : 'CI'}-${transportId}-${String(payloadType)}`;
}

export function remoteInboundRtpStatsId(transceiverId: string, rid: string): string {
  return rid === '' ? `RI-${transceiverId}` : `RI-${transceiverId}-${rid}`;
}

export function inboundRtpStatsId(transceiverId: string, ssrc: number): string {
  return `I-${transceiverId}-${String(ssrc)}`;
}

export function remoteOutboundRtpStatsId(transceiverId: string, ssrc: number): string {
  return `RO-${transceiverId}-${String(ssrc)}`;
}

/** All sound goes the same way. */
export const playoutStatsId = 'AP';
