// Hashes as text, as in matcher/hashtext.py.

const MAX_FRAMES = 80;
const UNIT_MS = 100;
const LONGEST = 2 ** 24 - 1;

const checked = (body) => `${body}:${sha256(body).slice(0, 4)}`;

const base64Of = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");

// 32 bytes; coefficient 0 is the lowest bit of the last one.
function bytesOf(bits) {
  const bytes = new Uint8Array(bits.length / 8);
  bits.forEach((bit, at) => { if (bit) bytes[bytes.length - 1 - (at >> 3)] |= 1 << (at & 7); });
  return bytes;
}

function formatHash({ bits, quality }) {
  const hex = Array.from(bytesOf(bits), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return checked(`PDQ1:${hex}:${quality}`);
}

function tenths(milliseconds) {
  const units = Math.min(Math.floor(milliseconds / UNIT_MS), LONGEST);
  return [units >> 16, (units >> 8) & 255, units & 255];
}

// The texts of a video: frames are { atMs, bits, quality }, in order.
function formatVideo(durationMs, frames) {
  const texts = [];
  for (let first = 0; first < frames.length; first += MAX_FRAMES) {
    const bytes = tenths(durationMs);
    for (const { atMs, bits, quality } of frames.slice(first, first + MAX_FRAMES)) {
      bytes.push(...tenths(atMs), quality, ...bytesOf(bits));
    }
    texts.push(checked(`VPDQ1:${base64Of(bytes)}`));
  }
  return texts;
}

// The bits that 64 hexadecimal digits are, coefficient 0 first.
const bitsOf = (hex) => Array.from({ length: 4 * hex.length }, (_, at) => (
  ((Number.parseInt(hex[hex.length - 1 - (at >> 2)], 16) >> (at & 3)) & 1) === 1
));
