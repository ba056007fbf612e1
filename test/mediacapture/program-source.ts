import type { TrackSource } from '../../lib/mediacapture/track-source';

/** A source that tells how often it was stopped. */
export class ProgramSource implements TrackSource {
  readonly label = 'a program';
  stops = 0;

  constructor(readonly kind: 'audio' | 'video' = 'video') {}

  capabilities(): { deviceId: string } {
    return { deviceId: 'program' };
  }

  settings(): { deviceId: string; width: number } {
    return { deviceId: 'program', width: 640 };
  }

  stop(): void {
    this.stops += 1;
  }
}
