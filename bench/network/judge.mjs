/** What a run over an emulated link came to. */

const settleSeconds = 5;
const near = 0.2;

const quantile = (values, part) => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
};
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (value) => `${Math.round(value * 100)} %`;

/** Times during which the link keeps its rate. */
function phasesOf({ scenario: { link, steps = [] }, seconds }) {
  const changes = steps.filter(({ rateBps }) => rateBps);
  if (changes.length === 0) return link.rateBps ? [{ from: 0, to: seconds, rateBps: link.rateBps }] : [];
  return changes.map(({ at, rateBps }, index) => ({ from: at, to: changes[index + 1]?.at ?? seconds, rateBps }));
}

/** How soon the estimate is within a fifth of the link's rate, and how it is 5 s after the step. */
export function judgePhase({ from, to, rateBps }, { sent, samples }) {
  const estimates = sent.filter(({ at, estimate }) => at >= from && at < to && estimate !== null);
  const isNear = ({ estimate }) => Math.abs(estimate - rateBps) <= rateBps * near;
  const reached = estimates.find(isNear);
  const settled = estimates.filter(({ at }) => at >= from + settleSeconds);
  const queue = samples.filter(({ at }) => at >= from + settleSeconds && at < to).map(({ queueMs }) => queueMs);
  return {
    rateBps,
    seconds: reached ? reached.at - from : Infinity,
    mean: mean(settled.map(({ estimate }) => estimate / rateBps)),
    within: settled.filter(isNear).length / settled.length,
    queueMs: quantile(queue, 0.95),
  };
}

/** The longest time without a frame, from the first one on. */
export function longestGapMs(frames, from = 0) {
  const times = frames.map(([at]) => at).filter((at) => at >= from);
  return Math.max(0, ...times.map((at, index) => (index > 0 ? (at - times[index - 1]) * 1000 : 0)));
}

export function summaryOf(outcome) {
  const { frames, received, seconds } = outcome;
  const phases = phasesOf(outcome).map((phase) => judgePhase(phase, outcome));
  const video = received.find(({ kind, framesDecoded }) => kind === 'video' && framesDecoded > 0) ?? {};
  const audio = received.find(({ kind }) => kind === 'audio') ?? {};
  const each = (show) => phases.map(show).join(', ') || '-';
  return {
    'near after s': each((phase) => phase.seconds.toFixed(1)),
    'mean estimate': each((phase) => percent(phase.mean)),
    'within 20 %': each((phase) => percent(phase.within)),
    'queue p95 ms': each((phase) => Math.round(phase.queueMs)),
    'frames/s': (frames.length / seconds).toFixed(1),
    'gap p99 ms': Math.round(
      quantile(
        frames.slice(1).map(([at], index) => (at - frames[index][0]) * 1000),
        0.99,
      ),
    ),
    'longest ms': Math.round(longestGapMs(frames)),
    freezes: `${video.freezeCount ?? '-'} (${(video.totalFreezesDuration ?? 0).toFixed(1)} s)`,
    'PLI/NACK': `${video.pliCount ?? 0}/${video.nackCount ?? 0}`,
    concealed: percent((audio.concealedSamples ?? 0) / (audio.totalSamplesReceived || 1)),
  };
}
