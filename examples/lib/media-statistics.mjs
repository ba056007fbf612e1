/**
 * What the statistics of one connection say of its media: rates between two samples, ready for a chart.
 * Runs unchanged in Node.js and in a browser.
 */

const kbit = (octets, milliseconds) => (octets * 8) / milliseconds;

export class MediaStatistics {
  /** Counters of each entry at the sample before, by id. */
  #before = new Map();
  #timeBefore;

  /**
   * Takes a sample.
   * @param {RTCStatsReport} report of the whole connection
   * @returns {object} receivedKbit, sentKbit (kbit/s of RTP), lossPercent (of packets that should have come), roundTripMs
   *   (undefined until measured), videos and sounds: by the id of the received track, what is known of it
   */
  sample(report) {
    const entries = [...report.values()];
    const time = performance.now();
    const milliseconds = time - (this.#timeBefore ?? time - 1000);
    const inbound = entries.filter(({ type }) => type === 'inbound-rtp');
    const outbound = entries.filter(({ type }) => type === 'outbound-rtp');
    const sum = (list, ...names) => list.reduce((total, entry) => total + this.#growth(entry, names), 0);
    const lost = Math.max(0, sum(inbound, 'packetsLost'));
    const received = sum(inbound, 'packetsReceived');
    const result = {
      receivedKbit: kbit(sum(inbound, 'bytesReceived', 'headerBytesReceived'), milliseconds),
      sentKbit: kbit(sum(outbound, 'bytesSent', 'headerBytesSent'), milliseconds),
      lossPercent: lost + received > 0 ? (lost / (lost + received)) * 100 : 0,
      roundTripMs: roundTrip(report, entries),
      videos: {},
      sounds: {},
    };
    for (const entry of inbound) {
      const codec = report.get(entry.codecId)?.mimeType?.split('/')[1];
      if (entry.kind === 'video') {
        result.videos[entry.trackIdentifier] = {
          codec,
          width: entry.frameWidth,
          height: entry.frameHeight,
          framesPerSecond: (this.#growth(entry, ['framesDecoded']) * 1000) / milliseconds,
        };
      } else {
        result.sounds[entry.trackIdentifier] = { codec, level: entry.audioLevel ?? 0 };
      }
    }
    this.#before = new Map(entries.map((entry) => [entry.id, entry]));
    this.#timeBefore = time;
    return result;
  }

  /** How much the named counters of an entry have grown together since the sample before; a new entry has not. */
  #growth(entry, names) {
    const before = this.#before.get(entry.id);
    if (!before) return 0;
    return names.reduce((total, name) => total + (entry[name] ?? 0) - (before[name] ?? 0), 0);
  }
}

/** RTCP's round trip where there is one (it includes the media's own path through both ends), else ICE's. */
function roundTrip(report, entries) {
  const measured = entries
    .filter(({ type, roundTripTime }) => type === 'remote-inbound-rtp' && roundTripTime !== undefined)
    .map(({ roundTripTime }) => roundTripTime);
  const transport = entries.find(
    ({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId,
  );
  const pair = transport && report.get(transport.selectedCandidatePairId);
  const seconds = measured.length > 0 ? Math.max(...measured) : pair?.currentRoundTripTime;
  return seconds === undefined ? undefined : seconds * 1000;
}
