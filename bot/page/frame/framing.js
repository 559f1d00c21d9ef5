// What is registered of a picture: all of it, or what is inside of a frame or of the screen of an app, as in
// matcher/framing.py and by the rule that docs/fingerprints.md numbers.

const ACROSS = 128;
const STEP = 4;
const STEPS = 256 / STEP;
const ONE_COLOUR = 0.6;
const PLAIN = 0.95;
const TWO_COLOURS = 0.8;
const SHORTEST = 0.14;
const BRIDGED = 0.005;
const BAR = 0.03;
const FURNITURE = 0.75;
const SHARP_ROWS = 3;
const JUMP = 2;
const LEAST_TRIMMED = 0.015;
const PAGE = 0.85;
const LEAST_LINES = 4;
const CONTRAST = 48;
const LINE = 0.06;

// What each of `height` rows is like, given its `width` values: the most frequent colour, which share is of it (`one`),
// which of the two most frequent ones (`two`), and how far the values are apart.
function rowsOf(height, width, valueAt) {
  const step = Math.max(1, Math.floor(width / ACROSS));
  return Array.from({ length: height }, (_, y) => {
    const steps = new Uint32Array(STEPS);
    let [number, lowest, highest] = [0, 255, 0];
    for (let x = 0; x < width; x += step) {
      const value = Math.floor(valueAt(y, x));
      steps[Math.floor(value / STEP)] += 1;
      number += 1;
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
    const counted = Array.from({ length: STEPS - 1 }, (__, colour) => steps[colour] + steps[colour + 1]);
    const most = Math.max(...counted);
    const colour = counted.indexOf(most);
    const next = Math.max(0, ...counted.filter((__, other) => Math.abs(other - colour) >= 2));
    return { colour, one: most / number, two: (most + next) / number, contrast: highest - lowest };
  });
}

// The longest run of varied rows, with up to `bridged` others in a row inside of it: [top, bottom].
function longestVaried(rows, bridged) {
  let longest = [0, 0];
  let [start, end] = [-1, -1];
  rows.forEach(({ one }, y) => {
    if (one >= ONE_COLOUR) return;
    if (start < 0 || y - end > bridged) start = y;
    end = y + 1;
    if (end - start > longest[1] - longest[0]) longest = [start, end];
  });
  return longest;
}

// Where the picture whose rows from `at` on are varied begins: there, or above; 0 where nothing is sharp.
function edgeAbove(rows, at) {
  if (rows.slice(Math.max(0, at - SHARP_ROWS), at).some(({ one }) => one >= PLAIN)) return at;
  for (let row = at - 1; row >= 0; row -= 1) {
    if (Math.abs(rows[row + 1].colour - rows[row].colour) > JUMP && rows[row].one >= PLAIN) return row + 1;
  }
  return 0;
}

// What is written above the first thing that is higher than a line: the row after the last line, and the first row of
// that thing. Null where there is no line, or no such thing.
function linesAbove(rows) {
  let [end, start, written] = [0, 0, false];
  for (let y = 0; y <= rows.length; y += 1) {
    if (y < rows.length && rows[y].one < PLAIN) {
      written ||= rows[y].contrast >= CONTRAST;
    } else {
      if (y - start > LINE * rows.length) return end > 0 ? { end, thing: start } : null;
      if (start > 0 && written) end = y;
      [start, written] = [y + 1, false];
    }
  }
  return null;
}

// Where the picture begins whose rows from `at` on are varied: at its edge, if that is not above the bar's end.
const without = ({ end, thing }, edge, at) => (edge >= end ? edge : Math.min(thing, at));

function isPage(rows) {
  const calm = rows.filter(({ one, two }) => one >= ONE_COLOUR || two >= TWO_COLOURS).length;
  if (calm < PAGE * rows.length) return false;
  const written = rows.map(({ one, contrast }) => one < PLAIN && contrast >= CONTRAST);
  return written.filter((is, y) => is && !written[y - 1]).length >= LEAST_LINES;
}

// { told, inside } of the smaller copy; `told` is "none", "framed", "screen" or "page".
function framingOf({ width, height, values }) {
  const whole = { top: 0, bottom: height, left: 0, right: width };
  const rows = rowsOf(height, width, (y, x) => values[y * width + x]);
  let [top, bottom] = longestVaried(rows, Math.max(2, roundHalfEven(BRIDGED * height)));
  const turned = [...rows].reverse();
  const bars = [linesAbove(rows), linesAbove(turned)];
  const hasBars = bars[0] !== null && bars[1] !== null;
  if (bottom - top < SHORTEST * height) return { told: hasBars || isPage(rows) ? "page" : "none", inside: whole };
  let [above, below] = [edgeAbove(rows, top), edgeAbove(turned, height - bottom)];
  if (hasBars) [above, below] = [without(bars[0], above, top), without(bars[1], below, height - bottom)];
  [top, bottom] = [above, height - below];
  const columns = rowsOf(width, bottom - top, (x, y) => values[(top + y) * width + x]);
  const varied = columns.flatMap(({ one }, x) => (one >= PLAIN ? [] : [x]));
  let [left, right] = [varied[0] ?? 0, (varied.at(-1) ?? -1) + 1];
  if (right - left < SHORTEST * width) [left, right] = [0, width];
  const trimmed = [top / height, (height - bottom) / height, left / width, (width - right) / width];
  if (Math.max(...trimmed) < LEAST_TRIMMED) return { told: "none", inside: whole };
  const outside = [...rows.slice(0, top), ...rows.slice(bottom)];
  const isScreen = top >= BAR * height && height - bottom >= BAR * height
    && outside.some(({ one }) => one < PLAIN)
    && outside.filter(({ one }) => one >= ONE_COLOUR).length >= FURNITURE * outside.length;
  return { told: isScreen ? "screen" : "framed", inside: { top, bottom, left, right } };
}
