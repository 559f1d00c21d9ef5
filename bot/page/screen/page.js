// Files go into the closed frame, hashes come out, and are shown. This side never reads what is in a file.

const STUCK_MS = 180_000;
const SLOWEST_START_MS = 20_000;
const TICK_MS = 5_000;
const LINE = /^V?PDQ1:[0-9A-Za-z:_=-]+$/;

const entries = [];
let numbers = 0;
let isReady = false;
let watch = 0;
let troubleKey = "";

// What can be copied: sketches are saved, each by itself.
const allLines = () => [...new Set(entries.flatMap(({ isPhoto, result }) => (isPhoto ? [] : result?.lines ?? [])))];
const working = () => entries.find(({ state }) => state === "working");
const room = () => find("frame").contentWindow;

function tellTrouble(key) {
  troubleKey = key;
  find("problem").hidden = !key;
  find("problem").textContent = key ? say(key) : "";
}

function choose(files, isPhoto = false) {
  for (const file of files) {
    numbers += 1;
    const entry = {
      number: numbers, file, isPhoto, state: "waiting", done: 0, result: null, why: "", item: null, preview: null,
    };
    entries.push(entry);
    drawEntry(entry, remove);
    find("entries").append(entry.item);
  }
  goOn();
}

function remove(entry) {
  hidePreview(entry);
  entry.item.remove();
  entries.splice(entries.indexOf(entry), 1);
  tellAll();
  find(entry.isPhoto ? "photos" : "files").focus();
}

// The next file that waits goes into the frame.
function goOn() {
  if (isReady && !working()) {
    const next = entries.find(({ state }) => state === "waiting");
    if (next) {
      next.state = "working";
      drawEntry(next, remove);
      watchFrame();
      room().postMessage({ number: next.number, file: next.file, isPhoto: next.isPhoto }, "*");
    }
  }
  tellAll();
}

function tellAll() {
  const count = (wanted) => entries.filter(({ state }) => state === wanted).length;
  const ended = count("done") + count("refused");
  const isAtWork = ended < entries.length;
  find("work").hidden = !entries.length;
  find("progress").hidden = !isAtWork;
  find("progress").value = entries.length ? (ended + (working()?.done ?? 0)) / entries.length : 0;
  const sketches = entries.filter(({ isPhoto, result }) => isPhoto && result).length;
  const outcome = sketches ? "ended-photos" : count("refused") ? "ended-some" : "ended";
  const told = isAtWork
    ? say("at-work", { ended, of: entries.length })
    : say(outcome, { done: count("done") - sketches, sketches, refused: count("refused") });
  if (find("status").textContent !== told) find("status").textContent = told;
  const lines = isAtWork ? [] : allLines();
  showHands(lines);
  showCode(lines);
  showTelegram(lines);
}

// What the frame says is taken for what it is: a file's decoder may have gone wrong in there.
function isResult(result, isPhoto) {
  const [kinds, line] = isPhoto ? [["photo"], SKETCH] : [["picture", "video", "animation"], LINE];
  return typeof result === "object" && kinds.includes(result?.kind)
    && Array.isArray(result.lines) && result.lines.length > 0
    && result.lines.every((text) => typeof text === "string" && line.test(text));
}

function hear({ source, data }) {
  if (source !== room()) return;
  if (data.isReady) {
    isReady = true;
    tellTrouble(`why-${data.why}` in TEXTS.ko ? `why-${data.why}` : "");
    goOn();
    return;
  }
  const entry = entries.find(({ number, state }) => number === data.number && state === "working");
  if (!entry) return;
  if (data.result || data.why) {
    clearInterval(watch);
    if (isResult(data.result, entry.isPhoto)) Object.assign(entry, { state: "done", result: data.result });
    else Object.assign(entry, { state: "refused", why: `why-${data.why}` in TEXTS.ko ? data.why : "unreadable" });
    drawEntry(entry, remove);
    goOn();
  } else {
    watchFrame();
    entry.done = Math.min(Math.max(Number(data.done) || 0, 0), 1);
    entry.item.querySelector(".state").textContent = stateOf(entry);
    tellAll();
  }
}

// Calls `late` once so much time has passed in which the device was awake: while it sleeps nothing goes on in the frame
// either. Gives what `clearInterval` ends.
function afterAwake(ms, late) {
  let ticks = ms / TICK_MS;
  const timer = setInterval(() => {
    ticks -= 1;
    if (ticks > 0) return;
    clearInterval(timer);
    late();
  }, TICK_MS);
  return timer;
}

// A frame that says nothing for so long is put away for a new one.
function watchFrame() {
  clearInterval(watch);
  watch = afterAwake(STUCK_MS, () => {
    const entry = working();
    Object.assign(entry, { state: "refused", why: "stuck" });
    drawEntry(entry, remove);
    isReady = false;
    find("frame").replaceWith(find("frame").cloneNode());
    watchStart();
    tellAll();
  });
}

function watchStart() {
  afterAwake(SLOWEST_START_MS, () => { if (!isReady) tellTrouble("no-frame"); });
}

function takeChosen(input, isPhoto) {
  input.addEventListener("change", () => {
    choose([...input.files], isPhoto);
    input.value = "";
  });
}

function prepareChoosing() {
  takeChosen(find("files"), false);
  window.addEventListener("dragover", (event) => event.preventDefault());
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    choose([...event.dataTransfer.files]);
  });
}

window.addEventListener("message", hear);
prepareChoosing();
prepareHands();
prepareCodes(allLines);
prepareLeaving();
prepareTelegram();
preparePhotos();
find("language").addEventListener("click", () => {
  speak(language === "ko" ? "en" : "ko");
  entries.forEach((entry) => drawEntry(entry, remove));
  tellTrouble(troubleKey);
  tellAll();
});
watchStart();
speak(language);
find("unscripted").remove();
