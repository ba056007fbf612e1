import { MediaStream, addTrackTo, createMediaStream, removeTrackFrom } from '../../lib/mediacapture/MediaStream';
import { createTrack } from '../../lib/mediacapture/MediaStreamTrack';
import { MediaStreamTrackEvent } from '../../lib/mediacapture/MediaStreamTrackEvent';
import { ProgramSource } from './program-source';

function make(kind: 'audio' | 'video') {
  const source = new ProgramSource(kind);
  return createTrack({ kind, label: source.label, source });
}

/** Events of a stream's track set, as `type:kind`. */
function recordEvents(stream: MediaStream): string[] {
  const events: string[] = [];
  const record = (event: MediaStreamTrackEvent) => events.push(`${event.type}:${event.track.kind}`);
  stream.onaddtrack = record;
  stream.onremovetrack = record;
  return events;
}

describe('MediaStream', () => {
  it('can be made of nothing, of tracks and of another stream', () => {
    const tracks = [make('video'), make('audio')];
    const stream = new MediaStream(tracks);
    const copy = new MediaStream(stream);
    expect(new MediaStream().getTracks()).toEqual([]);
    expect(stream.getTracks()).toEqual(tracks);
    expect(copy.getTracks()).toEqual(tracks);
    expect(new Set([new MediaStream().id, stream.id, copy.id]).size).toBe(3);
    expect(new MediaStream(new Set(tracks)).getTracks()).toEqual(tracks);
    expect(new MediaStream([tracks[0]!, tracks[0]!]).getTracks()).toEqual([tracks[0]]);
  });

  it('takes an id, as wrtc does', () => {
    expect(new MediaStream({ id: 'mine' }).id).toBe('mine');
    expect(createMediaStream('theirs', [make('audio')]).getTracks()).toHaveLength(1);
  });

  it.each([[undefined], [null], [1], ['text'], [{}], [[{}]], [[null]]])('cannot be made of %p', (value) => {
    expect(() => new MediaStream(value as never)).toThrow(TypeError);
  });

  it('cannot be made of a track without brackets, nor of another object of the platform that has an id', () => {
    expect(() => new MediaStream(make('audio') as never)).toThrow(TypeError);
    const foreign = Object.assign(new EventTarget(), { id: 'foreign' });
    expect(() => new MediaStream(foreign as never)).toThrow(TypeError);
  });

  it('has its tracks in the order of adding, and finds them', () => {
    const [video, audio] = [make('video'), make('audio')];
    const stream = new MediaStream();
    stream.addTrack(video);
    stream.addTrack(audio);
    stream.addTrack(video);
    expect(stream.getTracks()).toEqual([video, audio]);
    expect(stream.getAudioTracks()).toEqual([audio]);
    expect(stream.getVideoTracks()).toEqual([video]);
    expect(stream.getTrackById(audio.id)).toBe(audio);
    expect(stream.getTrackById('other')).toBeNull();
    stream.removeTrack(video);
    stream.removeTrack(video);
    expect(stream.getTracks()).toEqual([audio]);
  });

  it('is active while a track of it is live', () => {
    const [video, audio] = [make('video'), make('audio')];
    const stream = new MediaStream([video, audio]);
    expect([new MediaStream().active, stream.active]).toEqual([false, true]);
    video.stop();
    expect(stream.active).toBe(true);
    audio.stop();
    expect(stream.active).toBe(false);
  });

  it('fires events only for what the user agent does', () => {
    const [video, audio] = [make('video'), make('audio')];
    const stream = new MediaStream();
    const events = recordEvents(stream);
    stream.addTrack(video);
    stream.removeTrack(video);
    expect(events).toEqual([]);
    addTrackTo(stream, video);
    addTrackTo(stream, video);
    addTrackTo(stream, audio);
    removeTrackFrom(stream, video);
    removeTrackFrom(stream, video);
    expect(events).toEqual(['addtrack:video', 'addtrack:audio', 'removetrack:video']);
    expect(stream.getTracks()).toEqual([audio]);
  });

  it('is cloned with clones of its tracks', () => {
    const stream = new MediaStream([make('video'), make('audio')]);
    const clone = stream.clone();
    expect(clone.id).not.toBe(stream.id);
    expect(clone.getTracks().map((track) => track.kind)).toEqual(['video', 'audio']);
    for (const track of clone.getTracks()) expect(stream.getTracks()).not.toContain(track);
  });
});

describe('MediaStreamTrackEvent', () => {
  it('needs a track', () => {
    const track = make('audio');
    expect(new MediaStreamTrackEvent('x', { track, bubbles: true })).toMatchObject({ type: 'x', bubbles: true, track });
    expect(() => new MediaStreamTrackEvent('x', {} as never)).toThrow(TypeError);
    expect(() => new MediaStreamTrackEvent('x', { track: {} as never })).toThrow(TypeError);
    expect(() => Reflect.construct(MediaStreamTrackEvent, ['x']) as unknown).toThrow(TypeError);
  });
});
