/** Which sections of an offer share a transport, and with which credentials (RFC 9429 sections 4.1.1, 5.2). */
import { proposedIce, type SectionTransport } from './create-description';
import type { IceParameters, JsepSession, JsepTransport, LocalParameters } from './jsep-types';
import type { OfferedSection } from './offer-layout';
import { analysisOf, sameIce } from './section';

/** The transport that a BUNDLE group was negotiated on: what comes new joins it. */
function negotiatedBundle(session: JsepSession): JsepTransport | null {
  const groups = [session.currentLocal, session.currentRemote].map((description) =>
    description === null ? [] : analysisOf(description).bundleGroups.flat(),
  );
  const isBundled = (mid: string): boolean => groups.every((mids) => mids.includes(mid));
  return session.stable.transports.find(({ mids }) => mids.some(isBundled)) ?? null;
}

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
  const live = layout.filter(({ use }) => use.kind !== 'rejected');
  const joined = negotiatedBundle(session);
  const replaced = new Map<JsepTransport, IceParameters>();
  // Restarts are counted from what was negotiated: an offer that is pending already has its new credentials.
  const negotiatedIce = (transport: JsepTransport): IceParameters => {
    if (!isToBeReplaced(transport.localIce, parameters)) return transport.localIce;
    const ice = replaced.get(transport) ?? parameters.newIceParameters();
    replaced.set(transport, ice);
    return ice;
  };

  // The tag stays where it is; else the first transceiver's section has it, as the Recommendation wants.
  const order = parameters.transceivers.map((view) =>
    live.find(({ use }) => use.kind === 'media' && use.view === view),
  );
  const tagged = live.find(({ mid }) => mid === joined?.mid) ?? order.find((section) => section !== undefined);
  const byTag = tagged === undefined ? live : [tagged, ...live.filter((section) => section !== tagged)];

  const ices = new Map<string, { ice: IceParameters; isBundleOnly: boolean }>();
  for (const [at, section] of byTag.entries()) {
    const { mid } = section;
    const serves = (transport: JsepTransport): boolean => transport.mids.includes(mid);
    const negotiated = session.stable.transports.find(serves) ?? joined;
    if (negotiated !== null) {
      ices.set(mid, { ice: negotiatedIce(negotiated), isBundleOnly: false });
    } else if (isBundleOnly(session, section, byTag.slice(0, at))) {
      ices.set(mid, { ice: ices.get(byTag[0]!.mid)!.ice, isBundleOnly: true });
    } else {
      const own = session.transports.find((transport) => transport.mid === mid)?.localIce;
      const ice = own ?? proposedIce('offer', session.lastCreatedOffer, mid) ?? parameters.newIceParameters();
      ices.set(mid, { ice, isBundleOnly: false });
    }
  }

  const byMid = new Map<string, SectionTransport>();
  const carried: IceParameters[] = [];
  for (const [mid, { ice, isBundleOnly: bundleOnly }] of ices) {
    const carriesCandidates = !carried.some((each) => sameIce(each, ice));
    if (carriesCandidates) carried.push(ice);
    byMid.set(mid, { ice, setup: 'actpass', isBundleOnly: bundleOnly, carriesCandidates });
  }
  return { byMid, bundle: [...ices.keys()] };
}
