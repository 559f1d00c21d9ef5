// What a patch looks like, as 256 bits: which of two points is darker, for 256 pairs that are turned with the patch. The
// pairs are the published ones of OpenCV's ORB, so that the bits can be compared with those that the server makes.

// Of each pair x, y, x, y as letters, "n" being 0.
const PAIRS = [
  "vkwsrpubcwfpubzapapzogotldljaacfakbexrywaffecuezuuztjiknapbkengs",
  "zhzmktlzhajfyazfrusoskxkqgtzfghllymdazfxgqikjpkudbhysbtgshumonri",
  "wyyarurzpmrrjblufigdrywznfoaalfpkllqhwjevzxunwoquiydahcnxuzohkhz",
  "xezjavfbanfjqquvsuxgmuobqdstpjqdanasagbzaqcvgzjutdzvemghlinzbsgs",
  "qdvaggjsklmgpwsccaiamtnmskspjajzehetbdfjxpzkuzzzgahsjwkrumzpgtio",
  "aybskulhufzgagcbokzzphqnjqlamaowuovhomqzwoztmemqaadsuuxzzizwtquy",
  "satxpbpqqvrhptzawbxqfrgwczjhozpfteujpqqltqynqkvfuvwqcihjdyixifkz",
  "dsenvmzhrhtcdzfurltulnlzifipuhxzeaffiailvfwaecenofolujwolomjyhzc",
  "behrquuzssxvnjpvezianupzmpousyueqstfajfwiwkkjgkbtsvngthzatilodqx",
  "rovjllpapbzzlanhrowqhdkikamouszcrlsgaweiuovtufutgjgofygfatbfprqw",
  "xizqhihuvkwfpbpvcldqbagecndiskyvlamzmfnwacbidldykwlapkqpeajnjtkd",
  "jzlghcjwtktyayisyyztuizlmznujfklgohuabfaglhffsheimjsaufxossaonxa",
  "wzxmsfxemyoaekhpmdozaofdvcxhpaqhuazeddigdffarhvsqzvajpkksaxbrasm",
  "ewjqnqqebohoqprfdddwvazzfbhippquxtyftvvbgxhskekwmamskgkrflfqrpzz",
  "piqyteyaqmuzymzrknktrcrzpjpodhfoaucoazcatnyanmoraqelevhkahflsevx",
  "puqemhmmwsylykzfqnqsmrnxqhrsandssvzyvwwhujvbdrdwuqzrwgxlunzlmhnc",
].join("");
const OFFSETS = Int8Array.from(PAIRS, (letter) => letter.charCodeAt(0) - "n".charCodeAt(0));
const DESCRIPTOR_BYTES = 32;
// Of a Gaussian with a standard deviation of 2, of 256.
const BLUR = [18, 34, 48, 56, 48, 34, 18];

// As if the picture went on mirrored at its sides.
const within = (at, length) => (at < 0 ? -at : at >= length ? 2 * length - 2 - at : at);

function blurred({ width, height, values }) {
  const [across, all] = [new Uint16Array(width * height), new Uint8Array(width * height)];
  const half = BLUR.length >> 1;
  for (let y = 0, at = 0; y < height; y += 1) {
    const start = y * width;
    for (let x = 0; x < width; x += 1, at += 1) {
      const isInside = x >= half && x + half < width;
      let sum = 0;
      for (let step = 0; step < BLUR.length; step += 1) {
        const place = x + step - half;
        sum += BLUR[step] * values[start + (isInside ? place : within(place, width))];
      }
      across[at] = sum;
    }
  }
  for (let y = 0, at = 0; y < height; y += 1) {
    const rows = BLUR.map((_, step) => within(y + step - half, height) * width);
    for (let x = 0; x < width; x += 1, at += 1) {
      let sum = 32768;
      for (let step = 0; step < BLUR.length; step += 1) sum += BLUR[step] * across[rows[step] + x];
      all[at] = sum >>> 16;
    }
  }
  return { width, height, values: all };
}

// Of the patch around x, y of a picture that is blurred; `turn` in radians.
function descriptorOf({ width, values }, x, y, turn) {
  const bytes = new Uint8Array(DESCRIPTOR_BYTES);
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const middle = y * width + x;
  const valueAt = (at) => {
    const [right, down] = [OFFSETS[at], OFFSETS[at + 1]];
    const [column, row] = [Math.round(right * cosine - down * sine), Math.round(right * sine + down * cosine)];
    return values[middle + row * width + column];
  };
  for (let bit = 0; bit < 8 * DESCRIPTOR_BYTES; bit += 1) {
    if (valueAt(4 * bit) < valueAt(4 * bit + 2)) bytes[bit >> 3] |= 1 << (bit & 7);
  }
  return bytes;
}

function bitsApart(one, other) {
  let apart = 0;
  for (let at = 0; at < DESCRIPTOR_BYTES; at += 1) apart += BITS_OF_BYTE[one[at] ^ other[at]];
  return apart;
}
const BITS_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);
