/** A rolling line chart on a canvas; colours come from the style sheet. */
const shownMs = 30_000;

export class LineChart {
  #canvas;
  #samples = [];
  #lines;
  #unit;
  #least;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {object} options lines: colours (custom properties) by the key of their values; unit: text of the axis;
   *   least: the scale never ends below this
   */
  constructor(canvas, { lines, unit, least }) {
    this.#canvas = canvas;
    this.#lines = Object.entries(lines);
    this.#unit = unit;
    this.#least = least;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  /** Adds values, by key, at a time (ms) and redraws; a value that is undefined leaves a gap. */
  add(time, values) {
    this.#samples.push({ time, values });
    while (this.#samples.length > 0 && this.#samples[0].time < time - shownMs - 1000) this.#samples.shift();
    this.draw();
  }

  draw() {
    const canvas = this.#canvas;
    const ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(name).trim();
    const shown = this.#samples.flatMap(({ values }) => this.#lines.map(([key]) => values[key] ?? 0));
    const highest = niceMaximum(Math.max(this.#least, ...shown));
    const frame = { left: 0, top: 8, width, height: height - 12 };

    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'bottom';
    for (const part of [0, 0.5, 1]) {
      const y = Math.round(frame.top + frame.height * (1 - part)) + 0.5;
      context.strokeStyle = color('--edge');
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(width, y);
      context.stroke();
      if (part > 0) {
        context.fillStyle = color('--quiet');
        context.textBaseline = 'top';
        context.fillText(`${highest * part} ${this.#unit}`, 0, y + 3);
      }
    }
    const now = this.#samples.at(-1)?.time ?? 0;
    for (const [key, name] of this.#lines) this.#drawLine(context, frame, now, highest, key, color(name));
  }

  #drawLine(context, frame, now, highest, key, color) {
    const bottom = frame.top + frame.height;
    const points = this.#samples
      .filter(({ values }) => values[key] !== undefined)
      .map(({ time, values }) => ({
        x: frame.left + frame.width * (1 - (now - time) / shownMs),
        y: frame.top + frame.height * (1 - values[key] / highest),
      }));
    if (points.length < 2) return;
    context.beginPath();
    for (const { x, y } of points) context.lineTo(x, y);
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.stroke();
    context.lineTo(points.at(-1).x, bottom);
    context.lineTo(points[0].x, bottom);
    context.globalAlpha = 0.12;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
  }
}

/** The next of 1, 2, 5, 10, 20 … that is not below the value. */
function niceMaximum(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= value);
}
