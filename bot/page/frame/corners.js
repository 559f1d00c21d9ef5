// Corners of a picture in several sizes, as OpenCV's ORB finds them for matcher/photos/orb.py: FAST corners (Rosten, Drummond,
// 2006) of nine of sixteen points around. Pictures are { width, height, values }, of bytes.

const LEVELS = 12;
const LEVEL_SCALE = Math.fround(1.2);
const CELLS = 12;
const MOST_IN_CELL = 64;
const LEAST_CONTRAST = 5;
const BORDER = 19;
const PATCH = 31;
const ARC = 9;
const CIRCLE = [
  [0, 3], [1, 3], [2, 2], [3, 1], [3, 0], [3, -1], [2, -2], [1, -3],
  [0, -3], [-1, -3], [-2, -2], [-3, -1], [-3, 0], [-3, 1], [-2, 2], [-1, 3],
];

const scaleOf = (level) => Math.fround(LEVEL_SCALE ** level);

// The picture, then 1.2 times smaller each time.
function levelsOf(picture) {
  const levels = [picture];
  for (let level = 1; level < LEVELS; level += 1) {
    const share = 1 / scaleOf(level);
    const [width, height] = [picture.width, picture.height].map((side) => roundHalfEven(side * share));
    if (Math.min(width, height) <= 2 * BORDER) break;
    levels.push(resized(levels[level - 1], width, height));
  }
  return levels;
}

// From where each of `length` values is taken, and with which weight of 256 the next one is.
function steps(length, from) {
  return Array.from({ length }, (_, at) => {
    const place = ((at + 0.5) * from) / length - 0.5;
    const first = Math.floor(place);
    if (first < 0) return { first: 0, next: 0, weight: 0 };
    if (first >= from - 1) return { first: from - 1, next: from - 1, weight: 0 };
    return { first, next: first + 1, weight: roundHalfEven((place - first) * 256) };
  });
}

function resized({ width, height, values }, newWidth, newHeight) {
  const smaller = new Uint8Array(newWidth * newHeight);
  const [columns, rows] = [steps(newWidth, width), steps(newHeight, height)];
  let at = 0;
  for (const { first, next, weight: down } of rows) {
    const [above, below] = [first * width, next * width];
    for (const { first: left, next: right, weight } of columns) {
      const upper = values[above + left] * (256 - weight) + values[above + right] * weight;
      const lower = values[below + left] * (256 - weight) + values[below + right] * weight;
      smaller[at] = (upper * (256 - down) + lower * down + 32768) >>> 16;
      at += 1;
    }
  }
  return { width: newWidth, height: newHeight, values: smaller };
}

// How much nine in a row around a point are all lighter, or all darker than it, at least: 0 where they are not.
function strengthsOf({ width, height, values }) {
  const strengths = new Uint8Array(width * height);
  const around = CIRCLE.map(([x, y]) => y * width + x);
  const differences = new Int16Array(CIRCLE.length + ARC - 1);
  const isFar = (difference) => difference > LEAST_CONTRAST || difference < -LEAST_CONTRAST;
  for (let y = BORDER - 1; y <= height - BORDER; y += 1) {
    for (let x = BORDER - 1, at = y * width + x; x <= width - BORDER; x += 1, at += 1) {
      const value = values[at];
      // Nine of sixteen hold one of each two that are opposite.
      if (!isFar(values[at + around[0]] - value) && !isFar(values[at + around[8]] - value)) continue;
      if (!isFar(values[at + around[4]] - value) && !isFar(values[at + around[12]] - value)) continue;
      for (let place = 0; place < differences.length; place += 1) {
        differences[place] = values[at + around[place & 15]] - value;
      }
      let best = 0;
      for (let start = 0; start < CIRCLE.length; start += 1) {
        let [least, most] = [255, -255];
        for (let place = start; place < start + ARC; place += 1) {
          const difference = differences[place];
          if (difference < least) least = difference;
          if (difference > most) most = difference;
        }
        best = Math.max(best, least, -most);
      }
      if (best > LEAST_CONTRAST) strengths[at] = best;
    }
  }
  return strengths;
}

// Those that are stronger than all around them, the `most` strongest of each cell and what is as strong as the last of them.
function strongest({ width, height }, strengths, cellOf, most) {
  const cells = new Map();
  const beside = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
  for (let y = BORDER; y < height - BORDER; y += 1) {
    for (let x = BORDER, at = y * width + x; x < width - BORDER; x += 1, at += 1) {
      const strength = strengths[at];
      if (!strength || beside.some((step) => strengths[at + step] >= strength)) continue;
      const cell = cellOf(y) * CELLS + cellOf(x);
      if (!cells.has(cell)) cells.set(cell, []);
      cells.get(cell).push({ x, y, cell, strength });
    }
  }
  return [...cells.values()].flatMap((found) => {
    const last = found.map(({ strength }) => strength).sort((one, other) => other - one)[most - 1] ?? 0;
    return found.filter(({ strength }) => strength >= last);
  });
}

// Of all levels, by level: { level, x, y, cell, strength }, places being those in the level.
function cornersOf(levels) {
  const longer = Math.max(levels[0].width, levels[0].height);
  return levels.flatMap((picture, level) => {
    const cellOf = (place) => Math.floor(place * ((scaleOf(level) * CELLS) / longer));
    const most = roundHalfEven(MOST_IN_CELL / scaleOf(level));
    return strongest(picture, strengthsOf(picture), cellOf, most).map((corner) => ({ level, ...corner }));
  });
}
