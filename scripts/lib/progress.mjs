const started = Date.now();
const elapsed = () => `${((Date.now() - started) / 1000).toFixed(1)} s`.padStart(8);

/** Prints one line of progress: time since the start, then the text. */
export function say(text) {
  process.stdout.write(`[${elapsed()}] ${text}\n`);
}

/** Runs one step, with a line before it and a line when it is done. */
export async function step(title, run) {
  say(`${title} …`);
  const begun = Date.now();
  const result = await run();
  say(`${title}: done in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  return result;
}
