/** What the links of bench/network.mjs do, and what is sent over them. Rates in bits a second, times in seconds. */
const steps = [
  { at: 0, rateBps: 2_000_000 },
  { at: 20, rateBps: 300_000 },
  { at: 40, rateBps: 2_000_000 },
];
const vga = { width: 640, height: 480, frameRate: 30 };
const hd = { width: 1280, height: 720, frameRate: 30 };

export const scenarios = [
  { name: 'steps', title: '2 Mbit/s, 300 kbit/s, 2 Mbit/s; 40 ms', camera: hd, link: { delayMs: 20 }, steps },
  {
    name: 'steps-jitter',
    title: 'the same with 50 ms of jitter',
    camera: hd,
    link: { delayMs: 20, jitterMs: 50 },
    steps,
  },
  {
    name: 'steps-loss',
    title: 'the same with 2 % loss',
    camera: hd,
    link: { delayMs: 20, loss: 0.02 },
    steps,
  },
  {
    name: 'steps-narrow',
    title: '1.2 Mbit/s, 200 kbit/s, 1.2 Mbit/s; 40 ms; 640x480',
    camera: vga,
    link: { delayMs: 20 },
    steps: [
      { at: 0, rateBps: 1_200_000 },
      { at: 8, rateBps: 200_000 },
      { at: 20, rateBps: 1_200_000 },
    ],
    seconds: 32,
  },
  { name: 'loss-2', title: '2 % loss, 60 ms', camera: vga, link: { delayMs: 30, loss: 0.02 }, seconds: 30 },
  { name: 'loss-5', title: '5 % loss, 60 ms', camera: vga, link: { delayMs: 30, loss: 0.05 }, seconds: 30 },
  {
    name: 'loss-5-link',
    title: '5 % loss, 60 ms, 2 Mbit/s',
    camera: hd,
    link: { delayMs: 30, loss: 0.05, rateBps: 2_000_000 },
    seconds: 30,
  },
  { name: 'loss-10', title: '10 % loss, 60 ms', camera: vga, link: { delayMs: 30, loss: 0.1 }, seconds: 30 },
  {
    name: 'jitter-200',
    title: '200 ms of jitter, 2 Mbit/s',
    camera: hd,
    link: { delayMs: 20, jitterMs: 200, rateBps: 2_000_000 },
    seconds: 30,
  },
  {
    name: 'blackout',
    title: 'a blackout of 5 s, 2 Mbit/s',
    camera: hd,
    link: { delayMs: 20, rateBps: 2_000_000 },
    steps: [
      { at: 10, blackout: true },
      { at: 15, blackout: false },
    ],
    seconds: 30,
  },
  {
    name: 'motion',
    title: 'contentHint motion: 2 Mbit/s, 150 kbit/s',
    camera: hd,
    contentHint: 'motion',
    link: { delayMs: 20 },
    steps: [
      { at: 0, rateBps: 2_000_000 },
      { at: 12, rateBps: 150_000 },
    ],
    seconds: 35,
  },
  {
    name: 'detail',
    title: 'contentHint detail: 2 Mbit/s, 150 kbit/s',
    camera: hd,
    contentHint: 'detail',
    link: { delayMs: 20 },
    steps: [
      { at: 0, rateBps: 2_000_000 },
      { at: 12, rateBps: 150_000 },
    ],
    seconds: 35,
  },
  {
    name: 'simulcast',
    title: 'three layers: 3 Mbit/s, 400 kbit/s, 3 Mbit/s',
    camera: hd,
    layers: true,
    link: { delayMs: 20 },
    steps: [
      { at: 0, rateBps: 3_000_000 },
      { at: 15, rateBps: 400_000 },
      { at: 30, rateBps: 3_000_000 },
    ],
    seconds: 45,
  },
];
