/** What tests have to know of an addon that sanitizers watch (scripts/test-sanitize.mjs). */

const hasAddressSanitizer = process.env['ASAN_OPTIONS'] !== undefined;

/** Whether the addon is such a one: of AddressSanitizer and UndefinedBehaviorSanitizer, or of ThreadSanitizer. */
export const isInstrumented = hasAddressSanitizer || process.env['TSAN_OPTIONS'] !== undefined;

/** The environment for programs that are not ours: the sanitizers' libraries, loaded into a browser, keep it from starting. */
export function environmentOfOthers(): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, ...others } = process.env;
  return isInstrumented ? others : process.env;
}

/**
 * Variables for a process whose memory is measured: AddressSanitizer keeps 256 MB of what was freed from being used
 * again, which looks like a leak.
 */
export function environmentForMeasuring(): NodeJS.ProcessEnv {
  if (!hasAddressSanitizer) return {};
  const options = 'quarantine_size_mb=1:thread_local_quarantine_size_kb=64';
  console.log(`AddressSanitizer keeps next to nothing of what was freed, for memory is measured (${options})`);
  return { ASAN_OPTIONS: `${process.env['ASAN_OPTIONS']}:${options}` };
}

/**
 * How many octets the resident memory of a process may grow: where sanitizers allocate, five times of what it may
 * otherwise. AddressSanitizer's lists of free blocks, one for each size and thread, fill more pages for long, though all is given back:
 * after 4,200 pairs opened and closed it had allocated 27,296,485 blocks and freed 27,276,261. ThreadSanitizer remembers who
 * wrote what.
 */
export function mostGrowth(octets: number): number {
  return isInstrumented ? 5 * octets : octets;
}

/** Why there is no running without file descriptors here; null: there is. */
export const reasonAgainstExhaustion = hasAddressSanitizer
  ? 'to look at the type of an object UndefinedBehaviorSanitizer needs two descriptors, and calls every object wrong without'
  : isInstrumented
    ? "ThreadSanitizer's library, loaded into a shell, ends it, and one stands for FFmpeg"
    : null;
