// The copy of a photo that is searched for features: bytes, no side longer than WORKING_SIDE, each the mean of the place
// that it stands for.

const WORKING_SIDE = 1280;

// Takes the luma of a picture piece by piece and averages a part of it.
class Averager {
  constructor(part) {
    const sides = [part.right - part.left, part.bottom - part.top];
    const times = Math.max(1, Math.max(...sides) / WORKING_SIDE);
    this.part = part;
    [this.width, this.height] = sides.map((side) => Math.max(1, roundHalfEven(side / times)));
    [this.across, this.down] = [sides[0] / this.width, sides[1] / this.height];
    this.sums = new Float64Array(this.width * this.height);
  }

  // Into which value one at `at` goes, and which share of it; the rest goes into the next one.
  static share(at, times) {
    const cell = Math.floor(at / times);
    return [cell, Math.min(1, (cell + 1) * times - at)];
  }

  add(y, x, values) {
    const { top, bottom, left, right } = this.part;
    if (y < top || y >= bottom) return;
    const [row, above] = Averager.share(y - top, this.down);
    for (let column = Math.max(0, left - x); column < values.length && x + column < right; column += 1) {
      const [cell, before] = Averager.share(x + column - left, this.across);
      const value = Math.floor(values[column] + 0.5);
      const at = row * this.width + cell;
      this.sums[at] += value * above * before;
      if (before < 1 && cell + 1 < this.width) this.sums[at + 1] += value * above * (1 - before);
      if (above === 1 || row + 1 >= this.height) continue;
      this.sums[at + this.width] += value * (1 - above) * before;
      if (before < 1 && cell + 1 < this.width) this.sums[at + this.width + 1] += value * (1 - above) * (1 - before);
    }
  }

  greys() {
    const { width, height, across, down } = this;
    // Halves go up, as in OpenCV's means of 2 x 2, which have most of them.
    return { width, height, values: new Uint8Array(this.sums.map((sum) => Math.floor(sum / across / down + 0.5))) };
  }
}

async function greysOf(bitmap, part) {
  const averager = new Averager(part);
  await eachRow(bitmap, bitmap.width, bitmap.height, OF_PICTURES, (y, x, values) => averager.add(y, x, values));
  return averager.greys();
}

// { width, height, greys, written } of the photo in a picture, without what is around it; width and height as in the file.
async function photoIn(bitmap) {
  const greys = await greysOf(bitmap, wholeOf(bitmap));
  const { part, written } = trimmed(greys);
  const [down, across] = [bitmap.height / greys.height, bitmap.width / greys.width];
  const found = {
    top: Math.ceil(part.top * down),
    bottom: Math.floor(part.bottom * down),
    left: Math.ceil(part.left * across),
    right: Math.floor(part.right * across),
  };
  const [width, height] = [found.right - found.left, found.bottom - found.top];
  const isWhole = width === bitmap.width && height === bitmap.height;
  return { width, height, greys: isWhole ? greys : await greysOf(bitmap, found), written };
}
