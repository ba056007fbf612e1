/** Bends session descriptions as broken and hostile signalling does. */

type Random = () => number;

const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

const NUMBERS = ['0', '-1', '1', '255', '65535', '65536', '4294967295', '4294967296', '18446744073709551616', '1e9', '']
  .concat('9'.repeat(400))
  .concat('00', '0x10', ' ', '١٢');
const WORDS = ['', ' ', '\0', '\t', '*', '::', '=', ';;', '%n', 'ü✓', '__proto__', 'constructor', '-', '/', '\u2028'];

/** One change; `other` is a description to take lines from. */
const MUTATIONS: ((lines: string[], random: Random, other: string[]) => string[])[] = [
  // Lines go, come twice, change places, come from elsewhere.
  (lines, random) => lines.toSpliced(Math.floor(random() * lines.length), 1),
  (lines, random) => lines.toSpliced(Math.floor(random() * lines.length), 1 + Math.floor(random() * 12)),
  (lines, random) => {
    const line = pick(random, lines);
    return lines.toSpliced(Math.floor(random() * lines.length), 0, line);
  },
  (lines, random) => {
    const at = Math.floor(random() * lines.length);
    return lines.toSpliced(at, 0, lines[at]!);
  },
  (lines, random) => {
    const [one, two] = [Math.floor(random() * lines.length), Math.floor(random() * lines.length)];
    const swapped = [...lines];
    [swapped[one], swapped[two]] = [lines[two]!, lines[one]!];
    return swapped;
  },
  (lines, random, other) => lines.toSpliced(Math.floor(random() * lines.length), 0, pick(random, other)),
  (lines, random) => {
    const line = pick(random, lines);
    const repeated = Array<string>(1 + Math.floor(random() * 3_000)).fill(line);
    return lines.toSpliced(Math.floor(random() * lines.length), 0, ...repeated);
  },
  // A number, a word or a character in a line is another.
  (lines, random) => inLine(lines, random, (line) => line.replace(nth(random, line, /\d+/g), pick(random, NUMBERS))),
  (lines, random) =>
    inLine(lines, random, (line) =>
      line.replace(nth(random, line, /\d+/g), (digits) => String(Number(digits) + (random() < 0.5 ? 1 : -1))),
    ),
  (lines, random) =>
    inLine(lines, random, (line) => line.replace(nth(random, line, /[^\s:=;/]+/g), pick(random, WORDS))),
  (lines, random) =>
    inLine(lines, random, (line) =>
      line.replace(nth(random, line, /[^\s:=;/]+/g), 'x'.repeat(10 ** (1 + random() * 5))),
    ),
  (lines, random) =>
    inLine(lines, random, (line) => {
      const at = Math.floor(random() * line.length);
      return line.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + line.slice(at + 1);
    }),
  (lines, random) => inLine(lines, random, (line) => line.slice(0, Math.floor(random() * line.length))),
  (lines, random) => inLine(lines, random, (line) => line + pick(random, WORDS)),
  (lines, random) => inLine(lines, random, (line) => line.toUpperCase()),
  // One value is exchanged for that of another line of its name: mids, payload types, directions, credentials.
  (lines, random) => {
    const names = [
      'a=mid:',
      'a=rtpmap:',
      'a=extmap:',
      'a=ssrc:',
      'a=setup:',
      'a=ice-ufrag:',
      'a=fingerprint:',
      'a=rid:',
      'm=',
    ];
    const name = pick(random, names);
    const places = lines.flatMap((line, index) => (line.startsWith(name) ? [index] : []));
    if (places.length === 0) return lines;
    return lines.with(pick(random, places), lines[pick(random, places)]!);
  },
  (lines, random) => {
    const directions = ['a=sendrecv', 'a=sendonly', 'a=recvonly', 'a=inactive'];
    const setups = ['a=setup:actpass', 'a=setup:active', 'a=setup:passive', 'a=setup:holdconn'];
    const values = random() < 0.5 ? directions : setups;
    const places = lines.flatMap((line, index) => (values.includes(line) ? [index] : []));
    return places.length === 0 ? lines : lines.with(pick(random, places), pick(random, values));
  },
  // Whole sections go, come twice, change places.
  (lines, random) => bySection(lines, (sections) => sections.toSpliced(Math.floor(random() * sections.length), 1)),
  (lines, random) => bySection(lines, (sections) => [...sections, pick(random, sections)]),
  (lines, random) => bySection(lines, (sections) => sections.toSorted(() => random() - 0.5)),
  (lines, random) => lines.slice(0, Math.floor(random() * lines.length)),
];

function nth(random: Random, line: string, pattern: RegExp): string {
  const found = line.match(pattern) ?? [''];
  return pick(random, found);
}

function inLine(lines: string[], random: Random, change: (line: string) => string): string[] {
  const at = Math.floor(random() * lines.length);
  return lines.with(at, change(lines[at] ?? ''));
}

function bySection(lines: string[], change: (sections: string[][]) => string[][]): string[] {
  const starts = lines.flatMap((line, index) => (line.startsWith('m=') ? [index] : []));
  if (starts.length === 0) return lines;
  const sections = starts.map((start, index) => lines.slice(start, starts[index + 1]));
  return [...lines.slice(0, starts[0]), ...change(sections).flat()];
}

/** The text with one to four changes. */
export function mutateDescription(text: string, other: string, random: Random): string {
  const split = (sdp: string) => sdp.split(/\r?\n/).filter((line) => line !== '');
  let lines = split(text);
  for (let count = 1 + Math.floor(random() * random() * 4); count > 0 && lines.length > 0; count--) {
    lines = pick(random, MUTATIONS)(lines, random, split(other));
  }
  const mutated = lines.map((line) => `${line}\r\n`).join('');
  // Sometimes the end is lost.
  return random() < 0.03 ? mutated.slice(0, Math.floor(random() * mutated.length)) : mutated;
}
