/** Loaded by the first file that FFmpeg is asked about: require() of the package would take a twentieth longer with it. */
export const childProcess = (): typeof import('node:child_process') =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() is not there in Jest
  require('node:child_process') as typeof import('node:child_process');
