import { createTrack, endTrack, setTrackMuted, trackSlotsOf } from '../../lib/mediacapture/MediaStreamTrack';
import type { MediaStreamTrack } from '../../lib/mediacapture/MediaStreamTrack';
import { ProgramSource } from './program-source';

const make = (kind: 'audio' | 'video' = 'video', source = new ProgramSource(kind)) => ({
  source,
  track: createTrack({ kind, label: source.label, source }),
});

/** What happens to a track, as far as events tell. */
function recordEvents(track: MediaStreamTrack): string[] {
  const events: string[] = [];
  for (const type of ['ended', 'mute', 'unmute']) track.addEventListener(type, () => events.push(type));
  return events;
}

describe('MediaStreamTrack', () => {
  it('is live, enabled and not muted to begin with, with an id of its own', () => {
    const { track } = make();
    const other = make().track;
    expect([track.kind, track.label, track.readyState, track.enabled, track.muted, track.contentHint]).toEqual([
      'video',
      'a program',
      'live',
      true,
      false,
      '',
    ]);
    expect(track.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(track.id).not.toBe(other.id);
  });

  it('takes the id of a remote description', () => {
    const source = new ProgramSource('audio');
    const track = createTrack({ kind: 'audio', id: 'theirs', label: 'remote audio', source, muted: true });
    expect([track.id, track.label, track.muted]).toEqual(['theirs', 'remote audio', true]);
    expect(trackSlotsOf(track).source).toBe(source);
  });

  it('ends with stop() at once and without an event', () => {
    const { source, track } = make();
    const events = recordEvents(track);
    track.stop();
    expect([track.readyState, source.stops]).toEqual(['ended', 1]);
    track.stop();
    endTrack(track);
    expect([source.stops, events]).toEqual([1, []]);
  });

  it('fires ended once when its source is gone', () => {
    const { source, track } = make();
    const events = recordEvents(track);
    let stateInEvent = '';
    track.onended = () => (stateInEvent = track.readyState);
    endTrack(track);
    endTrack(track);
    expect([events, stateInEvent, source.stops]).toEqual([['ended'], 'ended', 1]);
  });

  it('keeps taking values for enabled after its end', () => {
    const { track } = make();
    track.enabled = false;
    track.stop();
    expect(track.enabled).toBe(false);
    track.enabled = true;
    expect(track.enabled).toBe(true);
  });

  it('fires mute and unmute when the muted state changes, and not otherwise', () => {
    const { track } = make();
    const events = recordEvents(track);
    setTrackMuted(track, false);
    setTrackMuted(track, true);
    setTrackMuted(track, true);
    expect([track.muted, events]).toEqual([true, ['mute']]);
    setTrackMuted(track, false);
    expect([track.muted, events]).toEqual([false, ['mute', 'unmute']]);
  });

  it('stays muted, or not, once it has ended', () => {
    const { track } = make();
    setTrackMuted(track, true);
    const clone = track.clone();
    track.stop();
    const events = recordEvents(track);
    setTrackMuted(track, false);
    expect([track.muted, events, clone.muted]).toEqual([true, [], false]);
  });

  it('passes the muted state to its live clones, for the source is muted', () => {
    const { track } = make();
    setTrackMuted(track, true);
    const [live, stopped] = [track.clone(), track.clone()];
    stopped.stop();
    const events = recordEvents(live);
    expect([live.muted, stopped.muted]).toEqual([true, true]);
    setTrackMuted(track, false);
    expect([live.muted, events, stopped.muted]).toEqual([false, ['unmute'], true]);
  });

  it('is cloned with its state, under a new id', () => {
    const { track } = make();
    track.enabled = false;
    track.contentHint = 'detail';
    const clone = track.clone();
    expect(clone).not.toBe(track);
    expect(clone.id).not.toBe(track.id);
    expect([clone.kind, clone.label, clone.enabled, clone.contentHint, clone.readyState]).toEqual([
      'video',
      'a program',
      false,
      'detail',
      'live',
    ]);
  });

  it('stops its source when the last track of it has ended', () => {
    const { source, track } = make();
    const clone = track.clone();
    track.stop();
    expect([clone.readyState, source.stops]).toEqual(['live', 0]);
    clone.stop();
    expect(source.stops).toBe(1);
  });

  it('is cloned ended when it has ended, without waking the source', () => {
    const { source, track } = make();
    track.stop();
    expect([track.clone().readyState, source.stops]).toEqual(['ended', 1]);
  });

  it.each([
    ['audio', ['', 'speech', 'speech-recognition', 'music'], ['motion', 'detail', 'text']],
    ['video', ['', 'motion', 'detail', 'text'], ['speech', 'speech-recognition', 'music']],
  ] as const)('of kind %s takes the content hints of its kind and ignores others', (kind, own, foreign) => {
    const { track } = make(kind);
    for (const hint of own) {
      track.contentHint = hint;
      expect(track.contentHint).toBe(hint);
      for (const other of [...foreign, 'Motion', 'bogus']) {
        track.contentHint = other;
        expect(track.contentHint).toBe(hint);
      }
    }
  });

  it('has only its inherent settings left when it has ended', () => {
    const { track } = make();
    expect(track.getSettings()).toEqual({ deviceId: 'program', width: 640 });
    track.stop();
    expect(track.getSettings()).toEqual({ deviceId: 'program' });
  });
});
