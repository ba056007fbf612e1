import { unexplainedPrefix } from './expectations.mjs';

/** Reasons that hold for many subtests, told by what the failure says. The first that fits is taken. */
const reasonsByMessage = [
  [
    /AudioContext|captureStream|srcObject|<(video|audio|canvas)>|createElement\('(video|audio|canvas)'\)/,
    'needs media elements, canvas or Web Audio, which Node.js does not have',
  ],
  [
    /\bnegotiate is not defined/,
    'uses a function of RTCDataChannel-helper.js, which the checkout does not have (fails in Chromium 156 too)',
  ],
  [/values\(\.\.\.\)\.find is not a function/, 'uses iterator helpers, which come with Node.js 22'],
  [/<iframe>|\bWorker\b|contentWindow/, 'needs frames or web workers, which Node.js does not have'],
  [
    /bad value of a=max-message-size/,
    'the test writes a=max-message-size:undefined where it means to leave it out (fails in Chromium 156 too)',
  ],
  [
    /RTCErrorEvent': 2 arguments required/,
    "the test leaves out the constructor's second argument, which the Recommendation requires (fails in Chromium 156 too)",
  ],
];
/** The same, told by the subtest's name. */
const reasonsByName = [
  [/TCP .*port 8001/, 'ICE over TCP is not supported yet'],
  [
    /srtpCipher is acceptable on data-only/,
    'SRTP_AEAD_AES_128_GCM is negotiated first, as AEAD should be (RFC 8827 section 6.5); the list of the test lacks it',
  ],
  [
    /Two connected iceTransports should have matching/,
    "the test expects gatheringState 'completed', which is not one of its values ('complete' is) (fails in Chromium 156 too)",
  ],
  [
    /\(invalidOffer\) from have-local-offer does not undo rollback/,
    'the test hands two arguments to Promise.any(), which takes one iterable (fails in Chromium 156 too)',
  ],
];

/** A reason for a new failure, or one that begins with `unexplained: ` for a person to replace. */
export function explainFailure(_file, { name, message }) {
  const found =
    reasonsByMessage.find(([pattern]) => pattern.test(message)) ??
    reasonsByName.find(([pattern]) => pattern.test(name));
  return found ? found[1] : `${unexplainedPrefix}${message.split('\n')[0].slice(0, 200)}`;
}
