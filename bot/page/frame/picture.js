// What is registered of a picture: the whole, and parts of it that survive where a sticker or an edit spoils the rest.

const MIN_QUALITY = 50;

// The quarters of a rectangle, left to right and down.
function quartersOf({ top, bottom, left, right }) {
  const [down, across] = [Math.floor((bottom - top) / 2), Math.floor((right - left) / 2)];
  const rows = [[top, top + down], [bottom - down, bottom]];
  const columns = [[left, left + across], [right - across, right]];
  return rows.flatMap(([above, below]) => columns.map(([from, to]) => ({ top: above, bottom: below, left: from, right: to })));
}

// What is registered, as rectangles of the smaller copy, and whether the whole is, too: nothing of a page of text, of a
// screen only what is inside.
function partsOf(small) {
  const { told, inside } = framingOf(small);
  if (told === "page") return { isPage: true, hasWhole: false, parts: [] };
  const quarters = quartersOf(wholeOf(small));
  if (told === "none") return { isPage: false, hasWhole: true, parts: quarters };
  const within = [inside, ...quartersOf(inside)];
  const isScreen = told === "screen";
  return { isPage: false, hasWhole: !isScreen, parts: isScreen ? within : [...quarters, ...within] };
}

// What is wrong with a hash, or nothing: such hashes are near to those of other pictures by accident.
function hashOf(samples) {
  const [bits, quality] = [hashBits(samples), usableQuality(samples)];
  const why = quality < MIN_QUALITY ? "flat" : isPlain(bits) ? "plain" : "";
  return { bits, quality, why };
}

// { isPage, whole, hashes } of a decoded picture: its hash as a whole, and what is registered of it.
async function hashesOf(bitmap) {
  const { width, height } = bitmap;
  const [reducer, shrinker] = [new Reducer(width, height), new Shrinker(width, height)];
  await eachRow(bitmap, width, height, OF_PICTURES, (y, x, values) => {
    reducer.add(y, x, values);
    shrinker.add(y, x, values);
  });
  const small = shrinker.small();
  const whole = hashOf(reducer.samples());
  const { isPage, hasWhole, parts } = partsOf(small);
  const hashes = parts.map((part) => hashOf(samplesOf(small, part)));
  return { isPage, whole, hashes: hasWhole ? [whole, ...hashes] : hashes };
}

// { width, height, whole, hashes } of a file with one picture, see `hashesOf`. Throws `NotHashed`.
async function hashPicture(blob) {
  const bitmap = await bitmapOf(blob);
  try {
    const { isPage, whole, hashes } = await hashesOf(bitmap);
    if (isPage) throw new NotHashed("page");
    return { width: bitmap.width, height: bitmap.height, whole, hashes };
  } finally {
    bitmap.close();
  }
}
