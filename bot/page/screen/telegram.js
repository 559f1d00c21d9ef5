// The way to the bot where Telegram itself shows this page: what Telegram's script does for `sendData`, written anew
// because this page loads nothing. Telegram takes 4,096 bytes each time the page is opened and closes it then; nothing
// is kept here, so that the same files are chosen again for the next part, and give the same parts.

const MOST_PARTS = 99;
const NOT_TAKEN_MS = 5_000;
// Where hashes can be sent from here, other words are true.
const WORDS_THERE = {
  "promise": "promise-telegram", "give-how": "give-how-telegram", "answer-safe": "answer-safe-telegram",
  "photo-what": "photo-what-telegram",
};

const isInTelegram = /[#&?]tgWebAppVersion=/.test(window.location.hash);

// Apps on phones and computers have the first way, old ones the second, Telegram in a browser the third: there this
// page is in a frame, and the server it is from lets no other site frame it.
function tellTelegram(eventType, eventData = "") {
  const { TelegramWebviewProxy: app, external: older } = window;
  if (app) app.postEvent(eventType, JSON.stringify(eventData));
  else if (older && "notify" in older) older.notify(JSON.stringify({ eventType, eventData }));
  else if (window.parent !== window) window.parent.postMessage(JSON.stringify({ eventType, eventData }), "*");
}

// The lines in parts that Telegram takes, the same whatever order the files were chosen in.
const textsOf = (lines) => packed([...lines].sort(), LONGEST_MESSAGE);

async function digestOf(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A part says which set it is of, its number, how many there are, and a check of all of that and of its lines.
async function partOf(lines, at) {
  const texts = textsOf(lines);
  const set = (await digestOf(texts.join("\n"))).slice(0, 16);
  const place = `${set}:${at + 1}:${texts.length}`;
  const check = (await digestOf(`${place}\n${texts[at]}`)).slice(0, 8);
  return `JKP1:${place}:${check}\n${texts[at]}`;
}

async function sendPart(lines, at) {
  tellTelegram("web_app_data_send", { data: await partOf(lines, at) });
  find("given").textContent = say("sent");
  setTimeout(() => { find("given").textContent = say("not-taken"); }, NOT_TAKEN_MS);
}

function showTelegram(lines) {
  const texts = isInTelegram ? textsOf(lines) : [];
  const isTooMany = texts.length > MOST_PARTS;
  find("telegram").hidden = !texts.length;
  find("copy").classList.toggle("main", !texts.length || isTooMany);
  find("parts-how").hidden = texts.length < 2;
  find("parts-how").dataset.text = isTooMany ? "parts-many" : "parts-how";
  find("parts-how").textContent = say(find("parts-how").dataset.text);
  find("part-buttons").replaceChildren(...(isTooMany ? [] : texts).map((_, at) => {
    const label = texts.length < 2 ? say("send") : say("send-part", { number: at + 1, of: texts.length });
    const button = make("button", label, { type: "button", className: "main" });
    button.addEventListener("click", () => sendPart(lines, at));
    return button;
  }));
}

function prepareTelegram() {
  if (!isInTelegram) return;
  for (const [anywhere, there] of Object.entries(WORDS_THERE)) {
    document.querySelector(`[data-text="${anywhere}"]`).dataset.text = there;
  }
  // The windows inside of Telegram save no files.
  [find("save").hidden, find("photo-open").hidden] = [true, true];
  tellTelegram("iframe_ready");
  tellTelegram("web_app_ready");
  tellTelegram("web_app_expand");
}
