// From the frames of a video or an animation to those that are registered, as in matcher/files/sampling.py: one of each cell
// of time, and none that looks like the last one taken.

const FRAMES_PER_S = 6;
const MAX_FRAMES_OF_A_FILE = 600;
const MOST_READINGS = 4;
const SETTLED_MS = 50;
const FOLDED_BITS = 8;
const CHANGED = 24;
const SHARE_CHANGED = 0.03;
// The grid is compared as it is stored: black is 16, white 235.
const STORED = 219 / 255;

// How long a cell is, in milliseconds: longer in long videos.
const intervalMs = (durationMs) => Math.max(
  Math.floor(1000 / FRAMES_PER_S), Math.ceil((3 * durationMs) / (2 * MAX_FRAMES_OF_A_FILE)),
);

class Sampler {
  constructor() {
    this.frames = [];
    this.looked = 0;
  }

  get isFull() {
    return this.frames.length >= MAX_FRAMES_OF_A_FILE;
  }

  // Looks at what `source` shows at `atMs`. Throws `NotHashed` where no two readings agree.
  async add(atMs, source, width, height, weights) {
    this.looked += 1;
    const read = await readTwice(() => readFrame(source, width, height, weights));
    if (read.hash.quality < MIN_QUALITY || this.isLikeTheLast(read)) return;
    this.last = read;
    if (!read.hash.why) this.frames.push({ atMs, bits: read.hash.bits, quality: read.hash.quality });
  }

  isLikeTheLast({ hash, grid }) {
    if (!this.last || this.last.grid.length !== grid.length) return false;
    if (distanceOf(this.last.hash.bits, hash.bits) > FOLDED_BITS) return false;
    const changed = grid.filter((value, at) => Math.abs(value - this.last.grid[at]) > CHANGED).length;
    return changed <= SHARE_CHANGED * grid.length;
  }
}

// A player may still be about to show another frame; a browser that makes pixels up gives others every time.
async function readTwice(read) {
  let last = await read();
  for (let tries = 0; tries < MOST_READINGS; tries += 1) {
    const next = await read();
    if (!distanceOf(last.hash.bits, next.hash.bits)) return next;
    last = next;
    await pause(SETTLED_MS);
  }
  throw new NotHashed("disagree");
}

async function readFrame(source, width, height, weights) {
  const shrinker = new Shrinker(width, height);
  const grid = [];
  const [down, across] = [Math.ceil(height / GRID), Math.ceil(width / GRID)];
  await eachRow(source, width, height, weights, (y, x, values) => {
    shrinker.add(y, x, values);
    if (y % down) return;
    for (let column = (across - (x % across)) % across; column < values.length; column += across) {
      grid.push(values[column] * STORED);
    }
  });
  const small = shrinker.small();
  return { hash: hashOf(samplesOf(small, wholeOf(small))), grid };
}
