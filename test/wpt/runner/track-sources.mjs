/**
 * Some tests need any track at all, and take it from Web Audio or a canvas, at once and without a promise. For them
 * (`wantsTrackSources` of test-file.mjs) these stand in with as much as it takes to hand out a track of the package's.
 * @returns {Promise<{AudioContext: Function, makeCanvas: (id: string) => object}>}
 */
export async function makeTrackSources({ mediaDevices, MediaStream }) {
  const stream = await mediaDevices.getUserMedia({ audio: true, video: true });
  const streamOf = (kind) =>
    new MediaStream(stream.getTracks().flatMap((each) => (each.kind === kind ? each.clone() : [])));
  return {
    AudioContext: class AudioContext {
      createOscillator() {
        return { connect: (destination) => destination, start() {}, stop() {} };
      }
      createMediaStreamDestination() {
        return { stream: streamOf('audio') };
      }
    },
    makeCanvas: () => ({ captureStream: () => streamOf('video') }),
  };
}
