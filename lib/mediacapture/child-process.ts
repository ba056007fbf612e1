/** Loaded by the first file that FFmpeg is asked about: it takes a twelfth of what require() of the package takes. */
export const childProcess = (): typeof import('node:child_process') =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() is not there in Jest
  require('node:child_process') as typeof import('node:child_process');
