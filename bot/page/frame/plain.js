// Hashes that say too little: see matcher/plain.py. The largest singular value of the 16 x 16 matrix of signs is at
// most MOST_PLAIN where MOST_PLAIN squared times the identity, less the matrix times itself, can be factored by Cholesky.

const MOST_PLAIN = 12;
const ROUNDING = 1e-6;

function isPlain(bits) {
  const n = COEFFICIENTS;
  const sign = (row, column) => (bits[row * n + column] ? 1 : -1);
  const factor = Array.from({ length: n }, () => new Float64Array(n));
  for (let row = 0; row < n; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let left = row === column ? MOST_PLAIN ** 2 + ROUNDING : 0;
      for (let at = 0; at < n; at += 1) left -= sign(row, at) * sign(column, at);
      for (let at = 0; at < column; at += 1) left -= factor[row][at] * factor[column][at];
      if (row !== column) factor[row][column] = left / factor[column][column];
      else if (left <= 0) return true;
      else factor[row][row] = Math.sqrt(left);
    }
  }
  return false;
}
