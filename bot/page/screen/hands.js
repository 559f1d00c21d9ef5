// Ways for hashes from this page to the bot: the clipboard, and a file. (Codes for another device: codes.js.)

// A message of Telegram's holds 4,096 characters.
const LONGEST_MESSAGE = 4000;
const SAVED_AS = "jikimi.txt";

// Lines put together into as few texts as may be, none longer than `longest`, with `between` between the lines.
function packed(lines, longest, between = "\n") {
  const texts = [];
  for (const line of lines) {
    const last = texts.length - 1;
    if (last >= 0 && texts[last].length + between.length + line.length <= longest) texts[last] += between + line;
    else texts.push(line);
  }
  return texts;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages without TLS, and the browsers inside of some apps.
    const focused = document.activeElement;
    const field = make("textarea", text, { readOnly: true, className: "unseen" });
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    focused?.focus({ preventScroll: true });
    return isCopied;
  }
}

async function offer(text, told) {
  const isCopied = await copy(text);
  find("given").textContent = say(isCopied ? told : "not-copied");
  return isCopied;
}

function saveAs(name, text) {
  const url = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
  make("a", "", { href: url, download: name }).click();
  // Not before the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function save(text) {
  saveAs(SAVED_AS, text);
  find("given").textContent = say("saved", { file: SAVED_AS });
}

function showHands(lines) {
  find("give").hidden = !lines.length;
  find("all").value = lines.join("\n");
  find("given").textContent = "";
  const pieces = packed(lines, LONGEST_MESSAGE);
  find("pieces").hidden = pieces.length < 2;
  find("piece-buttons").replaceChildren(...pieces.map((piece, at) => {
    const place = { number: at + 1, of: pieces.length };
    const button = make("button", say("copy-piece", place), { type: "button" });
    button.addEventListener("click", async () => {
      if (await offer(piece, "copied-piece")) button.textContent = say("copy-piece-again", place);
    });
    return button;
  }));
}

function prepareHands() {
  find("copy").addEventListener("click", () => offer(find("all").value, "copied"));
  find("save").addEventListener("click", () => save(find("all").value));
  find("all").addEventListener("focus", () => find("all").select());
}
