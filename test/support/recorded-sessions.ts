/** Sessions of other implementations, as test/sdp/fixtures/README.md tells. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RecordedStep {
  /** The side it came from; `a` made the first offer. */
  side: 'a' | 'b';
  type: 'offer' | 'answer' | 'pranswer';
  sdp: string;
}

export interface RecordedSession {
  /** 'chromium-156/recycle' */
  name: string;
  steps: RecordedStep[];
}

const FIXTURES = join(__dirname, '../sdp/fixtures');
const SESSIONS = join(FIXTURES, 'sessions');

export const recordedSessions: readonly RecordedSession[] = readdirSync(SESSIONS).flatMap((implementation) =>
  readdirSync(join(SESSIONS, implementation)).map((scenario) => {
    const folder = join(SESSIONS, implementation, scenario);
    const steps = readdirSync(folder)
      .sort()
      .map((file) => {
        const [, side, type] = /^\d+([ab])-(\w+)\.sdp$/.exec(file)!;
        return { side, type, sdp: readFileSync(join(folder, file), 'utf8') } as RecordedStep;
      });
    return { name: `${implementation}/${scenario}`, steps };
  }),
);

/** Single descriptions of type `offer`, by name. */
export const recordedOffers: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(FIXTURES)
    .filter((file) => /offer.*\.sdp$/.test(file))
    .map((file) => [file.replace('.sdp', ''), readFileSync(join(FIXTURES, file), 'utf8')]),
);
