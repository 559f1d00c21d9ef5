// What a patch looks like, as 256 bits, as in matcher/photos/gradients.py: how much it grows lighter to the right, to the left,
// down and up in 6 x 6 cells that are turned with it, of which 256 learned sums are told apart by their signs.

const PATCH_SAMPLES = 16;
const PATCH_STEP = 1.7;
const PATCH_CELLS = 6;
const CHANNELS = 4;
const DESCRIPTOR_BYTES = 32;
const INNER = PATCH_SAMPLES - 2;
const IN_CHANNEL = PATCH_CELLS ** 2;
const SHARES = CHANNELS * IN_CHANNEL;
const SUMS = 8 * DESCRIPTOR_BYTES;
const LEAST_TOTAL = 0.001;

// LEARNED is what the build has from matcher/photos/descriptor.bin: the weights of each sum, and then what each has to exceed.
const LEARNED_BYTES = Uint8Array.from(atob(LEARNED), (character) => character.charCodeAt(0));
const SUM_WEIGHTS = Float32Array.from(new Int8Array(LEARNED_BYTES.buffer, 0, SUMS * SHARES));
const LEARNED_LIMITS = new DataView(LEARNED_BYTES.buffer, SUMS * SHARES);
const SUM_LIMITS = Float32Array.from({ length: SUMS }, (_, sum) => LEARNED_LIMITS.getFloat32(4 * sum, true));

// How much each row, or column, of differences counts in each row, or column, of cells: in the two that it is between.
const CELL_WIDE = INNER / PATCH_CELLS;
const CELL_WEIGHTS = Array.from({ length: PATCH_CELLS }, (_, cell) => {
  const weights = Array.from({ length: INNER }, (__, at) => (
    Math.max(1 - Math.abs(at + 0.5 - (cell + 0.5) * CELL_WIDE) / CELL_WIDE, 0)
  ));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
});
const FIRST_CELLS = Uint8Array.from({ length: INNER }, (_, at) => (
  Math.min(Math.max(Math.floor((at + 0.5) / CELL_WIDE - 0.5), 0), PATCH_CELLS - 2)
));
const FIRST_WEIGHTS = Float32Array.from(FIRST_CELLS, (cell, at) => CELL_WEIGHTS[cell][at]);
const NEXT_WEIGHTS = Float32Array.from(FIRST_CELLS, (cell, at) => CELL_WEIGHTS[cell + 1][at]);

// Of a Gaussian with a standard deviation of 2, of 256.
const BLUR = [18, 34, 48, 56, 48, 34, 18];

// As if the picture went on mirrored at its sides.
const within = (at, length) => (at < 0 ? -at : at >= length ? 2 * length - 2 - at : at);

function blurred({ width, height, values }) {
  const [across, all] = [new Uint16Array(width * height), new Uint8Array(width * height)];
  const half = BLUR.length >> 1;
  for (let y = 0, at = 0; y < height; y += 1) {
    const start = y * width;
    for (let x = 0; x < width; x += 1, at += 1) {
      const isInside = x >= half && x + half < width;
      let sum = 0;
      for (let step = 0; step < BLUR.length; step += 1) {
        const place = x + step - half;
        sum += BLUR[step] * values[start + (isInside ? place : within(place, width))];
      }
      across[at] = sum;
    }
  }
  for (let y = 0, at = 0; y < height; y += 1) {
    const rows = BLUR.map((_, step) => within(y + step - half, height) * width);
    for (let x = 0; x < width; x += 1, at += 1) {
      let sum = 32768;
      for (let step = 0; step < BLUR.length; step += 1) sum += BLUR[step] * across[rows[step] + x];
      all[at] = sum >>> 16;
    }
  }
  return { width, height, values: all };
}

// Points of the patch around x, y of a picture that is blurred, row by row; `turn` in radians. All are in the picture, because
// corners are BORDER from its sides.
function pointsOf({ width, values }, x, y, turn) {
  const points = new Float32Array(PATCH_SAMPLES * PATCH_SAMPLES);
  const [right, down] = [PATCH_STEP * Math.cos(turn), PATCH_STEP * Math.sin(turn)];
  const half = (PATCH_SAMPLES - 1) / 2;
  for (let row = 0, point = 0; row < PATCH_SAMPLES; row += 1) {
    for (let column = 0; column < PATCH_SAMPLES; column += 1, point += 1) {
      const across = x + (column - half) * right - (row - half) * down;
      const under = y + (column - half) * down + (row - half) * right;
      const left = Math.floor(across);
      const top = Math.floor(under);
      const at = top * width + left;
      const upper = values[at] + (values[at + 1] - values[at]) * (across - left);
      const lower = values[at + width] + (values[at + width + 1] - values[at + width]) * (across - left);
      points[point] = upper + (lower - upper) * (under - top);
    }
  }
  return points;
}

// A difference into the cells of a channel that it is between.
function addDifference(cells, channel, row, column, difference) {
  const at = channel * IN_CHANNEL + FIRST_CELLS[row] * PATCH_CELLS + FIRST_CELLS[column];
  const upper = difference * FIRST_WEIGHTS[row];
  const lower = difference * NEXT_WEIGHTS[row];
  cells[at] += upper * FIRST_WEIGHTS[column];
  cells[at + 1] += upper * NEXT_WEIGHTS[column];
  cells[at + PATCH_CELLS] += lower * FIRST_WEIGHTS[column];
  cells[at + PATCH_CELLS + 1] += lower * NEXT_WEIGHTS[column];
}

// How much the points grow lighter to the right, to the left, down and up in each cell: of all that, the roots of the shares.
function sharesOf(points) {
  const shares = new Float64Array(SHARES);
  for (let row = 0; row < INNER; row += 1) {
    for (let column = 0; column < INNER; column += 1) {
      const at = (row + 1) * PATCH_SAMPLES + column + 1;
      const right = points[at + 1] - points[at - 1];
      const down = points[at + PATCH_SAMPLES] - points[at - PATCH_SAMPLES];
      addDifference(shares, right > 0 ? 0 : 1, row, column, Math.abs(right));
      addDifference(shares, down > 0 ? 2 : 3, row, column, Math.abs(down));
    }
  }
  let total = LEAST_TOTAL;
  for (let share = 0; share < SHARES; share += 1) total += shares[share];
  for (let share = 0; share < SHARES; share += 1) shares[share] = Math.sqrt(shares[share] / total);
  return shares;
}

function descriptorOf(picture, x, y, turn) {
  const bytes = new Uint8Array(DESCRIPTOR_BYTES);
  const shares = sharesOf(pointsOf(picture, x, y, turn));
  for (let bit = 0, at = 0; bit < SUMS; bit += 1) {
    let sum = 0;
    for (let share = 0; share < SHARES; share += 1, at += 1) sum += SUM_WEIGHTS[at] * shares[share];
    if (sum > SUM_LIMITS[bit]) bytes[bit >> 3] |= 1 << (bit & 7);
  }
  return bytes;
}

function bitsApart(one, other) {
  let apart = 0;
  for (let at = 0; at < DESCRIPTOR_BYTES; at += 1) apart += BITS_OF_BYTE[one[at] ^ other[at]];
  return apart;
}
const BITS_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);
