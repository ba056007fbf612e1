/** Text in a picture, octet by octet: a font of 3 x 5 points, drawn into the brightness of an I420 picture. */

/** Five rows of three points, each row an octal digit. */
const glyphs = {
  ...{ A: '25755', B: '65656', C: '34443', D: '65556', E: '74647', F: '74644', G: '34553', H: '55755', I: '72227' },
  ...{ J: '11152', K: '55655', L: '44447', M: '57755', N: '65555', O: '25552', P: '65644', Q: '25563', R: '65655' },
  ...{ S: '34216', T: '72222', U: '55557', V: '55552', W: '55775', X: '55255', Y: '55222', Z: '71247' },
  ...{ 0: '75557', 1: '26227', 2: '71747', 3: '71317', 4: '55711', 5: '74717', 6: '74757', 7: '71122' },
  ...{ 8: '75757', 9: '75717', '.': '00002', ':': '02020', '-': '00700', '/': '11244' },
};
const black = 16;
const white = 235;
const grey = 128;

/** Height of the caption in a picture of this height. */
export const captionHeight = (height) => 7 * pointSize(height);
const pointSize = (height) => Math.max(1, Math.floor(height / 100));

/**
 * Writes a line of text on a black band along the bottom of a picture.
 * @param {{octets: Uint8Array, width: number, height: number, planes: {offset: number, stride: number}[]}} picture I420
 * @param {string} text letters, digits, and . : - /
 */
export function drawCaption({ octets, width, height, planes }, text) {
  const point = pointSize(height);
  const band = captionHeight(height);
  const top = height - band;
  fillRows(octets, planes[0], width, top, height, black);
  for (const plane of planes.slice(1)) {
    fillRows(octets, plane, Math.ceil(width / 2), Math.floor(top / 2), Math.ceil(height / 2), grey);
  }
  const { offset, stride } = planes[0];
  let left = 2 * point;
  for (const letter of text.toUpperCase()) {
    const rows = glyphs[letter];
    if (left + 3 * point > width) return;
    for (let row = 0; rows && row < 5; ++row) {
      for (let column = 0; column < 3; ++column) {
        if (((Number(rows[row]) >> (2 - column)) & 1) === 0) continue;
        for (let line = 0; line < point; ++line) {
          const at = offset + (top + (1 + row) * point + line) * stride + left + column * point;
          octets.fill(white, at, at + point);
        }
      }
    }
    left += 4 * point;
  }
}

function fillRows(octets, { offset, stride }, width, from, to, value) {
  for (let row = from; row < to; ++row) octets.fill(value, offset + row * stride, offset + row * stride + width);
}
