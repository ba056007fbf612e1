/** What the Node.js peer does to pictures (I420) and sound (samples from -1 to 1), in plain JavaScript and in place. */

/** Of limited range, as video has it: 16 is black, 235 white. */
const brightest = 235;
const darkest = 16;
const ringHz = 55;

/** Calls `change(octets, begin, end)` for each row of a plane. */
function eachRow(octets, { offset, stride }, width, height, change) {
  for (let row = 0; row < height; ++row) change(octets, offset + row * stride, offset + row * stride + width);
}

const chromaWidth = ({ width }) => Math.ceil(width / 2);
const chromaHeight = ({ height }) => Math.ceil(height / 2);

function invert(picture) {
  const { octets, width, height, planes } = picture;
  const flip = (sum) => (all, begin, end) => {
    for (let at = begin; at < end; ++at) all[at] = sum - all[at];
  };
  eachRow(octets, planes[0], width, height, flip(brightest + darkest));
  for (const plane of planes.slice(1)) {
    eachRow(octets, plane, chromaWidth(picture), chromaHeight(picture), flip(255));
  }
}

function mirror(picture) {
  const { octets, width, height, planes } = picture;
  const reverse = (all, begin, end) => all.subarray(begin, end).reverse();
  eachRow(octets, planes[0], width, height, reverse);
  for (const plane of planes.slice(1)) {
    eachRow(octets, plane, chromaWidth(picture), chromaHeight(picture), reverse);
  }
}

/** Sobel's operator: bright where brightness changes. */
function edges(picture) {
  const { octets, width, height, planes } = picture;
  const { offset, stride } = planes[0];
  const source = octets.slice(offset, offset + stride * height);
  octets.fill(darkest, offset, offset + stride * height);
  for (let row = 1; row < height - 1; ++row) {
    for (let at = row * stride + 1, end = row * stride + width - 1; at < end; ++at) {
      const above = at - stride;
      const below = at + stride;
      const across =
        source[above + 1] +
        2 * source[at + 1] +
        source[below + 1] -
        source[above - 1] -
        2 * source[at - 1] -
        source[below - 1];
      const down =
        source[below - 1] +
        2 * source[below] +
        source[below + 1] -
        source[above - 1] -
        2 * source[above] -
        source[above + 1];
      octets[offset + at] = Math.min(brightest, darkest + Math.abs(across) + Math.abs(down));
    }
  }
  for (const plane of planes.slice(1)) {
    eachRow(octets, plane, chromaWidth(picture), chromaHeight(picture), (all, begin, end) => all.fill(128, begin, end));
  }
}

export const pictureEffects = { invert, edges, mirror, none: () => {} };

/** Ring modulation makes a robot of every voice: each frequency f becomes f - 55 Hz and f + 55 Hz. */
function robot(samples, sampleRate, begin) {
  for (let at = 0; at < samples.length; ++at) {
    samples[at] *= Math.sin((2 * Math.PI * ringHz * (begin + at)) / sampleRate) * 1.4;
  }
}

export const soundEffects = { robot, none: () => {} };
