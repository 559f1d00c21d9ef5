// PDQ as in matcher/pdq.py: two box filters and 64 x 64 samples are a product with one fixed matrix a side, of which
// few numbers are not zero. Sums are kept in double precision, and rounded to single precision where the server does.

const SIDE = 64;
const COEFFICIENTS = 16;
const SHORTEST_SIDE = 5;
const PLACES = 8;
const LEAST_STRUCTURE = 4;
const LEAST_VARIED = 50;

// For each of the 64 samples of a side of `means` values, each the mean of `shrunk` pixels: which values it is made of
// (from `start` on), and their weights.
function reduction(means, shrunk = 1) {
  const length = means * shrunk;
  const window = Math.ceil(length / (2 * SIDE));
  const ahead = Math.floor((window + 2) / 2);
  const start = (at) => Math.max(at + ahead - window, 0);
  const end = (at) => Math.min(at + ahead, length);
  const bands = [];
  for (let sample = 0; sample < SIDE; sample += 1) {
    const centre = Math.floor(((sample + 0.5) * length) / SIDE);
    const [from, to] = [start(centre), end(centre)];
    const first = Math.floor(start(from) / shrunk);
    const sums = new Float64Array(Math.floor((end(to - 1) - 1) / shrunk) + 1 - first);
    for (let inner = from; inner < to; inner += 1) {
      const weight = 1 / (to - from) / (end(inner) - start(inner));
      for (let at = start(inner); at < end(inner); at += 1) sums[Math.floor(at / shrunk) - first] += weight;
    }
    bands.push({ start: first, weights: Float32Array.from(sums) });
  }
  return bands;
}

// Takes the luma of a picture piece by piece, row after row, and gives its 64 x 64 samples.
class Reducer {
  constructor(width, height, shrunk = 1) {
    this.width = width;
    this.isTooSmall = Math.min(width, height) * shrunk < SHORTEST_SIDE;
    this.rows = reduction(height, shrunk);
    this.columns = reduction(width, shrunk);
    this.sums = new Float64Array(SIDE * width);
    this.from = 0;
  }

  // Values of row `y` from column `x` on.
  add(y, x, values) {
    while (this.from < SIDE && this.rows[this.from].start + this.rows[this.from].weights.length <= y) this.from += 1;
    for (let sample = this.from; sample < SIDE && this.rows[sample].start <= y; sample += 1) {
      const weight = this.rows[sample].weights[y - this.rows[sample].start];
      if (!weight) continue;
      const first = sample * this.width + x;
      for (let at = 0; at < values.length; at += 1) this.sums[first + at] += weight * values[at];
    }
  }

  samples() {
    const samples = new Float32Array(SIDE * SIDE);
    if (this.isTooSmall) return samples;
    for (let row = 0; row < SIDE; row += 1) {
      this.columns.forEach(({ start, weights }, column) => {
        let sum = 0;
        const first = row * this.width + start;
        for (let at = 0; at < weights.length; at += 1) sum += weights[at] * Math.fround(this.sums[first + at]);
        samples[row * SIDE + column] = sum;
      });
    }
    return samples;
  }
}

// The samples of a rectangle of a picture that is in memory: { width, height, values, shrunk }.
function samplesOf(picture, { top, bottom, left, right }) {
  const reducer = new Reducer(right - left, bottom - top, picture.shrunk);
  for (let y = top; y < bottom; y += 1) {
    reducer.add(y - top, 0, picture.values.subarray(y * picture.width + left, y * picture.width + right));
  }
  return reducer.samples();
}

// 0 to 100: how much structure there is; where it is in a part of the picture only, the percentage of its places.
function usableQuality(samples) {
  const percent = samples.map((value) => value * Math.fround(100 / 255));
  const step = (at, before) => Math.abs(Math.trunc(Math.fround(percent[at] - percent[before])));
  const places = new Float64Array(PLACES * PLACES);
  let sum = 0;
  for (let row = 0; row < SIDE; row += 1) {
    for (let column = 0; column < SIDE; column += 1) {
      const at = row * SIDE + column;
      const gradient = (column ? step(at, at - 1) : 0) + (row ? step(at, at - SIDE) : 0);
      places[Math.floor(row / PLACES) * PLACES + Math.floor(column / PLACES)] += gradient;
      sum += gradient;
    }
  }
  const structured = places.filter((gradients) => gradients >= LEAST_STRUCTURE).length;
  const varied = Math.floor((100 * structured) / (PLACES * PLACES));
  const quality = Math.min(Math.floor(sum / 90), 100);
  return varied >= LEAST_VARIED ? quality : Math.min(quality, varied);
}

const DCT = [];
for (let frequency = 1; frequency <= COEFFICIENTS; frequency += 1) {
  DCT.push(Float32Array.from({ length: SIDE }, (_, position) => (
    Math.cos((Math.PI / 2 / SIDE) * frequency * (2 * position + 1)) * Math.sqrt(2 / SIDE)
  )));
}

// The 256 bits, as booleans, coefficient 0 first.
function hashBits(samples) {
  const coefficients = new Float32Array(COEFFICIENTS * COEFFICIENTS);
  for (let row = 0; row < COEFFICIENTS; row += 1) {
    const down = new Float64Array(SIDE);
    for (let y = 0; y < SIDE; y += 1) for (let x = 0; x < SIDE; x += 1) down[x] += DCT[row][y] * samples[y * SIDE + x];
    for (let column = 0; column < COEFFICIENTS; column += 1) {
      let sum = 0;
      for (let x = 0; x < SIDE; x += 1) sum += Math.fround(down[x]) * DCT[column][x];
      coefficients[row * COEFFICIENTS + column] = sum;
    }
  }
  const median = coefficients.slice().sort()[coefficients.length / 2 - 1];
  return Array.from(coefficients, (value) => value > median);
}

const distanceOf = (bits, others) => bits.reduce((sum, bit, at) => sum + (bit !== others[at]), 0);
