// The files that were chosen, and what became of each.

const MARKS = { waiting: "○", working: "◐", done: "✓", refused: "!" };

// An entry is { number, file, isPhoto, state, done, result, why, item, preview }; it is drawn anew whenever it changes, and
// the button that was pressed, or its successor, stays where the keyboard and screen readers are. Browsers that translate
// send their makers what they are not kept from: names of files, and hashes.
function drawEntry(entry, onRemove) {
  const { file, state, result } = entry;
  entry.item ??= make("li", "");
  const held = entry.item.contains(document.activeElement) ? document.activeElement.id : "";
  entry.item.dataset.state = state;
  const words = make("div", "", { className: "words" });
  const name = make("p", file.name, { className: "file", id: `file-${entry.number}`, translate: false });
  words.append(name, make("p", stateOf(entry), { className: "state" }));
  if (result && !entry.isPhoto) words.append(make("p", say("quality", { quality: result.quality }), { className: "small" }));
  const buttons = make("div", "", { className: "buttons" });
  const labelled = (text, act, place = text) => {
    const button = make("button", say(text), { type: "button", className: "quiet" });
    button.id = `${place}-${entry.number}`;
    button.setAttribute("aria-labelledby", `${button.id} ${name.id}`);
    button.addEventListener("click", act);
    buttons.append(button);
  };
  if (result && entry.isPhoto) labelled("save-sketch", () => saveSketch(entry));
  if (state !== "working") labelled("remove", () => onRemove(entry));
  if (isShowable(file)) {
    labelled(entry.preview ? "hide" : "show", () => {
      if (entry.preview) hidePreview(entry);
      else showPreview(entry);
      drawEntry(entry, onRemove);
    }, "show");
  }
  if (result && !entry.isPhoto) {
    const details = make("details", "");
    const lines = make("pre", result.lines.join("\n"), { tabIndex: 0, translate: false });
    details.append(make("summary", say("hashes-of-file", { count: result.lines.length })), lines);
    words.append(details);
  }
  const mark = make("span", MARKS[state], { className: "mark" });
  mark.setAttribute("aria-hidden", "true");
  entry.item.replaceChildren(mark, words, buttons, ...(entry.preview ? [entry.preview] : []));
  if (held) find(held)?.focus();
}

function stateOf({ state, done, result, why }) {
  if (state === "refused") return say(`why-${why}`);
  if (state === "working") return say("working", { percent: Math.round(100 * done) });
  if (state === "waiting") return say("waiting");
  const { kind, width, height, durationMs, looked, frames, features, lines } = result;
  if (kind === "photo") return say("done-photo", { features, width, height });
  if (kind === "picture") return say("done-picture", { count: lines.length, width, height });
  return say(`done-${kind}`, { length: clock(durationMs), looked, frames });
}

const isShowable = (file) => /^(image|video)\//.test(file.type);

// Pictures are shown only to who asks for it, and never bigger than a thumb.
function showPreview(entry) {
  const isVideo = entry.file.type.startsWith("video/");
  const url = URL.createObjectURL(entry.file);
  entry.preview = Object.assign(document.createElement(isVideo ? "video" : "img"), { src: url, className: "preview", translate: false });
  if (isVideo) Object.assign(entry.preview, { muted: true, playsInline: true });
  else entry.preview.alt = say("preview-of", { file: entry.file.name });
}

function hidePreview(entry) {
  if (!entry.preview) return;
  URL.revokeObjectURL(entry.preview.src);
  entry.preview.removeAttribute("src");
  entry.preview = null;
}
