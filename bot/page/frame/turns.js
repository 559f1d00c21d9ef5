// Which way a patch lies, as in matcher/photos/gradients.py: the direction in which most edges around its corner grow lighter,
// by three harmonics of their directions.

const EDGE_HALF = 11;
const EDGE_SPREAD = 5;
const EDGE_SMOOTH = 0.5;
const DIRECTIONS = 32;
const DIRECTION = (2 * Math.PI) / DIRECTIONS;

// Where edges are looked at, from the corner on, and how much each counts.
const EDGE_SIDE = 2 * EDGE_HALF + 1;
const EDGES = Array.from({ length: EDGE_SIDE ** 2 }, (_, at) => {
  const [across, down] = [(at % EDGE_SIDE) - EDGE_HALF, Math.floor(at / EDGE_SIDE) - EDGE_HALF];
  const apart = across ** 2 + down ** 2;
  return { across, down, apart, weight: Math.exp(-apart / (2 * EDGE_SPREAD ** 2)) };
}).filter(({ apart }) => apart <= (EDGE_HALF + 0.5) ** 2);
const EDGES_ACROSS = Int32Array.from(EDGES, ({ across }) => across);
const EDGES_DOWN = Int32Array.from(EDGES, ({ down }) => down);
const EDGE_WEIGHTS = Float32Array.from(EDGES, ({ weight }) => weight);

// What the cosine and the sine of each harmonic say of each direction.
const HARMONICS = [1, 2, 3].flatMap((number) => [Math.cos, Math.sin].map((wave) => (
  Float64Array.from({ length: DIRECTIONS }, (_, direction) => (
    Math.exp(-((number * EDGE_SMOOTH) ** 2) / 2) * wave(number * direction * DIRECTION)
  ))
)));

// Clockwise, in radians from 0 on, of the patch around x, y of a picture that is blurred.
function turnOf({ width, values }, x, y) {
  let [cosine1, sine1, cosine2, sine2, cosine3, sine3] = [0, 0, 0, 0, 0, 0];
  const middle = y * width + x;
  for (let edge = 0; edge < EDGE_WEIGHTS.length; edge += 1) {
    const at = middle + EDGES_DOWN[edge] * width + EDGES_ACROSS[edge];
    const right = values[at + 1] - values[at - 1];
    const down = values[at + width] - values[at - width];
    if (right === 0 && down === 0) continue;
    const weight = EDGE_WEIGHTS[edge];
    const length = Math.sqrt(right * right + down * down);
    const twiceRight = (right * right - down * down) / length;
    const twiceDown = (2 * right * down) / length;
    cosine1 += weight * right;
    sine1 += weight * down;
    cosine2 += weight * twiceRight;
    sine2 += weight * twiceDown;
    cosine3 += (weight * (twiceRight * right - twiceDown * down)) / length;
    sine3 += (weight * (twiceRight * down + twiceDown * right)) / length;
  }
  const sums = [cosine1, sine1, cosine2, sine2, cosine3, sine3];
  const counts = new Float64Array(DIRECTIONS);
  sums.forEach((sum, wave) => {
    for (let direction = 0; direction < DIRECTIONS; direction += 1) counts[direction] += sum * HARMONICS[wave][direction];
  });
  return bestTurn(counts);
}

// Between directions the best one is where a parabola through it and those beside it is highest.
function bestTurn(counts) {
  const most = counts.indexOf(Math.max(...counts));
  const [before, best, after] = [most + DIRECTIONS - 1, most, most + 1].map((direction) => counts[direction % DIRECTIONS]);
  const bow = before - 2 * best + after;
  const turn = (most + (bow < 0 ? (before - after) / (2 * bow) : 0)) * DIRECTION;
  return turn >= 0 ? turn : turn + 2 * Math.PI;
}
