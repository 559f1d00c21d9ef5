// Hashes of pictures as QR codes, for a bot that is open on another device. Capital letters make them smaller, and the
// bot reads both. The texts of videos are too long for that.

const LONGEST_CODE = 400;
const MOST_CODES = 20;
const QUIET_MODULES = 4;
const MODULE_PIXELS = 6;

const isForCodes = (line) => line.startsWith("PDQ1:");
const codeTexts = (lines) => packed(lines.filter(isForCodes).map((line) => line.toUpperCase()), LONGEST_CODE, " ");

let shownCode = 0;

function draw(code, canvas) {
  const side = (code.size + 2 * QUIET_MODULES) * MODULE_PIXELS;
  [canvas.width, canvas.height] = [side, side];
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  context.fillStyle = "#000";
  code.dark.forEach((isDark, at) => {
    const [x, y] = [at % code.size, Math.floor(at / code.size)].map((place) => (place + QUIET_MODULES) * MODULE_PIXELS);
    if (isDark) context.fillRect(x, y, MODULE_PIXELS, MODULE_PIXELS);
  });
}

function showCode(lines) {
  const texts = codeTexts(lines);
  const isOpen = find("show-codes").getAttribute("aria-expanded") === "true";
  find("show-codes").hidden = !texts.length || texts.length > MOST_CODES;
  find("codes").hidden = !isOpen || find("show-codes").hidden;
  if (find("codes").hidden) return;
  shownCode = Math.min(Math.max(shownCode, 0), texts.length - 1);
  draw(qrCode(texts[shownCode]), find("code"));
  const place = say("code-place", { number: shownCode + 1, of: texts.length });
  find("code").setAttribute("aria-label", place);
  find("code-place").textContent = place;
  find("codes-how").textContent = say(lines.every(isForCodes) ? "codes-how" : "codes-how-videos");
  find("code-back").disabled = shownCode === 0;
  find("code-next").disabled = shownCode === texts.length - 1;
}

// `linesOf` gives the lines that are to be shown.
function prepareCodes(linesOf) {
  const turn = (by) => { shownCode += by; showCode(linesOf()); };
  find("show-codes").addEventListener("click", () => {
    const isOpen = find("show-codes").getAttribute("aria-expanded") === "true";
    find("show-codes").setAttribute("aria-expanded", String(!isOpen));
    turn(-shownCode);
  });
  find("code-back").addEventListener("click", () => turn(-1));
  find("code-next").addEventListener("click", () => turn(1));
}
