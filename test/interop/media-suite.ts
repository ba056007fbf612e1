/** Negotiation of audio, video and data with a browser, in both roles, told from the states and descriptions of both ends. */
import { OurParty, PageParty, type Configuration, type Party } from './media-party';
import * as steps from './media-steps';
import type { Description, SectionView, TransceiverNote, View } from './media-steps';
import type { RemoteAgent } from './remote-agent';

export interface MediaTraits {
  name: string;
  /** null: another connection of ours. */
  start: (() => Promise<RemoteAgent>) | null;
  /** It ends the transport of a BUNDLE group with the section that carries it. */
  losesTag?: string;
  /** In place of our own side, to see whether the suite asks for what browsers do. */
  startOurs?: () => Promise<RemoteAgent>;
}

const reversed: Record<string, string> = {
  sendrecv: 'sendrecv',
  inactive: 'inactive',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  stopped: 'stopped',
};

class MediaSession {
  /** What went wrong while messages were passed. */
  readonly errors: unknown[] = [];
  /** Messages that wait for the description they belong to. */
  readonly #held = new Map<Party, (() => void)[]>();

  constructor(
    readonly us: Party,
    readonly them: Party,
  ) {
    for (const party of this.both) {
      party.onSend = (message) => {
        const pass = () => {
          this.other(party)
            .do(steps.receive, message)
            .catch((error) => this.errors.push(error));
        };
        const held = this.#held.get(party);
        if (held) held.push(pass);
        else pass();
      };
    }
  }

  #hold(party: Party): void {
    if (!this.#held.has(party)) this.#held.set(party, []);
  }

  #release(party: Party): void {
    for (const pass of this.#held.get(party) ?? []) pass();
    this.#held.delete(party);
  }

  get both(): Party[] {
    return [this.us, this.them];
  }

  other(party: Party): Party {
    return party === this.us ? this.them : this.us;
  }

  /** Offer and answer once. */
  async exchange(
    from: Party,
    options: { iceRestart?: boolean; beforeAnswer?: () => unknown; munge?: (answer: string) => string } = {},
  ): Promise<{ offer: Description; answer: Description }> {
    const to = this.other(from);
    this.#hold(from);
    this.#hold(to);
    const offer = await from.do(steps.makeDescription, options.iceRestart ?? false);
    await to.do(steps.accept, offer);
    this.#release(from);
    await options.beforeAnswer?.();
    const answer = await to.do(steps.makeDescription);
    await from.do(steps.accept, { type: answer.type, sdp: options.munge?.(answer.sdp) ?? answer.sdp });
    this.#release(to);
    return { offer, answer };
  }

  views(): Promise<[View, View]> {
    return Promise.all([this.us.do(steps.view), this.them.do(steps.view)]);
  }

  /** Both are stable, connected and see the same session from two sides; returns our transceivers by mid. */
  async expectMirrored({ isConnected = true } = {}): Promise<Record<string, TransceiverNote>> {
    if (isConnected) for (const party of this.both) await party.do(steps.connected);
    const [us, them] = await this.views();
    for (const side of [us, them]) {
      expect(side).toMatchObject({ signaling: 'stable', pending: false });
      if (isConnected) expect(side.connection).toBe('connected');
    }
    const shape = (sections: SectionView[]) =>
      sections.map(({ kind, mid, isRejected, direction, ufrag }) =>
        isRejected ? { kind, isRejected } : { kind, mid, isRejected, direction, ufrag },
      );
    expect(shape(us.local)).toEqual(shape(them.remote));
    expect(shape(us.remote)).toEqual(shape(them.local));
    expect(us.local.map(({ kind, isRejected }) => [kind, isRejected])).toEqual(
      us.remote.map(({ kind, isRejected }) => [kind, isRejected]),
    );
    // Stopped transceivers leave the set at other times in other browsers.
    const live = (side: View) =>
      Object.fromEntries(
        side.transceivers.filter((one) => one.mid !== null && one.direction !== 'stopped').map((one) => [one.mid, one]),
      );
    const [ours, theirs] = [live(us), live(them)];
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
    for (const [mid, one] of Object.entries(ours)) {
      const section = us[us.answerer].find((candidate) => candidate.mid === mid)!;
      const direction = us.answerer === 'local' ? one.currentDirection : reversed[one.currentDirection!];
      expect(section).toMatchObject({ kind: one.kind, isRejected: false, direction });
      expect(one).toMatchObject({
        kind: theirs[mid]!.kind,
        currentDirection: reversed[theirs[mid]!.currentDirection!],
        ...(isConnected && { transport: 'connected' }),
      });
    }
    return ours as Record<string, TransceiverNote>;
  }

  directions = async (): Promise<(string | null)[]> =>
    Object.values(await this.expectMirrored()).map(({ currentDirection }) => currentDirection);
}

export function mediaSuite(traits: MediaTraits): void {
  let theirAgent: RemoteAgent | undefined;
  let ourAgent: RemoteAgent | undefined;
  let session: MediaSession | undefined;
  jest.setTimeout(30_000);
  beforeAll(async () => {
    [theirAgent, ourAgent] = await Promise.all([traits.start?.(), traits.startOurs?.()]);
  });
  afterEach(async () => {
    await Promise.all(session?.both.map((party) => party.close()) ?? []);
    const errors = session?.errors ?? [];
    session = undefined;
    expect(errors).toEqual([]);
  });
  afterAll(() => Promise.all([theirAgent?.stop(), ourAgent?.stop()]));

  async function meet(ours: Configuration = {}, theirs: Configuration = {}): Promise<MediaSession> {
    const us = ourAgent ? await PageParty.open('ours', ourAgent, ours) : new OurParty(ours);
    const them = theirAgent ? await PageParty.open(traits.name, theirAgent, theirs) : new OurParty(theirs);
    session = new MediaSession(us, them);
    for (const party of session.both) await party.do(steps.watch);
    return session;
  }

  describe.each(['us', 'them'] as const)('when %s offer', (side) => {
    const roles = (of: MediaSession) => ({ offerer: of[side], answerer: of.other(of[side]) });

    it('connects audio, video and data, and tells of the tracks of both', async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      const streams = new Map<Party, string[]>();
      for (const party of here.both) {
        streams.set(party, [await party.do(steps.addTrack, 'audio'), await party.do(steps.addTrack, 'video')]);
      }
      const echoed = offerer.do(steps.echo, 'hello');
      await here.exchange(offerer);
      const transceivers = await here.expectMirrored();
      expect(Object.values(transceivers).map(({ kind, currentDirection }) => [kind, currentDirection])).toEqual([
        ['audio', 'sendrecv'],
        ['video', 'sendrecv'],
      ]);
      expect(await echoed).toBe('hello');
      for (const party of here.both) {
        const [audio, video] = streams.get(here.other(party))!;
        const [audioMid, videoMid] = Object.keys(transceivers);
        expect((await party.do(steps.view)).tracks).toEqual([
          { mid: audioMid, kind: 'audio', streams: [audio] },
          { mid: videoMid, kind: 'video', streams: [video] },
        ]);
      }
      expect(await answerer.do(steps.echo, 'back')).toBe('back');
    });

    it('receives only, where the answerer sends', async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      for (const kind of ['audio', 'video'] as const) {
        await offerer.do(steps.addTransceiver, kind, 'recvonly');
        await answerer.do(steps.addTrack, kind);
      }
      await here.exchange(offerer);
      const own = side === 'us' ? 'recvonly' : 'sendonly';
      expect(await here.directions()).toEqual([own, own]);
      expect((await offerer.do(steps.view)).tracks.map(({ kind }) => kind)).toEqual(['audio', 'video']);
      expect((await answerer.do(steps.view)).tracks).toEqual([]);
    });

    it('offers every direction', async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      for (const direction of ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const) {
        await offerer.do(steps.addTransceiver, 'audio', direction);
      }
      await here.exchange(offerer);
      // The answerer made its transceivers for these sections, and sends nothing.
      const expected = ['sendonly', 'sendonly', 'inactive', 'inactive'];
      expect(await here.directions()).toEqual(side === 'us' ? expected : expected.map((one) => reversed[one]));
      expect((await answerer.do(steps.view)).tracks).toHaveLength(2);
    });

    it('renegotiates from both sides', async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      const echoed = offerer.do(steps.echo, 'data first');
      await here.exchange(offerer);
      await here.expectMirrored();
      expect(await echoed).toBe('data first');
      await offerer.do(steps.addTrack, 'audio');
      await here.exchange(offerer);
      expect(Object.keys(await here.expectMirrored())).toHaveLength(1);
      await answerer.do(steps.addTrack, 'video');
      await here.exchange(answerer);
      await answerer.do(steps.addTrack, 'audio');
      await here.exchange(answerer);
      const own = side === 'us' ? 'sendonly' : 'recvonly';
      expect(await here.directions()).toEqual(['sendrecv', reversed[own]]);
      expect((await here.views()).map(({ local }) => local.map(({ kind }) => kind))).toEqual([
        ['application', 'audio', 'video'],
        ['application', 'audio', 'video'],
      ]);
      expect(await answerer.do(steps.echo, 'still')).toBe('still');
    });

    it('removes a track, and adds another', async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      await offerer.do(steps.addTrack, 'video');
      await here.exchange(offerer);
      await offerer.do(steps.removeTrack, 0);
      await here.exchange(offerer);
      expect(await here.directions()).toEqual(['inactive']);
      const stream = await offerer.do(steps.addTrack, 'video');
      await here.exchange(offerer);
      // A sender that has sent is not taken again.
      expect(await here.directions()).toEqual(['inactive', side === 'us' ? 'sendonly' : 'recvonly']);
      const { tracks } = await answerer.do(steps.view);
      expect(tracks).toHaveLength(2);
      expect(tracks[1]!.streams).toEqual([stream]);
    });

    it('holds and resumes', async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      for (const party of here.both) {
        await party.do(steps.addTrack, 'audio');
        await party.do(steps.addTrack, 'video');
      }
      await here.exchange(offerer);
      for (const [party, direction, seen] of [
        [offerer, 'sendonly', 'sendonly'],
        [answerer, 'inactive', 'inactive'],
        [answerer, 'sendrecv', 'recvonly'],
        [offerer, 'sendrecv', 'sendrecv'],
      ] as const) {
        await party.do(steps.setDirection, direction);
        await here.exchange(party);
        const own = party === answerer && direction === 'sendrecv' ? 'sendonly' : seen;
        expect([direction, ...(await here.directions())]).toEqual([
          direction,
          ...Array<string>(2).fill(side === 'us' ? own : reversed[own]!),
        ]);
      }
    });

    it('stops a transceiver, and recycles its section', async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      await offerer.do(steps.addTrack, 'audio');
      await offerer.do(steps.addTrack, 'video');
      const echoed = offerer.do(steps.echo, 'before');
      await here.exchange(offerer);
      expect(await echoed).toBe('before');
      await offerer.do(steps.stop, 1);
      await here.exchange(offerer);
      expect(Object.values(await here.expectMirrored()).map(({ kind }) => kind)).toEqual(['audio']);
      expect((await offerer.do(steps.view)).local.map(({ isRejected }) => isRejected)).toEqual([false, true, false]);
      await answerer.do(steps.addTrack, 'video');
      await here.exchange(answerer);
      expect(Object.values(await here.expectMirrored()).map(({ kind }) => kind)).toEqual(['audio', 'video']);
      const { local } = await answerer.do(steps.view);
      expect(local.map(({ kind, isRejected }) => [kind, isRejected])).toEqual([
        ['audio', false],
        ['video', false],
        ['application', false],
      ]);
      expect(new Set(local.map(({ mid }) => mid)).size).toBe(3);
      expect(await answerer.do(steps.echo, 'after')).toBe('after');
    });

    const lastsWithoutTag = 'stops the transceiver whose section carries the transport';
    if (traits.losesTag !== undefined) {
      console.log(`${traits.name}: "${lastsWithoutTag}" is skipped: ${traits.losesTag}`);
    }
    (traits.losesTag === undefined ? it : it.skip)(lastsWithoutTag, async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      await offerer.do(steps.addTrack, 'audio');
      await offerer.do(steps.addTrack, 'video');
      const echoed = offerer.do(steps.echo, 'before');
      await here.exchange(offerer);
      expect(await echoed).toBe('before');
      await offerer.do(steps.stop, 0);
      await here.exchange(offerer);
      expect(Object.values(await here.expectMirrored()).map(({ kind }) => kind)).toEqual(['video']);
      expect(await answerer.do(steps.echo, 'without')).toBe('without');
      await offerer.do(steps.addTransceiver, 'video');
      await here.exchange(offerer);
      await here.expectMirrored();
      const [us] = await here.views();
      const live = us.local.filter(({ isRejected }) => !isRejected);
      expect(live.map(({ kind }) => kind).sort()).toEqual(['application', 'video', 'video']);
      expect(await answerer.do(steps.echo, 'after')).toBe('after');
    });

    it('goes on when the answerer stops what was offered', async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      await offerer.do(steps.addTransceiver, 'audio');
      await offerer.do(steps.addTransceiver, 'video');
      await here.exchange(offerer, { beforeAnswer: () => answerer.do(steps.stop, 1) });
      // An answer cannot end what the next offer of the one who stops will end.
      const inAnswer = (await offerer.do(steps.view)).remote;
      expect(inAnswer.map(({ isRejected, direction }) => [isRejected, direction])).toEqual([
        [false, 'recvonly'],
        [false, 'inactive'],
      ]);
      await here.exchange(answerer);
      expect(Object.values(await here.expectMirrored()).map(({ kind }) => kind)).toEqual(['audio']);
      await answerer.do(steps.addTransceiver, 'video');
      await here.exchange(answerer);
      expect(Object.values(await here.expectMirrored())).toHaveLength(2);
      expect((await answerer.do(steps.view)).local.map(({ kind, isRejected }) => [kind, isRejected])).toEqual([
        ['audio', false],
        ['video', false],
      ]);
    });

    it('rolls back its offer, and takes that of the other', async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      for (const party of here.both) await party.do(steps.addTrack, 'audio');
      await here.exchange(offerer);
      await here.expectMirrored();
      await offerer.do(steps.addTrack, 'video');
      await offerer.do(steps.makeDescription);
      await offerer.do(steps.rollBack);
      await here.expectMirrored();
      await answerer.do(steps.addTrack, 'video');
      await offerer.do(steps.makeDescription);
      await here.exchange(answerer); // rolls the other one back by itself
      expect(await here.directions()).toEqual(['sendrecv', 'sendrecv']);
      // Candidates for the sections of offers that nobody saw.
      here.errors.length = 0;
    });

    it.each(['offerer', 'answerer'] as const)('takes the codecs that the %s prefers', async (who) => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      await offerer.do(steps.addTransceiver, 'audio');
      await offerer.do(steps.addTransceiver, 'video');
      const prefer = async (party: Party) => {
        await party.do(steps.prefer, 0, 'audio', ['audio/PCMU', 'audio/opus']);
        await party.do(steps.prefer, 1, 'video', ['video/VP9', 'video/rtx', 'video/VP8']);
      };
      if (who === 'offerer') await prefer(offerer);
      await here.exchange(offerer, { beforeAnswer: () => who === 'answerer' && prefer(answerer) });
      await here.expectMirrored();
      const { local, remote } = await offerer.do(steps.view);
      if (who === 'offerer') expect(local.map(({ codec }) => codec)).toEqual(['pcmu', 'vp9']);
      expect(remote.map(({ codec }) => codec)).toEqual(['pcmu', 'vp9']);
    });

    it('restarts ICE from both sides', async () => {
      const here = await meet();
      const { offerer, answerer } = roles(here);
      await offerer.do(steps.addTrack, 'audio');
      await offerer.do(steps.addTrack, 'video');
      const echoed = offerer.do(steps.echo, 'before');
      await here.exchange(offerer);
      await here.expectMirrored();
      expect(await echoed).toBe('before');
      const seen = new Set<string>();
      const note = async () => {
        const [us] = await here.views();
        for (const [{ ufrag }] of [us.local, us.remote] as [SectionView][]) seen.add(ufrag!);
      };
      await note();
      for (const [round, party] of [offerer, answerer].entries()) {
        await here.exchange(party, { iceRestart: true });
        await note();
        expect(seen.size).toBe(2 * (round + 2));
        expect(await here.directions()).toHaveLength(2);
      }
      expect(await answerer.do(steps.echo, 'restarted')).toBe('restarted');
    });

    for (const bundlePolicy of ['max-bundle', 'max-compat', 'balanced'] as const) {
      it(`bundles by ${bundlePolicy}`, async () => {
        const here = await meet({ bundlePolicy }, { bundlePolicy });
        const { offerer } = roles(here);
        await offerer.do(steps.addTransceiver, 'audio');
        await offerer.do(steps.addTransceiver, 'video');
        await offerer.do(steps.addTransceiver, 'video');
        const echoed = offerer.do(steps.echo, bundlePolicy);
        const { offer, answer } = await here.exchange(offerer);
        await here.expectMirrored();
        expect(await echoed).toBe(bundlePolicy);
        const bundleOnly = offer.sdp
          .split('\r\nm=')
          .slice(1)
          .map((section) => section.includes('a=bundle-only'));
        // Browsers have ports in their offers for those who do not bundle, against RFC 9429 section 5.2.1.
        if (bundlePolicy === 'max-bundle' && offerer instanceof OurParty)
          expect(bundleOnly).toEqual([false, true, true, true]);
        if (bundlePolicy === 'max-compat') expect(bundleOnly).toEqual([false, false, false, false]);
        expect(/a=group:BUNDLE (.*)/.exec(answer.sdp)![1]!.split(' ')).toHaveLength(4);
      });
    }
  });

  it('answers a simulcast offer of theirs', async () => {
    const here = await meet();
    await here.them.do(steps.addTransceiver, 'audio');
    await here.them.do(steps.addSimulcast, ['q', 'h', 'f']);
    const { offer, answer } = await here.exchange(here.them);
    expect(offer.sdp).toContain('a=simulcast:send q;h;f');
    await here.expectMirrored();
    const taken = /a=simulcast:recv (\S+)/.exec(answer.sdp)?.[1]!.split(';') ?? [];
    const encodings = await here.them.do(steps.encodings, 1);
    // One who takes no simulcast gets the first layer alone (RFC 8853 section 5.3).
    expect(encodings.map(({ rid }) => rid)).toEqual(taken.length > 0 ? taken : [encodings[0]!.rid]);
  });

  it('offers simulcast, and keeps what the answer takes', async () => {
    for (const taken of [[], ['q', 'h', 'f'], ['q', 'f']]) {
      const here = await meet();
      await here.us.do(steps.addSimulcast, ['q', 'h', 'f']);
      expect(await here.us.do(steps.encodings)).toHaveLength(3);
      const { offer } = await here.exchange(here.us, {
        // Browsers take no simulcast; media servers answer so.
        munge: (sdp) =>
          taken.length === 0
            ? sdp
            : `${sdp}${taken.map((rid) => `a=rid:${rid} recv\r\n`).join('')}a=simulcast:recv ${taken.join(';')}\r\n`,
      });
      expect(offer.sdp).toContain('a=simulcast:send q;h;f');
      for (const party of here.both) await party.do(steps.connected);
      const encodings = await here.us.do(steps.encodings);
      expect(encodings.map(({ rid }) => rid)).toEqual(taken.length > 0 ? taken : ['q']);
      await Promise.all(here.both.map((party) => party.close()));
    }
  });

  it.each(['us', 'them'] as const)('negotiates perfectly through glare, with %s polite', async (polite) => {
    const here = await meet();
    for (const party of here.both) await party.do(steps.negotiatePerfectly, party === here[polite]);
    const settled = async (sections: number) => {
      for (let round = 0; ; round++) {
        const views = await here.views();
        const agree = views.every(
          ({ signaling, local, remote }) =>
            signaling === 'stable' && local.length === sections && remote.length === sections,
        );
        expect(here.errors).toEqual([]);
        if (agree) return;
        if (round === 200) throw new Error(`they do not settle: ${JSON.stringify(views, null, 1)}`);
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    await Promise.all(
      here.both.flatMap((party) => [
        party.do(steps.addTrack, 'audio'),
        party.do(steps.addTransceiver, 'video', 'sendonly'),
      ]),
    );
    // One audio for both, since addTrack() made what an offer of the other may take; a video of each.
    await settled(3);
    await here.expectMirrored();
    for (let round = 0; round < 3; round++) {
      await Promise.all(here.both.map((party) => party.do(steps.addTransceiver, 'audio', 'sendonly')));
      await settled(5 + 2 * round);
      await here.expectMirrored();
    }
    expect((await here.us.do(steps.collisions)) + (await here.them.do(steps.collisions))).toBeGreaterThan(0);
    for (const party of here.both) expect(await party.do(steps.echo, `of ${party.name}`)).toBe(`of ${party.name}`);
  });
}
