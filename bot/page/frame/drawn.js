// Which patches are black or white for a good part, with sharp edges, as what was written or drawn over a photo is: they say
// nothing of the photo. As in matcher/photos/orb.py.

const INK = 12;
const DARK = 30;
const LIGHT = 215;
const PAPER = 240;
const NEARLY = 2;
const MOST_DRAWN = 0.1;

const blackness = (grey) => (grey <= INK ? 1 : grey <= DARK ? -NEARLY : 0);
const whiteness = (grey) => (grey >= PAPER ? 1 : grey >= LIGHT ? -NEARLY : 0);

// Of all that is above and to the left of each place, the sum of the weights.
function summed({ width, height, values }, weightOf) {
  const weights = Int8Array.from({ length: 256 }, (_, grey) => weightOf(grey));
  const sums = new Int32Array((width + 1) * (height + 1));
  for (let y = 0, at = 0; y < height; y += 1) {
    let row = 0;
    for (let x = 0, below = (y + 1) * (width + 1) + 1; x < width; x += 1, at += 1, below += 1) {
      row += weights[values[at]];
      sums[below] = sums[below - width - 1] + row;
    }
  }
  return sums;
}

// A function that tells it of a patch around a place, in points of the picture.
function drawnIn(greys) {
  const { width, height } = greys;
  const tables = [blackness, whiteness].map((weightOf) => summed(greys, weightOf));
  const within = (at, most) => Math.trunc(Math.min(Math.max(at, 0), most));
  return (x, y, size) => {
    const [left, right] = [within(x - size / 2, width), within(x + size / 2, width)];
    const [above, below] = [y - size / 2, y + size / 2].map((at) => within(at, height) * (width + 1));
    const inside = (sums) => sums[below + right] - sums[above + right] - sums[below + left] + sums[above + left];
    const drawn = tables.reduce((sum, table) => sum + Math.max(inside(table), 0), 0);
    const area = ((right - left) * (below - above)) / (width + 1);
    return drawn >= MOST_DRAWN * area;
  };
}
