// From what the browser decoded to luma, in tiles: no canvas is larger than phones allow, and no copy of a large picture
// is ever whole in memory but the browser's own.

const TILE_WIDTH = 4096;
const TILE_PIXELS = 1 << 20;
const SHARED_SIDE = 640;
const GRID = 16;
const OF_PICTURES = [299, 587, 114];

// Decoded by the rule of docs/fingerprints.md: EXIF orientation applied, colour profiles ignored, nothing scaled. The first
// is what browsers do unless told otherwise, and its name, "from-image", those from before 2023 refuse: iOS 16, say.
const DECODE_RULE = { colorSpaceConversion: "none", premultiplyAlpha: "none" };

async function bitmapOf(blob) {
  try {
    return await createImageBitmap(blob, DECODE_RULE);
  } catch {
    throw new NotHashed("unreadable");
  }
}

// Lets the page draw, and messages come in.
const pause = (ms = 0) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Tiles of luma, row by row: calls `take(y, x, values)` with values 0 to 255 (32-bit floats).
async function eachRow(source, width, height, weights, take) {
  const tileWidth = Math.min(width, TILE_WIDTH);
  const tileHeight = Math.min(height, Math.max(1, Math.floor(TILE_PIXELS / tileWidth)));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [tileWidth, tileHeight];
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true, colorSpace: "srgb" });
  context.imageSmoothingEnabled = false;
  const [red, green, blue] = weights;
  const luma = new Float32Array(tileWidth);
  for (let top = 0; top < height; top += tileHeight) {
    const rows = Math.min(tileHeight, height - top);
    for (let left = 0; left < width; left += tileWidth) {
      const columns = Math.min(tileWidth, width - left);
      // Transparency is laid on white.
      context.fillStyle = "#fff";
      context.fillRect(0, 0, tileWidth, tileHeight);
      context.drawImage(source, left, top, columns, rows, 0, 0, columns, rows);
      const { data } = context.getImageData(0, 0, columns, rows);
      for (let row = 0, at = 0; row < rows; row += 1) {
        for (let column = 0; column < columns; column += 1, at += 4) {
          luma[column] = (data[at] * red + data[at + 1] * green + data[at + 2] * blue) / 1000;
        }
        take(top + row, left, luma.subarray(0, columns));
      }
    }
    if (height > tileHeight) await pause();
  }
  // Some browsers keep the memory of a canvas until long after.
  canvas.width = 0;
}

// The smaller copy in which parts are looked at: means of `shrunk` x `shrunk` values.
class Shrinker {
  constructor(width, height) {
    this.shrunk = Math.min(Math.max(1, roundHalfEven(Math.max(width, height) / SHARED_SIDE)), width, height);
    this.width = Math.floor(width / this.shrunk);
    this.height = Math.floor(height / this.shrunk);
    this.sums = new Float32Array(this.width * this.height);
  }

  add(y, x, values) {
    const row = Math.floor(y / this.shrunk);
    if (row >= this.height) return;
    const last = this.width * this.shrunk - x;
    let [at, left] = [row * this.width + Math.floor(x / this.shrunk), this.shrunk - (x % this.shrunk)];
    for (let column = 0; column < values.length && column < last; column += 1) {
      this.sums[at] += values[column];
      left -= 1;
      if (!left) [at, left] = [at + 1, this.shrunk];
    }
  }

  small() {
    const { width, height, shrunk } = this;
    return { width, height, shrunk, values: this.sums.map((sum) => sum / (shrunk * shrunk)) };
  }
}

const roundHalfEven = (value) => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

const wholeOf = ({ width, height }) => ({ top: 0, bottom: height, left: 0, right: width });
