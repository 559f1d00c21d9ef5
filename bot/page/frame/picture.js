// What is registered of a picture: the whole, and parts of it that survive where a sticker or an edit spoils the rest.

const MIN_QUALITY = 50;

// The parts that are looked at in the smaller copy, besides the whole: { name, top, bottom, left, right }.
function partsOf({ width, height }) {
  const [middle, centre] = [Math.floor(height / 2), Math.floor(width / 2)];
  const rows = [[0, middle], [height - middle, height]];
  const columns = [[0, centre], [width - centre, width]];
  return rows.flatMap(([top, bottom]) => columns.map(([left, right]) => ({ name: "quadrant", top, bottom, left, right })));
}

// What is wrong with a hash, or nothing: such hashes are near to those of other pictures by accident.
function hashOf(name, samples) {
  const [bits, quality] = [hashBits(samples), usableQuality(samples)];
  const why = quality < MIN_QUALITY ? "flat" : isPlain(bits) ? "plain" : "";
  return { name, bits, quality, why };
}

// { width, height, hashes } of a file with one picture, the whole first. Throws `NotHashed`.
async function hashPicture(blob) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob, DECODE_RULE);
  } catch {
    throw new NotHashed("unreadable");
  }
  try {
    const { width, height } = bitmap;
    const [reducer, shrinker] = [new Reducer(width, height), new Shrinker(width, height)];
    await eachRow(bitmap, width, height, OF_PICTURES, (y, x, values) => {
      reducer.add(y, x, values);
      shrinker.add(y, x, values);
    });
    const small = shrinker.small();
    const hashes = partsOf(small).map((part) => hashOf(part.name, samplesOf(small, part)));
    return { width, height, hashes: [hashOf("whole", reducer.samples()), ...hashes] };
  } finally {
    bitmap.close();
  }
}
