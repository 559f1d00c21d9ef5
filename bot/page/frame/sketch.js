// What is registered of an ordinary photo, as in matcher/photos/register.py and matcher/photos/features.py: up to 1,000 features,
// spread over the photo and over sizes, and none that looks like another place of it or is written over it; and its hashes,
// as of every picture. What the server knows of screens and patterns is too much for a page: it takes features like those
// out when it gets them.

const MOST_FEATURES = 1000;
const LEAST_FEATURES = 60;
const LOOKED_AT = 2 * MOST_FEATURES;
const FALL = 0.93;
const FAINT = 10;
const TWIN_BITS = 40;
const TWIN_APART = 0.25;
const MOST_TWINS = 0.7;
const ALL_TWINS = 0.9;
const MOST_WRITTEN = 0.12;
const GREY_STEP = 8;
const MOST_OF_THREE = 0.85;
const PLACE_STEPS = 65_535;
const SIZES_AN_OCTAVE = 16;
const TURN_STEPS = 256;
const SPREAD = { cells: 8, least: 12, most: 0.4 };
const LEAST_DISTINCT = 0.8;
const LONGEST_SIDE = 65_535;
const SKETCH_VERSION = 3;

const isFaint = ({ strength }) => strength <= FAINT;

// In each level round by round the strongest corner of each cell, and of all levels by turns; those that are faint at last.
function bestOf(corners) {
  const ranked = (key, compare, name) => {
    const taken = new Map();
    for (const corner of [...corners].sort(compare)) {
      corner[name] = taken.get(key(corner)) ?? 0;
      taken.set(key(corner), corner[name] + 1);
    }
  };
  const stronger = (one, other) => other.strength - one.strength;
  const clearer = (one, other) => isFaint(one) - isFaint(other);
  ranked(({ level, cell }) => level * CELLS ** 2 + cell, stronger, "inCell");
  ranked(({ level }) => level, (one, other) => clearer(one, other) || one.inCell - other.inCell || stronger(one, other), "inLevel");
  const turn = ({ level, inLevel }) => (inLevel + 0.5) / FALL ** level;
  return corners.sort((one, other) => clearer(one, other) || turn(one) - turn(other)).slice(0, LOOKED_AT);
}

// The features of a photo, the best first, in points of the copy: { x, y, size, turn, bits, isFaint, isDrawn, hasTwin }.
function featuresOf(greys) {
  const levels = levelsOf(greys);
  const smooth = levels.map(blurred);
  const isDrawn = drawnIn(greys);
  const features = bestOf(cornersOf(levels)).map(({ level, x, y, strength }) => {
    const [scale, turn] = [scaleOf(level), turnOf(smooth[level], x, y)];
    const bits = descriptorOf(smooth[level], x, y, turn);
    const place = { x: x * scale, y: y * scale, size: PATCH * scale };
    const of = { isFaint: isFaint({ strength }), isDrawn: isDrawn(place.x, place.y, place.size), hasTwin: false };
    return { ...place, turn, bits, ...of };
  });
  features.forEach((one, at) => {
    for (const other of features.slice(at + 1)) {
      if (bitsApart(one.bits, other.bits) >= TWIN_BITS) continue;
      if (Math.hypot(one.x - other.x, one.y - other.y) < TWIN_APART * Math.max(one.size, other.size)) continue;
      [one.hasTwin, other.hasTwin] = [true, true];
    }
  });
  return features;
}

// Of few greys: text, icons, flags.
function isAllDrawn({ values }) {
  const counts = new Uint32Array(256 / GREY_STEP);
  for (const value of values) counts[Math.floor(value / GREY_STEP)] += 1;
  const [first, second, third] = [...counts].sort((one, other) => other - one);
  return first + second + third >= MOST_OF_THREE * values.length;
}

function isSpread(places, width, height) {
  const longer = Math.max(width, height);
  const cell = (place, side) => Math.floor((place * SPREAD.cells) / (Math.ceil((PLACE_STEPS * side) / longer) + 1));
  const counts = new Uint32Array(SPREAD.cells ** 2);
  for (const [across, down] of places) counts[cell(down, height) * SPREAD.cells + cell(across, width)] += 1;
  return counts.filter(Boolean).length >= SPREAD.least && Math.max(...counts) <= SPREAD.most * places.length;
}

// Those that are registered. Throws `NotHashed`.
function registeredOf(greys, written) {
  const features = featuresOf(greys);
  const drawn = isAllDrawn(greys);
  // What is faint adds to the others, and alone it would not be found again.
  const clear = features.filter(({ isFaint }) => !isFaint);
  if (clear.length < LEAST_FEATURES) throw drawn || !clear.length ? new NotHashed("flat") : new NotHashed("few");
  const twins = clear.filter(({ hasTwin }) => hasTwin).length / clear.length;
  if (twins >= ALL_TWINS) throw new NotHashed("pattern");
  if (written >= MOST_WRITTEN) throw new NotHashed("screenshot");
  if (drawn) throw new NotHashed("text");
  if (twins >= MOST_TWINS) throw new NotHashed("pattern");
  const kept = features.filter(({ isDrawn, hasTwin }) => !isDrawn && !hasTwin);
  if (kept.filter(({ isFaint }) => !isFaint).length < LEAST_FEATURES) throw new NotHashed("few");
  return kept.slice(0, MOST_FEATURES);
}

const clamped = (value, most) => Math.min(Math.max(Math.round(value), 0), most);

// One `PHOTO1:` line.
function formatSketch(width, height, features, greys, hashes) {
  const longer = Math.max(greys.width, greys.height);
  const places = features.map(({ x, y }) => [x, y].map((at) => clamped(((at + 0.5) / longer) * PLACE_STEPS, PLACE_STEPS)));
  const distinct = new Set(features.map(({ bits }) => bits.join())).size;
  if (features.length < LEAST_FEATURES || distinct < LEAST_DISTINCT * features.length || !isSpread(places, width, height)) {
    throw new NotHashed("few");
  }
  const two = (value) => [value >> 8, value & 255];
  const body = Uint8Array.from([
    SKETCH_VERSION, ...[width, height, features.length].flatMap(two), ...places.flat().flatMap(two),
    ...features.map(({ size }) => clamped(-SIZES_AN_OCTAVE * Math.log2(size / longer), 255)),
    ...features.map(({ turn }) => (Math.round((turn / 2 / Math.PI) * TURN_STEPS) + TURN_STEPS) % TURN_STEPS),
    ...features.flatMap(({ bits }) => [...bits]),
    ...hashes.flatMap(({ quality, bits }) => [quality, ...bytesOf(bits)]),
  ]);
  const check = sha256Of(body).match(/../g).slice(0, 4).map((digits) => Number.parseInt(digits, 16));
  return checked(`PHOTO1:${base64Of([...body, ...check])}`);
}

// { kind, width, height, features, lines } of a file with one picture. Throws `NotHashed`.
async function sketchPhoto(blob) {
  const bitmap = await bitmapOf(blob);
  try {
    if (Math.max(bitmap.width, bitmap.height) > LONGEST_SIDE) throw new NotHashed("too-large");
    const { width, height, greys, written } = await photoIn(bitmap);
    const features = registeredOf(greys, written);
    const { hashes } = await hashesOf(bitmap);
    const line = formatSketch(width, height, features, greys, hashes.filter(({ why }) => !why));
    return { kind: "photo", width, height, features: features.length, lines: [line] };
  } finally {
    bitmap.close();
  }
}
