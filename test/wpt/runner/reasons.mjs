import { unexplainedPrefix } from './expectations.mjs';

/** Reasons that hold for many subtests, told by what the failure says. The first that fits is taken. */
const reasonsByMessage = [
  [
    /addTransceiver|addTrack|removeTrack|getTransceivers|getSenders|getReceivers|getUserMedia|mediaDevices|MediaStream|RTCRtp|RTCTrackEvent|RTCDTMF|AudioContext|<(video|audio|canvas)>|offerToReceive|getNoiseStream|trackFactories/i,
    'needs tracks and transceivers, which come with media',
  ],
  [/<iframe>|\bWorker\b|contentWindow/, 'needs frames or web workers, which Node.js does not have'],
];

/** A reason for a new failure, or one that begins with `unexplained: ` for a person to replace. */
export function explainFailure(_file, { message }) {
  const found = reasonsByMessage.find(([pattern]) => pattern.test(message));
  return found ? found[1] : `${unexplainedPrefix}${message.split('\n')[0].slice(0, 200)}`;
}
