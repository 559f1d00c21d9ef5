// Whether the end of a picture's file is missing: some browsers decode what is there and paint the rest grey, and the hash of
// that finds nothing.

const MOST_BOXES = 1000;

// What `format` is, `kindOf` says. Never of formats that no browser decodes in part.
function isCutOff(view, format) {
  const hasEnd = { JPEG: jpegHasEnd, PNG: pngHasEnd, GIF: gifHasEnd, WebP: webpHasEnd, BMP: bmpHasEnd }[format];
  return hasEnd !== undefined && !hasEnd(view);
}

// Whether the last box of an MP4 file or its kin ends behind the end of the file. Of other videos players show what is there.
async function isVideoCutOff(file) {
  let at = 0;
  for (let boxes = 0; boxes < MOST_BOXES && at < file.size; boxes += 1) {
    const view = new DataView(await readBytes(file.slice(at, at + 16)));
    if (!boxes && latin(view, 4, 4) !== "ftyp") return false;
    if (view.byteLength < 8) return true;
    const isLong = view.getUint32(0) === 1 && view.byteLength === 16;
    const size = isLong ? Number(view.getBigUint64(8)) : view.getUint32(0);
    // A size of 0 is that of a box which is as long as the file.
    if (size < 8) return false;
    at += size;
  }
  return at > file.size;
}

// In what is compressed, a byte 255 is followed by 0 or is a marker; a thumbnail, which has an end of its own, is skipped with
// the segment that it is in.
function jpegHasEnd(view) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1];
    if (marker === 0xd9) return true;
    if (marker === 0xff) at += 1;
    else if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else if (at + 3 < bytes.length) at += 2 + view.getUint16(at + 2);
    else return false;
  }
  return false;
}

function pngHasEnd(view) {
  for (let at = 8; at + 12 <= view.byteLength; at += 12 + view.getUint32(at)) {
    if (latin(view, at + 4, 4) === "IEND") return true;
  }
  return false;
}

// Many have no mark at their end, but each block has.
function gifHasEnd(view) {
  let at = afterGifHeader(view);
  while (at < view.byteLength) {
    if (![0x21, 0x2c].includes(view.getUint8(at))) return true;
    at = afterGifBlock(view, at);
  }
  return at === view.byteLength;
}

const webpHasEnd = (view) => 8 + view.getUint32(4, true) <= view.byteLength;

function bmpHasEnd(view) {
  const isPlainRows = view.getUint32(14, true) >= 40 && [0, 3].includes(view.getUint32(30, true));
  const rowBytes = 4 * Math.ceil((view.getInt32(18, true) * view.getUint16(28, true)) / 32);
  return !isPlainRows || view.getUint32(10, true) + rowBytes * Math.abs(view.getInt32(22, true)) <= view.byteLength;
}
