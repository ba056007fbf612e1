/** What tests have to know of an addon that AddressSanitizer and UndefinedBehaviorSanitizer watch (scripts/test-sanitize.mjs). */

/** Whether the addon is such a one. */
export const isInstrumented = process.env['ASAN_OPTIONS'] !== undefined;

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
  if (!isInstrumented) return {};
  const options = 'quarantine_size_mb=1:thread_local_quarantine_size_kb=64';
  console.log(`AddressSanitizer keeps next to nothing of what was freed, for memory is measured (${options})`);
  return { ASAN_OPTIONS: `${process.env['ASAN_OPTIONS']}:${options}` };
}

/** Why there is no running without file descriptors here; null: there is. */
export const reasonAgainstExhaustion = isInstrumented
  ? 'to look at the type of an object UndefinedBehaviorSanitizer needs two descriptors, and calls every object wrong without'
  : null;
