/**
 * Timers as they are when the package loads: jsdom's window has no setImmediate, and fake timers replace the global
 * ones, some of them those of node:timers, too.
 */
import * as timers from 'node:timers';

export const { setImmediate, clearImmediate, setTimeout, clearTimeout } = timers;
