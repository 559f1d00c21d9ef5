// QR codes (ISO/IEC 18004): versions 1 to 40, the lowest level of correction, which a screen needs no more than, in the
// alphanumeric mode, which takes 5.5 bits a character.

const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
// For each version from 1: how many codewords of correction a block has, and how many blocks there are.
const CORRECTION = [
  7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
  28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
];
const BLOCKS = [
  1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
  8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25,
];
const LOWEST_LEVEL = 1;
const FINDER_LIKE = [[1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 1]];
const MASKS = [
  (x, y) => (x + y) % 2,
  (x, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

// Multiplication in the field of 256 elements, modulo x^8 + x^4 + x^3 + x^2 + 1.
function times(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) product = (product << 1) ^ ((product >> 7) * 0x11d) ^ (((b >> bit) & 1) * a);
  return product;
}

function correctionOf(data, length) {
  const divisor = new Uint8Array(length);
  divisor[length - 1] = 1;
  for (let root = 1, step = 0; step < length; step += 1, root = times(root, 2)) {
    for (let at = 0; at < length; at += 1) divisor[at] = times(divisor[at], root) ^ (divisor[at + 1] ?? 0);
  }
  const rest = new Array(length).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((coefficient, at) => { rest[at] ^= times(coefficient, factor); });
  }
  return rest;
}

// How many modules of a version are for data and correction.
function dataModules(version) {
  let modules = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const alignments = Math.floor(version / 7) + 2;
    modules -= (25 * alignments - 10) * alignments - 55;
    if (version >= 7) modules -= 36;
  }
  return modules;
}

const codewords = (version) => Math.floor(dataModules(version) / 8);
const dataCodewords = (version) => codewords(version) - CORRECTION[version - 1] * BLOCKS[version - 1];
const lengthBits = (version) => (version < 10 ? 9 : version < 27 ? 11 : 13);

function encodedText(text, version) {
  const bits = [];
  const put = (value, length) => { for (let bit = length - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1); };
  put(2, 4);
  put(text.length, lengthBits(version));
  for (let at = 0; at < text.length; at += 2) {
    const first = ALPHANUMERIC.indexOf(text[at]);
    if (at + 1 < text.length) put(45 * first + ALPHANUMERIC.indexOf(text[at + 1]), 11);
    else put(first, 6);
  }
  const capacity = 8 * dataCodewords(version);
  put(0, Math.min(4, capacity - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let filler = 0xec; bits.length < capacity; filler ^= 0xec ^ 0x11) put(filler, 8);
  return Uint8Array.from({ length: capacity / 8 }, (_, at) => Number.parseInt(bits.slice(8 * at, 8 * at + 8).join(""), 2));
}

// Data and correction in blocks, the first bytes of all blocks first.
function interleaved(data, version) {
  const [blocks, correction] = [BLOCKS[version - 1], CORRECTION[version - 1]];
  const shorter = Math.floor(data.length / blocks);
  const longer = data.length % blocks;
  const parts = [];
  for (let block = 0, at = 0; block < blocks; block += 1) {
    const length = shorter + (block >= blocks - longer);
    parts.push(data.subarray(at, at + length));
    at += length;
  }
  const corrections = parts.map((part) => correctionOf(part, correction));
  const mixed = [];
  for (let at = 0; at <= shorter; at += 1) for (const part of parts) if (at < part.length) mixed.push(part[at]);
  for (let at = 0; at < correction; at += 1) for (const part of corrections) mixed.push(part[at]);
  return mixed;
}

class Modules {
  constructor(version) {
    this.version = version;
    this.size = 17 + 4 * version;
    this.dark = new Uint8Array(this.size ** 2);
    this.fixed = new Uint8Array(this.size ** 2);
    this.drawPatterns();
  }

  set(x, y, isDark, isFixed = true) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.dark[y * this.size + x] = isDark ? 1 : 0;
    if (isFixed) this.fixed[y * this.size + x] = 1;
  }

  drawPatterns() {
    const { size, version } = this;
    for (let at = 0; at < size; at += 1) {
      this.set(6, at, at % 2 === 0);
      this.set(at, 6, at % 2 === 0);
    }
    const square = (x, y, reach, dark) => {
      for (let down = -reach; down <= reach; down += 1) {
        for (let across = -reach; across <= reach; across += 1) {
          this.set(x + across, y + down, dark.includes(Math.max(Math.abs(across), Math.abs(down))));
        }
      }
    };
    for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(x, y, 4, [0, 1, 3]);
    const places = this.alignments();
    const last = places.length - 1;
    places.forEach((y, row) => places.forEach((x, column) => {
      const isFinder = (!row && !column) || (!row && column === last) || (row === last && !column);
      if (!isFinder) square(x, y, 2, [0, 2]);
    }));
    this.drawFormat(0);
    if (version >= 7) this.drawVersion();
  }

  alignments() {
    if (this.version === 1) return [];
    const number = Math.floor(this.version / 7) + 2;
    const step = this.version === 32 ? 26 : Math.ceil((4 * this.version + 4) / (2 * number - 2)) * 2;
    const places = [];
    for (let at = this.size - 7; places.length < number - 1; at -= step) places.unshift(at);
    return [6, ...places];
  }

  drawFormat(mask) {
    const data = (LOWEST_LEVEL << 3) | mask;
    let rest = data;
    for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    const bits = ((data << 10) | rest) ^ 0x5412;
    const bit = (at) => (bits >> at) & 1;
    for (let at = 0; at < 15; at += 1) {
      this.set(8, at < 6 ? at : at < 8 ? at + 1 : this.size - 15 + at, bit(at));
      this.set(at < 8 ? this.size - 1 - at : at < 9 ? 7 : 14 - at, 8, bit(at));
    }
    this.set(8, this.size - 8, true);
  }

  drawVersion() {
    let rest = this.version;
    for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (this.version << 12) | rest;
    for (let at = 0; at < 18; at += 1) {
      const [far, near] = [this.size - 11 + (at % 3), Math.floor(at / 3)];
      this.set(far, near, (bits >> at) & 1);
      this.set(near, far, (bits >> at) & 1);
    }
  }

  // Two columns at a time, from the right, up and down in turn.
  drawData(bytes) {
    let at = 0;
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < this.size; step += 1) {
        const y = ((right + 1) & 2) === 0 ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.fixed[y * this.size + x]) continue;
          this.set(x, y, at < 8 * bytes.length && (bytes[at >> 3] >> (7 - (at & 7))) & 1, false);
          at += 1;
        }
      }
    }
  }

  mask(number) {
    for (let y = 0; y < this.size; y += 1) {
      for (let x = 0; x < this.size; x += 1) {
        const at = y * this.size + x;
        if (!this.fixed[at] && !MASKS[number](x, y)) this.dark[at] ^= 1;
      }
    }
  }

  // How hard it is to read: runs, squares, what looks like a corner, and how far from half is dark.
  penalty() {
    const { size, dark } = this;
    let penalty = 0;
    for (const [along, over] of [[1, size], [size, 1]]) {
      for (let line = 0; line < size; line += 1) {
        const values = Array.from({ length: size }, (_, at) => dark[line * over + at * along]);
        for (let at = 1, run = 1; at <= size; at += 1, run += 1) {
          if (values[at] === values[at - 1]) continue;
          if (run >= 5) penalty += run - 2;
          run = 0;
        }
        for (let at = 0; at + 11 <= size; at += 1) {
          if (FINDER_LIKE.some((pattern) => pattern.every((value, place) => value === values[at + place]))) penalty += 40;
        }
      }
    }
    for (let y = 0; y + 1 < size; y += 1) {
      for (let x = 0; x + 1 < size; x += 1) {
        const at = y * size + x;
        if (dark[at] === dark[at + 1] && dark[at] === dark[at + size] && dark[at] === dark[at + size + 1]) penalty += 3;
      }
    }
    const share = dark.reduce((sum, value) => sum + value, 0) / dark.length;
    return penalty + 10 * Math.floor(Math.abs(share - 0.5) * 20);
  }
}

// The modules of the smallest code that holds the text: { size, dark }, row by row. Null where none does.
function qrCode(text) {
  let version = 1;
  const needed = Math.floor(text.length / 2) * 11 + (text.length % 2) * 6;
  while (version <= 40 && 8 * dataCodewords(version) < 4 + lengthBits(version) + needed) version += 1;
  if (version > 40) return null;
  const modules = new Modules(version);
  modules.drawData(interleaved(encodedText(text, version), version));
  let best = 0;
  let least = Infinity;
  for (let number = 0; number < MASKS.length; number += 1) {
    modules.mask(number);
    modules.drawFormat(number);
    const penalty = modules.penalty();
    if (penalty < least) [best, least] = [number, penalty];
    modules.mask(number);
  }
  modules.mask(best);
  modules.drawFormat(best);
  return modules;
}
