// Some browsers give a page made-up pixels, so that nobody can be recognised by how their machine draws. Hashes would
// then be noise that looks like a hash. A picture whose hash is known goes the way of every other picture first.

const KNOWN_SIZE = [140, 98];
const KNOWN_CELL = 7;
const KNOWN_HASH = "PDQ1:fa6a1bcaa219e0350595375339e20cfbab0b2c154e7497e3cc77f515549c43b4:100:b78f";
const TOLERANCE_BITS = 2;

// A BMP file of coloured squares, by a generator of Lehmer's.
function knownPicture() {
  const [width, height] = KNOWN_SIZE;
  const bytes = new DataView(new ArrayBuffer(54 + 3 * width * height));
  bytes.setUint16(0, 0x424d);
  bytes.setUint32(2, bytes.byteLength, true);
  bytes.setUint32(10, 54, true);
  bytes.setUint32(14, 40, true);
  bytes.setInt32(18, width, true);
  bytes.setInt32(22, height, true);
  bytes.setUint16(26, 1, true);
  bytes.setUint16(28, 24, true);
  let state = 1;
  const cells = Array.from({ length: (width * height * 3) / KNOWN_CELL ** 2 }, () => {
    state = (state * 48271) % 0x7fffffff;
    return state & 255;
  });
  for (let at = 0; at < 3 * width * height; at += 1) {
    const [pixel, colour] = [Math.floor(at / 3), at % 3];
    const row = Math.floor(Math.floor(pixel / width) / KNOWN_CELL);
    const cell = (row * width) / KNOWN_CELL + Math.floor((pixel % width) / KNOWN_CELL);
    bytes.setUint8(54 + at, cells[3 * cell + colour]);
  }
  return new Blob([bytes]);
}

// Throws `NotHashed` where pixels are not what they should be, or cannot be had.
async function testThisBrowser() {
  const { whole } = await hashPicture(knownPicture()).catch(() => { throw new NotHashed("unable"); });
  const [, hex, quality] = KNOWN_HASH.split(":");
  if (distanceOf(whole.bits, bitsOf(hex)) > TOLERANCE_BITS || Math.abs(whole.quality - Number(quality)) > 1) {
    throw new NotHashed("falsified");
  }
}
