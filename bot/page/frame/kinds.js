// What a file is, told by its bytes and never by its name: which pictures are animations, and how large one is before
// anything of it is decoded.

const HEIC_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"];
const AVIF_BRANDS = ["avif", "avis"];

// As many of `length` bytes as there are.
const latin = (view, at, length) => (
  String.fromCharCode(...new Uint8Array(view.buffer).subarray(view.byteOffset + at, view.byteOffset + at + length))
);

// { format, isVideo, isAnimated, pixels }; `pixels` is 0 where it is not known before decoding.
function kindOf(view) {
  const start = latin(view, 0, 4);
  if (start.startsWith("\xff\xd8\xff")) return picture("JPEG", jpegPixels(view));
  if (start === "\x89PNG") return picture("PNG", view.getUint32(16) * view.getUint32(20), pngFrames(view) > 1);
  if (start === "GIF8") return picture("GIF", view.getUint16(6, true) * view.getUint16(8, true), gifFrames(view) > 1);
  if (start === "RIFF" && latin(view, 8, 4) === "WEBP") return picture("WebP", webpPixels(view), webpFrames(view) > 1);
  if (start === "RIFF" || start === "\x1a\x45\xdf\xa3") return video();
  if (start.startsWith("BM")) return picture("BMP", Math.abs(view.getInt32(18, true) * view.getInt32(22, true)));
  if (start === "II*\0" || start === "MM\0*") return picture("TIFF", 0);
  if (latin(view, 4, 4) === "ftyp") {
    const brand = latin(view, 8, 4);
    if (HEIC_BRANDS.includes(brand)) return picture("HEIC", 0);
    return AVIF_BRANDS.includes(brand) ? picture("AVIF", 0) : video();
  }
  return { format: "", isVideo: false, isAnimated: false, pixels: 0 };
}

const picture = (format, pixels, isAnimated = false) => ({ format, isVideo: false, isAnimated, pixels });
const video = () => ({ format: "", isVideo: true, isAnimated: false, pixels: 0 });

function jpegPixels(view) {
  for (let at = 2; at + 9 < view.byteLength;) {
    const marker = view.getUint8(at + 1);
    if (view.getUint8(at) !== 0xff) return 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return view.getUint16(at + 5) * view.getUint16(at + 7);
    }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return 0;
}

function pngFrames(view) {
  for (let at = 8; at + 12 < view.byteLength; at += 12 + view.getUint32(at)) {
    const name = latin(view, at + 4, 4);
    if (name === "acTL") return view.getUint32(at + 8);
    if (name === "IDAT") return 1;
  }
  return 1;
}

// Counts no further than the second: one is a picture, two are an animation.
function gifFrames(view) {
  let frames = 0;
  for (let at = afterGifHeader(view); at + 10 < view.byteLength && frames < 2; at = afterGifBlock(view, at)) {
    const block = view.getUint8(at);
    if (block !== 0x21 && block !== 0x2c) break;
    frames += block === 0x2c;
  }
  return frames;
}

const gifColours = (flags) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
const afterGifHeader = (view) => 13 + gifColours(view.getUint8(10));

// Beyond the end of the file where that is inside of the block.
function afterGifBlock(view, start) {
  const end = view.byteLength;
  let at = start + 2;
  if (view.getUint8(start) === 0x2c) at = start + 9 < end ? start + 11 + gifColours(view.getUint8(start + 9)) : end;
  while (at < end && view.getUint8(at)) at += 1 + view.getUint8(at);
  return at + 1;
}

function webpFrames(view) {
  let frames = 0;
  for (let at = 12; at + 8 <= view.byteLength; at += 8 + ((view.getUint32(at + 4, true) + 1) & ~1)) {
    frames += latin(view, at, 4) === "ANMF";
  }
  return frames;
}

function webpPixels(view) {
  const chunk = latin(view, 12, 4);
  if (chunk === "VP8X") return ((view.getUint32(24, true) & 0xffffff) + 1) * ((view.getUint32(26, true) >>> 8) + 1);
  if (chunk === "VP8 ") return (view.getUint16(26, true) & 0x3fff) * (view.getUint16(28, true) & 0x3fff);
  const bits = view.getUint32(21, true);
  return ((bits & 0x3fff) + 1) * (((bits >>> 14) & 0x3fff) + 1);
}
