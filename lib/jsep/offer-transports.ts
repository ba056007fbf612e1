/** Which sections of an offer share a transport, and with which credentials (RFC 9429 sections 4.1.1, 5.2). */
import { proposedIce, type SectionTransport } from './create-description';
import type { IceParameters, JsepSession, JsepTransport, LocalParameters } from './jsep-types';
import type { OfferedSection } from './offer-layout';
import { sameIce } from './section';
import { negotiatedBundle, negotiatedTransport } from './transports';

function isToBeReplaced(ice: IceParameters, parameters: LocalParameters): boolean {
  return parameters.iceRestart === true || (parameters.credentialsToReplace ?? []).some((each) => sameIce(each, ice));
}

/** Whether the bundle policy gives a new section no transport of its own. */
function isBundleOnly(session: JsepSession, section: OfferedSection, earlier: readonly OfferedSection[]): boolean {
  const { bundlePolicy } = session.options;
  if (earlier.length === 0 || bundlePolicy === 'max-compat') return false;
  if (bundlePolicy === 'max-bundle') return true;
  // The peer bundled nothing the last time: it would reject the section.
  if (session.stable.transports.length > 0) return false;
  const kindOf = ({ use }: OfferedSection): string => (use.kind === 'media' ? use.view.kind : use.kind);
  return earlier.some((each) => kindOf(each) === kindOf(section));
}

export interface OfferTransports {
  readonly byMid: ReadonlyMap<string, SectionTransport>;
  /** Of the one BUNDLE group; empty when there is nothing to bundle. */
  readonly bundle: readonly string[];
}

export function planTransports(
  session: JsepSession,
  parameters: LocalParameters,
  layout: readonly OfferedSection[],
): OfferTransports {
  const live = layout.filter(({ use }) => use.kind === 'media' || use.kind === 'data');
  const joined = negotiatedBundle(session);
  const replaced = new Map<string, IceParameters>();
  // Restarts are counted from what was negotiated: an offer that is pending already has its new credentials.
  const negotiatedIce = ({ localIce }: JsepTransport): IceParameters => {
    if (!isToBeReplaced(localIce, parameters)) return localIce;
    const ice = replaced.get(localIce.usernameFragment) ?? parameters.newIceParameters();
    replaced.set(localIce.usernameFragment, ice);
    return ice;
  };

  // The tag stays where it is, or at least among those who are bundled already, which is the only place where Chromium
  // takes it; else the first transceiver's section has it, as the Recommendation wants, or that of data, which was there
  // before any transceiver's.
  const { hasSharedPort = false, alwaysOffersData = false } = session.options;
  const order = parameters.transceivers.map((view) =>
    live.find(({ use }) => use.kind === 'media' && use.view === view),
  );
  const tagged =
    live.find(({ mid }) => mid === joined?.mid) ??
    live.find(({ mid }) => joined?.mids.includes(mid)) ??
    live.find(({ use }) => alwaysOffersData && use.kind === 'data') ??
    order.find((section) => section !== undefined);
  const byTag = tagged === undefined ? live : [tagged, ...live.filter((section) => section !== tagged)];

  const pendingIce = (mid: string): IceParameters | undefined =>
    session.transports.find((transport) => transport.mid === mid)?.localIce;
  // A section that comes to an offer that is pending takes the credentials that are there, though it be the tagged one.
  const isNew = ({ mid }: OfferedSection): boolean => negotiatedTransport(session, mid) === null;
  const pending = byTag.filter(isNew).flatMap(({ mid }) => pendingIce(mid) ?? []);
  let sharedIce: IceParameters | null = pending[0] ?? null;
  const byMid = new Map<string, SectionTransport>();
  const carried = new Set<JsepTransport>();
  for (const [at, section] of byTag.entries()) {
    const { mid } = section;
    const negotiated = negotiatedTransport(session, mid);
    if (negotiated !== null) {
      const candidatesOf = carried.has(negotiated) ? null : [mid, ...negotiated.mids];
      carried.add(negotiated);
      byMid.set(mid, { ice: negotiatedIce(negotiated), setup: 'actpass', isBundleOnly: false, candidatesOf });
    } else if (isBundleOnly(session, section, byTag.slice(0, at))) {
      const { ice } = byMid.get(byTag[0]!.mid)!;
      byMid.set(mid, { ice, setup: 'actpass', isBundleOnly: true, candidatesOf: null });
    } else {
      const proposed = pendingIce(mid) ?? proposedIce(session.lastCreatedOffer, mid);
      const ice: IceParameters = proposed ?? (hasSharedPort ? null : sharedIce) ?? parameters.newIceParameters();
      sharedIce ??= ice;
      byMid.set(mid, { ice, setup: 'actpass', isBundleOnly: false, candidatesOf: [mid] });
    }
  }
  return { byMid, bundle: [...byMid.keys()] };
}
