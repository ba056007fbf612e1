/** getParameters() and setParameters() of RTCRtpSender, and what negotiation does to what they tell. */
import { randomUUID } from 'node:crypto';
import { createDOMException } from '../dom/dom-exception';
import { queueTask } from '../dom/queue-task';
import type { NegotiatedCodec, NegotiatedRtp } from '../jsep/rtp-types';
import type {
  RTCRtpCodecParameters,
  RTCRtpHeaderExtensionParameters,
  RTCRtpSendParameters,
  RTCSetParameterOptions,
} from '../webidl/generated/dictionaries';
import type { SenderSlots } from './RTCRtpSender';
import { updateSender } from './rtp-streams';
import { implementedCodecs, scalabilityModesOf, toCodecDictionary } from './rtp-capabilities';
import {
  adaptToCodecs,
  checkPtime,
  copyEncodings,
  invalidScaleResolutionDownTo,
  isChoosable,
  mixesSimulcastTransports,
  narrowSendEncodings,
  scalabilityModesInUse,
  type SendEncodings,
  withoutVideoMembers,
} from './send-encodings';

/** [[SendCodecs]] as dictionaries. */
function codecParameters(codecs: readonly NegotiatedCodec[]): RTCRtpCodecParameters[] {
  return codecs.map((codec) => ({ payloadType: codec.payloadType, ...toCodecDictionary(codec) }));
}

function headerExtensionParameters(negotiated: NegotiatedRtp | null): RTCRtpHeaderExtensionParameters[] {
  return (negotiated?.headerExtensions ?? [])
    .filter(({ direction }) => direction === 'sendrecv' || direction === 'sendonly')
    .map(({ uri, id }) => ({ uri, id, encrypted: false }));
}

/** Dictionaries belong to who has them: what is kept and what is handed out share nothing. */
function copyParameters(parameters: RTCRtpSendParameters): RTCRtpSendParameters {
  return {
    ...parameters,
    headerExtensions: parameters.headerExtensions.map((extension) => ({ ...extension })),
    rtcp: { ...parameters.rtcp },
    codecs: parameters.codecs.map((codec) => ({ ...codec })),
    encodings: copyEncodings(parameters.encodings),
  };
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-getparameters */
export function getParameters(sender: SenderSlots): RTCRtpSendParameters {
  // 2. What was returned in this task already.
  if (sender.lastReturnedParameters) return copyParameters(sender.lastReturnedParameters);
  const { negotiated } = sender.transceiver;
  // 3., 4. A new dictionary.
  sender.lastReturnedParameters = {
    transactionId: randomUUID(),
    encodings: copyEncodings(sender.sendEncodings),
    headerExtensions: headerExtensionParameters(negotiated),
    codecs: codecParameters(sender.sendCodecs),
    rtcp: { cname: sender.connection.cname, reducedSize: negotiated?.reducedSizeRtcp ?? false },
    // https://w3c.github.io/mst-content-hint/#behavior-of-rtcrtpsendparameters: unset until it was set.
    ...(sender.degradationPreference && { degradationPreference: sender.degradationPreference }),
  };
  // 5. Queue a task that sets [[LastReturnedParameters]] to null.
  queueTask(() => {
    sender.lastReturnedParameters = null;
  });
  // 6.
  return copyParameters(sender.lastReturnedParameters);
}

function invalidModification(message: string): DOMException {
  return createDOMException(message, 'InvalidModificationError');
}

/** Members in an order of their own, so that equal dictionaries give equal texts. */
function textOf(dictionaries: readonly object[]): string {
  return JSON.stringify(dictionaries.map((each) => Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function checkReadOnly(parameters: RTCRtpSendParameters, last: RTCRtpSendParameters): void {
  if (parameters.transactionId !== last.transactionId) {
    throw invalidModification('The parameters are not those that getParameters() returned last.');
  }
  const rids = (encodings: SendEncodings): string => JSON.stringify(encodings.map(({ rid }) => rid ?? null));
  if (rids(parameters.encodings) !== rids(last.encodings)) {
    throw invalidModification('rid is read-only, and encodings cannot be added, removed or put into another order.');
  }
  for (const member of ['headerExtensions', 'codecs'] as const) {
    if (textOf(parameters[member]) !== textOf(last[member])) throw invalidModification(`${member} is read-only.`);
  }
  if (textOf([parameters.rtcp]) !== textOf([last.rtcp])) throw invalidModification('rtcp is read-only.');
}

/** Of https://w3c.github.io/webrtc-svc/#rtcrtpsender-setparameters */
function checkScalabilityModes(encodings: SendEncodings, sendCodecs: readonly RTCRtpCodecParameters[]): void {
  for (const encoding of encodings) {
    const { scalabilityMode, codec } = encoding;
    if (scalabilityMode === undefined) continue;
    const modes =
      codec || sendCodecs.length > 0
        ? scalabilityModesInUse(encoding, sendCodecs)
        : implementedCodecs('video', 'send').flatMap(scalabilityModesOf);
    if (!modes.includes(scalabilityMode)) {
      throw invalidModification(`The scalabilityMode '${scalabilityMode}' is not supported.`);
    }
  }
  if (mixesSimulcastTransports(encodings)) {
    throw invalidModification('An S mode cannot be combined with several active encodings.');
  }
}

/**
 * "setParameters validation steps" (https://w3c.github.io/webrtc-pc/#dfn-setparameters-validation-steps), with those of
 * WebRTC Extensions and WebRTC SVC. Returns the encodings to be.
 */
function validate(sender: SenderSlots, parameters: RTCRtpSendParameters, last: RTCRtpSendParameters): SendEncodings {
  let { encodings }: { encodings: SendEncodings } = parameters;
  // 3., 4. The codecs to choose from: those negotiated, or before that all.
  const { codecs } = parameters;
  const choosable = codecs.length > 0 ? codecs : implementedCodecs(sender.kind, 'send');
  // 5., 6. InvalidModificationErrors.
  if (encodings.length !== sender.sendEncodings.length) {
    throw invalidModification('Encodings cannot be added or removed.');
  }
  checkReadOnly(parameters, last);
  for (const { codec } of encodings) {
    if (codec && !isChoosable(codec, choosable, true)) {
      throw invalidModification(`The codec '${codec.mimeType}' of an encoding is not one to choose from.`);
    }
  }
  // 7. Audio; before the checks of the extensions, as in addTransceiver().
  if (sender.kind === 'audio') encodings = withoutVideoMembers(encodings);
  checkScalabilityModes(encodings, codecs);
  const invalid = invalidScaleResolutionDownTo(encodings);
  if (invalid !== null) throw invalidModification(invalid);
  checkPtime(encodings);
  if (sender.kind === 'video') {
    // 8. The default.
    encodings = encodings.map((encoding) => ({
      ...encoding,
      scaleResolutionDownBy: encoding.scaleResolutionDownBy ?? 1,
    }));
  }
  // 9.
  if (encodings.some(({ scaleResolutionDownBy = 1 }) => scaleResolutionDownBy < 1)) {
    throw new RangeError('scaleResolutionDownBy must be 1.0 or more.');
  }
  // 10.
  if (encodings.some(({ maxFramerate = 0 }) => maxFramerate < 0)) {
    throw new RangeError('maxFramerate must be 0.0 or more.');
  }
  // 11. Skipped: codecs can be set for each encoding.
  return encodings;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-setparameters */
export async function setParameters(
  sender: SenderSlots,
  parameters: RTCRtpSendParameters,
  { encodingOptions }: RTCSetParameterOptions,
): Promise<void> {
  // 4. [[Stopping]]
  if (sender.transceiver.stopping) throw createDOMException('The transceiver is stopped.', 'InvalidStateError');
  // 5. [[LastReturnedParameters]]
  if (!sender.lastReturnedParameters) {
    throw createDOMException(
      'getParameters() must be called before, in the same task, and without a description being applied in between.',
      'InvalidStateError',
    );
  }
  // 6. Validate.
  const encodings = validate(sender, parameters, sender.lastReturnedParameters);
  // webrtc-extensions: one option for each encoding; audio has no key frames.
  const options = sender.kind === 'audio' ? [] : encodingOptions;
  if (options.length > 0 && options.length !== encodings.length) {
    throw invalidModification('There must be as many encodingOptions as encodings.');
  }
  // What is set one after the other in a task, each time with what getParameters() returns, adds up, as in Chromium:
  // ion-sdk-js switches the layers of a simulcast so.
  sender.lastReturnedParameters = {
    ...sender.lastReturnedParameters,
    encodings: copyEncodings(encodings),
    ...(parameters.degradationPreference && { degradationPreference: parameters.degradationPreference }),
  };
  // 7. – 9. Configure the media stack, then queue a task. No description is committed before it has run.
  const settled = new Promise<void>((resolve, reject) => {
    queueTask(() => {
      sender.lastReturnedParameters = null;
      sender.sendEncodings = encodings;
      sender.degradationPreference = parameters.degradationPreference;
      try {
        updateSender(sender);
        const rids = keyFrameRids(encodings, options);
        if (rids.length > 0) sender.attached?.stream.requestKeyFrame(rids);
        resolve();
      } catch (error) {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
        reject(error);
      } finally {
        sender.unsettledSetParameters.delete(settled);
      }
    });
  });
  sender.unsettledSetParameters.add(settled);
  return settled;
}

/** https://w3c.github.io/webrtc-extensions/#dom-rtcencodingoptions-keyframe: '' for an encoding without rid */
function keyFrameRids(encodings: SendEncodings, options: readonly { readonly keyFrame: boolean }[]): string[] {
  return encodings.filter((_, index) => options[index]?.keyFrame === true).map(({ rid = '' }) => rid);
}

/** What an answer or provisional answer does (https://w3c.github.io/webrtc-pc/#set-description). */
export function applyAnswerToSender(sender: SenderSlots, negotiated: NegotiatedRtp): void {
  // A direction that does not send has no layers; that alone takes none away.
  const isSending = negotiated.direction === 'sendrecv' || negotiated.direction === 'sendonly';
  const hasRids = !sender.hasSourceLayers;
  const left =
    isSending && hasRids ? narrowSendEncodings(sender.sendEncodings, negotiated.sendRids) : sender.sendEncodings;
  sender.sendEncodings = adaptToCodecs(left, negotiated.sendCodecs);
  sender.lastReturnedParameters = null;
}

/**
 * What a remote offer does, one to receive simulcast above all (ibid., "if a suitable transceiver was found"). It ends the
 * transaction in any case, as web-platform-tests have it.
 * @param proposed of proposedSendEncodings()
 */
export function applyOfferToSender(sender: SenderSlots, proposed: SendEncodings): void {
  sender.lastReturnedParameters = null;
  if (proposed.length > 0 && isRidless(sender.sendEncodings)) sender.sendEncodings = proposed;
}

function isRidless(encodings: SendEncodings): boolean {
  return encodings.length === 1 && encodings[0]?.rid === undefined;
}

/** What is kept for a rollback when a description is set in "stable" (ibid.). */
export function rememberStableEncodings(sender: SenderSlots): void {
  sender.lastStableRidlessSendEncodings = isRidless(sender.sendEncodings) ? sender.sendEncodings : null;
}

/** A rollback (ibid.): simulcast that the offer began is gone, with all that was set in between. */
export function rollBackEncodings(sender: SenderSlots): void {
  const before = sender.lastStableRidlessSendEncodings;
  if (before && sender.sendEncodings.some(({ rid }) => rid !== undefined)) {
    sender.sendEncodings = before;
    sender.hasSourceLayers = false;
    sender.lastReturnedParameters = null;
  }
}
