/** Charts over time as SVG: panels one below the other, with one axis of seconds. */

const width = 960;
const panelHeight = 150;
const left = 70;
const right = 16;
const gap = 34;
const top = 44;
const colours = ['#888', '#1f6fd6', '#d6541f', '#2a9d4a', '#8a4fbf'];

const escape = (text) => String(text).replace(/[<&>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const round = (value) => Math.round(value * 10) / 10;

/** A round number of steps that reaches `most`. */
function ticksUpTo(most) {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(most, 1e-9) / 4));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((each) => each * 4 >= most);
  return Array.from({ length: Math.max(1, Math.ceil(most / step)) + 1 }, (_, index) => index * step);
}

function linesOf({ points, isStep }, x, y) {
  let path = '';
  let before = null;
  for (const [seconds, value] of points) {
    if (value === null || value === undefined || Number.isNaN(value)) {
      before = null;
      continue;
    }
    if (before === null) path += `M${round(x(seconds))} ${round(y(value))}`;
    else path += isStep ? `H${round(x(seconds))}V${round(y(value))}` : `L${round(x(seconds))} ${round(y(value))}`;
    before = value;
  }
  return path;
}

/**
 * @param {{title: string, seconds: number, panels: {title: string, unit: string, limit?: number, most?: number,
 *   series: {name: string, points: [number, number | null][], isStep?: boolean}[]}[]}} chart
 *   `limit`: a line that values should stay under; `most`: the end of the axis, whatever there is
 */
export function svgOf({ title, seconds, panels }) {
  const height = top + panels.length * (panelHeight + gap);
  const x = (at) => left + (at / seconds) * (width - left - right);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${left}" y="22" font-size="15">${escape(title)}</text>`,
  ];
  panels.forEach((panel, index) => {
    const upper = top + index * (panelHeight + gap);
    const values = panel.series.flatMap(({ points }) => points.map(([, value]) => value ?? 0));
    const ticks = ticksUpTo(panel.most ?? Math.max(...values, panel.limit ?? 0, 0.1));
    const most = ticks.at(-1);
    const y = (value) => upper + panelHeight * (1 - Math.min(value, most) / most);
    for (const tick of ticks) {
      parts.push(
        `<path d="M${left} ${round(y(tick))}H${width - right}" stroke="#e4e4e4"/>`,
        `<text x="${left - 6}" y="${round(y(tick)) + 4}" text-anchor="end" fill="#555">${round(tick)}</text>`,
      );
    }
    for (let second = 0; second <= seconds; second += 5) {
      parts.push(
        `<text x="${round(x(second))}" y="${upper + panelHeight + 14}" text-anchor="middle" fill="#555">${second}</text>`,
      );
    }
    if (panel.limit !== undefined) {
      const at = round(y(panel.limit));
      parts.push(`<path d="M${left} ${at}H${width - right}" stroke="#c00" stroke-dasharray="4 4"/>`);
    }
    parts.push(`<text x="${left}" y="${upper - 6}">${escape(panel.title)}, ${escape(panel.unit)}</text>`);
    let legend = left + 210;
    panel.series.forEach((series, number) => {
      const colour = colours[number % colours.length];
      parts.push(
        `<path d="${linesOf(series, x, y)}" fill="none" stroke="${colour}" stroke-width="1.4"/>`,
        `<path d="M${legend} ${upper - 10}h16" stroke="${colour}" stroke-width="3"/>`,
        `<text x="${legend + 21}" y="${upper - 6}">${escape(series.name)}</text>`,
      );
      legend += 40 + series.name.length * 6.5;
    });
  });
  return `${parts.join('\n')}\n</svg>\n`;
}
