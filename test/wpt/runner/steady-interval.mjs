/**
 * Intervals that keep their beat, as those of browsers do: Node's count each time anew from when they were late, so that a
 * test that times its own pictures by them sees them come later and later.
 * @returns {{setInterval: Function, clearInterval: Function}}
 */
export function makeSteadyIntervals({ setTimeout, clearTimeout, clearInterval }) {
  const timers = new Map();
  let last = 0;
  return {
    setInterval(callback, ms = 0, ...values) {
      const period = Math.max(1, Number(ms) || 0);
      const handle = { [Symbol.toPrimitive]: () => id, unref: () => handle, ref: () => handle };
      const id = ++last;
      let due = performance.now();
      const arm = () => {
        // Beats that were missed altogether are left out.
        due += period * Math.max(1, Math.ceil((performance.now() - due) / period));
        timers.set(handle, setTimeout(run, due - performance.now()));
      };
      const run = () => {
        arm();
        callback(...values);
      };
      arm();
      return handle;
    },
    clearInterval(handle) {
      if (!timers.has(handle)) return clearInterval(handle);
      clearTimeout(timers.get(handle));
      timers.delete(handle);
    },
  };
}
