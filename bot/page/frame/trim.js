// Cutting off what is around a photo, as in matcher/photos/trim.py: plain borders, and bars and captions on one colour. It is
// done on the copy that is searched, where the server does it on the picture itself.

const NEAR_GREYS = 3;
const LEAST_BAR = 0.5;
const MOST_BESIDE = 0.25;
const PLAIN_LINE = 0.97;
const LEAST_BAR_LINES = 3;
const LINES_BESIDE = 4;
const MOST_BROKEN = 0.08;
const LEAST_LEFT = 0.25;

// How many of `length` lines, from the first on, are a bar, and how many of those are not plain.
function barOf(length, across, valueAt) {
  const none = { lines: 0, written: 0 };
  if (length < 8 * LEAST_BAR_LINES) return none;
  const counts = new Uint32Array(256);
  for (let line = 0; line < LEAST_BAR_LINES; line += 1) {
    for (let at = 0; at < across; at += 1) counts[valueAt(line, at)] += 1;
  }
  const colour = counts.indexOf(Math.max(...counts));
  const shares = Array.from({ length }, (_, line) => {
    let near = 0;
    for (let at = 0; at < across; at += 1) near += Math.abs(valueAt(line, at) - colour) <= NEAR_GREYS;
    return near / across;
  });
  if (shares.slice(0, LEAST_BAR_LINES).some((share) => share < LEAST_BAR)) return none;
  let [lines, broken] = [0, 0];
  for (let line = 0; line < length && broken <= MOST_BROKEN * length; line += 1) {
    if (shares[line] >= LEAST_BAR) [lines, broken] = [line + 1, 0];
    else broken += 1;
  }
  const beside = shares.slice(lines + 1, lines + 1 + LINES_BESIDE);
  if (!beside.length || beside.reduce((sum, share) => sum + share, 0) / beside.length > MOST_BESIDE) return none;
  return { lines, written: shares.slice(0, lines).filter((share) => share < PLAIN_LINE).length };
}

// { part, written }: what is left, and the share of its height and width that went in bars with something on them.
function trimmed(picture) {
  const { width, height, values } = picture;
  const above = barOf(height, width, (y, x) => values[y * width + x]);
  const below = barOf(height, width, (y, x) => values[(height - 1 - y) * width + x]);
  const [top, bottom] = [above.lines, height - below.lines];
  const before = barOf(width, bottom - top, (x, y) => values[(top + y) * width + x]);
  const after = barOf(width, bottom - top, (x, y) => values[(top + y) * width + width - 1 - x]);
  const [left, right] = [before.lines, width - after.lines];
  const isTooSmall = bottom - top < LEAST_LEFT * height || right - left < LEAST_LEFT * width;
  if (isTooSmall) return { part: wholeOf(picture), written: 0 };
  const written = (above.written + below.written) / height + (before.written + after.written) / width;
  return { part: { top, bottom, left, right }, written };
}
