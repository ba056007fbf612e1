/** Effects are the difference between two states, so that an answer, a rollback and a repeated call need no cases of their own. */
import type { Candidate } from '../sdp/attributes/candidate';
import { candidateText } from '../sdp/attributes/ice';
import type { JsepEffect, JsepSctp, JsepTransport, NegotiatedState } from './jsep-types';
import { sameIce } from './section';
import { sameFingerprints } from './transports';

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}

/** Whether the peer asks for another DTLS association than the one that runs (RFC 8842 section 4). */
function replacesDtls(before: JsepTransport | undefined, after: JsepTransport): boolean {
  if (before === undefined || before.dtlsRole === null || after.dtlsRole === null) return false;
  return (
    before.dtlsRole !== after.dtlsRole ||
    before.remoteTlsId !== after.remoteTlsId ||
    !sameFingerprints(before.remoteFingerprints, after.remoteFingerprints)
  );
}

function sameAssociation(before: JsepSctp, after: JsepSctp): boolean {
  return (
    before.transportId === after.transportId &&
    before.localPort === after.localPort &&
    before.remotePort === after.remotePort
  );
}

function withoutKnown(candidates: readonly Candidate[], known: readonly Candidate[]): Candidate[] {
  const texts = new Set(known.map(candidateText));
  return candidates.filter((candidate) => !texts.has(candidateText(candidate)));
}

function pushLocalEffects(
  effects: JsepEffect[],
  before: JsepTransport | undefined,
  after: JsepTransport,
  stable: JsepTransport | undefined,
): void {
  const transportId = after.id;
  if (before === undefined) {
    effects.push({ kind: 'create-transport', transportId, transport: after });
    effects.push({ kind: 'gather', transportId, local: after.localIce, restart: false });
    return;
  }
  if (before.mid !== after.mid || !sameList(before.mids, after.mids)) {
    effects.push({ kind: 'move-transport', transportId, mid: after.mid, mids: after.mids });
  }
  if (sameIce(before.localIce, after.localIce)) return;
  if (stable !== undefined && sameIce(stable.localIce, after.localIce)) {
    effects.push({ kind: 'revert-ice', transportId, local: after.localIce });
  } else {
    effects.push({ kind: 'gather', transportId, local: after.localIce, restart: true });
  }
}

function pushRemoteEffects(effects: JsepEffect[], before: JsepTransport | undefined, after: JsepTransport): void {
  const transportId = after.id;
  if (after.remoteIce === null) return;
  const previous = before?.remoteIce ?? null;
  const isSameGeneration = previous !== null && sameIce(previous, after.remoteIce);
  if (!isSameGeneration || previous.iceLite !== after.remoteIce.iceLite || before?.iceRole !== after.iceRole) {
    effects.push({
      kind: 'set-remote-ice',
      transportId,
      remote: after.remoteIce,
      role: after.iceRole,
      restart: previous !== null && !isSameGeneration,
    });
  }
  const known = isSameGeneration ? before!.remoteCandidates : [];
  const candidates = known === after.remoteCandidates ? [] : withoutKnown(after.remoteCandidates, known);
  const endOfCandidates = after.remoteEndOfCandidates && !(isSameGeneration && before!.remoteEndOfCandidates);
  if (candidates.length > 0 || endOfCandidates) {
    effects.push({ kind: 'add-remote-candidates', transportId, candidates, endOfCandidates });
  }
  const restart = replacesDtls(before, after);
  if (after.dtlsRole !== null && (before === undefined || before.dtlsRole === null || restart)) {
    effects.push({
      kind: 'start-dtls',
      transportId,
      role: after.dtlsRole,
      fingerprints: after.remoteFingerprints,
      restart,
    });
  }
}

/** @param stable what was negotiated last: going back to its ICE credentials is no restart */
export function effectsBetween(before: NegotiatedState, after: NegotiatedState, stable: NegotiatedState): JsepEffect[] {
  const effects: JsepEffect[] = [];
  // Nearly all have one transport: maps would take longer to make than to do without.
  const find = (state: NegotiatedState, id: string): JsepTransport | undefined =>
    state.transports.find((transport) => transport.id === id);

  const carrier = after.sctp === null ? undefined : find(after, after.sctp.transportId);
  const keepsAssociation =
    before.sctp !== null &&
    after.sctp !== null &&
    sameAssociation(before.sctp, after.sctp) &&
    carrier !== undefined &&
    !replacesDtls(find(before, carrier.id), carrier);
  if (before.sctp !== null && !keepsAssociation) effects.push({ kind: 'stop-sctp', sctp: before.sctp });
  for (const { id } of before.transports) {
    if (find(after, id) === undefined) effects.push({ kind: 'remove-transport', transportId: id });
  }
  for (const transport of after.transports) {
    pushLocalEffects(effects, find(before, transport.id), transport, find(stable, transport.id));
  }
  for (const transport of after.transports) pushRemoteEffects(effects, find(before, transport.id), transport);
  if (after.sctp !== null) {
    if (!keepsAssociation) effects.push({ kind: 'start-sctp', sctp: after.sctp });
    else if (
      before.sctp.remoteMaxMessageSize !== after.sctp.remoteMaxMessageSize ||
      before.sctp.mid !== after.sctp.mid
    ) {
      effects.push({ kind: 'update-sctp', sctp: after.sctp });
    }
  }
  return effects;
}
