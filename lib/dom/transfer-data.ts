/** Taken when the package loads; windows of jsdom have none. */
const clone = (globalThis as { structuredClone?: typeof structuredClone }).structuredClone;

/** The buffer's contents; the buffer itself has none afterwards, as if it had been posted. @throws DataCloneError when it has none before */
export function transferData(data: ArrayBuffer): ArrayBuffer {
  return clone ? clone(data, { transfer: [data] }) : data.slice(0);
}

/** The buffer's contents once more. @throws DataCloneError when it has none */
export function copyData(data: ArrayBuffer): ArrayBuffer {
  return clone ? clone(data) : data.slice(0);
}
