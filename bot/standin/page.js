// The demo page: chats side by side, drawn from the state that the stand-in sends at each change.

import { drawMessage, isChannel, make } from "./page_message.js";
import { speak, spoken, t } from "./page_texts.js";

const MAX_FILE_BYTES = 40 * 2 ** 20;

const $ = (id) => document.getElementById(id);
const views = new Map(); // chat id -> the pane's elements and what they show
let state = null;
let seenAnswers = null;

// --- asking the stand-in -----------------------------------------------------------------------------

async function post(path, body) {
  try {
    const answer = await fetch(`control/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    if (!answer.ok) {
      const { reason } = await answer.json().catch(() => ({ reason: answer.statusText }));
      toast(reason);
    }
    return answer.ok;
  } catch {
    toast(t("lost"));
    return false;
  }
}
const act = (pane, name, body) => post(`act/${name}`, { chat_id: pane.chat.id, user_id: pane.person.id, ...body });

// --- the frame ---------------------------------------------------------------------------------------

function drawFrame() {
  document.documentElement.lang = spoken();
  const other = $("language");
  other.textContent = t("other");
  other.lang = t("otherLang");
  $("tabs").setAttribute("aria-label", t("chats"));
  const play = $("play");
  play.hidden = !state.can_play;
  play.disabled = state.playing;
  play.textContent = state.playing ? t("playing") : t("play");
  const line = state.narration[spoken()] || t("idle");
  if ($("narration").textContent !== line) $("narration").textContent = line;
  document.title = `Jikimi 지킴이: ${t("channel")}, ${t("victim")}, ${t("staff")}`;
}
$("language").addEventListener("click", () => {
  speak(t("otherLang"));
  for (const view of views.values()) for (const entry of view.drawn.values()) entry[0] = "";
  draw();
});
$("play").addEventListener("click", () => post("play", {}));

function show(chatId) {
  for (const [id, view] of views) {
    view.section.classList.toggle("shown", id === chatId);
    view.tab.setAttribute("aria-pressed", String(id === chatId));
    if (id === chatId) {
      view.tab.classList.remove("unread");
      toEnd(view);
    }
  }
}

// --- panes -------------------------------------------------------------------------------------------

function newView(pane) {
  const area = make("textarea", { rows: 1, onkeydown: (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); submit(); }
  } });
  const picker = make("input", { type: "file", hidden: true, onchange: () => {
    for (const file of picker.files) sendFile(views.get(pane.chat.id).pane, file);
    picker.value = "";
  } });
  const view = {
    pane, area, picker,
    atEnd: true, // the log follows what is new until a person scrolls up
    scrolledTo: 0,
    drawn: new Map(), // message id -> [JSON shown, element]
    title: make("h2", { id: `title${pane.chat.id}` }),
    hint: make("p"),
    log: make("div", { class: "log", role: "log", tabindex: 0, "aria-labelledby": `title${pane.chat.id}` }),
    commands: make("ul", { class: "commands", hidden: true }),
    replies: make("div", { class: "keys" }),
    device: make("figure", { class: "device", hidden: true }, make("img", {}), make("figcaption")),
    drop: make("div", { class: "drop", "aria-hidden": "true" }),
    tab: make("button", { type: "button", class: "tab", "data-role": pane.role, onclick: () => show(pane.chat.id) }),
    slash: make("button", { type: "button", class: "icon", "aria-expanded": "false", onclick: () => {
      view.commands.hidden = !view.commands.hidden;
      view.slash.setAttribute("aria-expanded", String(!view.commands.hidden));
    } }, "/"),
    attach: make("button", { type: "button", class: "icon", onclick: () => picker.click() }, "＋"),
    send: make("button", { type: "submit", class: "send" }),
  };
  async function submit() {
    const text = area.value.trim();
    if (text && await act(view.pane, "send_text", { text })) area.value = "";
  }
  view.section = make("section", { class: "pane", "data-role": pane.role, "aria-labelledby": `title${pane.chat.id}` },
    make("div", { class: "head" }, view.title, view.hint),
    view.log,
    view.device,
    make("form", { class: "write", onsubmit: (e) => { e.preventDefault(); submit(); } },
      view.replies, view.commands,
      make("div", { class: "line" }, view.slash, view.attach, picker, area, view.send)),
    view.drop);
  const { log } = view;
  log.addEventListener("scroll", () => {
    const isNear = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    // What is new below takes nobody away from the end; a person who scrolls up does.
    if (isNear || log.scrollTop < view.scrolledTo) view.atEnd = isNear;
    view.scrolledTo = log.scrollTop;
  });
  log.addEventListener("load", () => toEnd(view), true);
  acceptDrops(view);
  $("panes").append(view.section);
  $("tabs").append(view.tab);
  return view;
}

function toEnd(view) {
  if (view.atEnd) view.log.scrollTop = view.log.scrollHeight;
}

function acceptDrops(view) {
  const { section } = view;
  section.addEventListener("dragover", (e) => { e.preventDefault(); section.classList.add("dropping"); });
  section.addEventListener("dragleave", (e) => {
    if (!section.contains(e.relatedTarget)) section.classList.remove("dropping");
  });
  section.addEventListener("drop", (e) => {
    e.preventDefault();
    section.classList.remove("dropping");
    for (const file of e.dataTransfer.files) sendFile(view.pane, file);
  });
}

async function sendFile(pane, file) {
  if (file.size > MAX_FILE_BYTES) return toast(t("tooBig"));
  let as = file.type.startsWith("video/") ? "video" : "document";
  if (file.type.startsWith("image/")) {
    as = await ask(t("how", file.name), [["photo", t("asPhoto")], ["document", t("asFile")]]);
    if (!as) return undefined;
  }
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    const data = reader.result.slice(reader.result.indexOf(",") + 1);
    act(pane, "send_file", { data, as, name: file.name, mime_type: file.type || null });
  });
  return reader.readAsDataURL(file);
}

function drawPane(view, pane) {
  view.pane = pane;
  const name = pane.chat.title || state.me.first_name;
  view.title.replaceChildren(make("b", {}, t(pane.role)), ` · ${name}`);
  view.hint.textContent = t(`${pane.role}Hint`, pane.person.first_name);
  view.tab.textContent = t(pane.role);
  view.drop.textContent = t("drop");
  view.send.textContent = t("send");
  view.attach.setAttribute("aria-label", t("attach"));
  view.attach.title = t("attach");
  view.slash.setAttribute("aria-label", t("commands"));
  view.slash.title = t("commands");
  const label = isChannel(pane) ? t("writePost") : t("write");
  view.area.placeholder = label;
  view.area.setAttribute("aria-label", `${label}: ${name}`);
  drawCommands(view, pane);
  drawDevice(view, pane);
  view.replies.replaceChildren(...(pane.chat.reply_keyboard?.keyboard ?? []).map((row) =>
    make("div", {}, ...row.map((key) => make("button", { type: "button", class: "key", onclick: () => tap(pane, key) }, key.text)))));
  drawLog(view, pane);
}

function drawCommands(view, pane) {
  const list = pane.commands[spoken()] ?? pane.commands[""] ?? Object.values(pane.commands)[0] ?? [];
  view.slash.hidden = list.length === 0 || isChannel(pane);
  view.commands.replaceChildren(...list.map(({ command, description }) =>
    make("li", {}, make("button", { type: "button", onclick: () => {
      view.area.value = `/${command} `;
      view.area.focus();
    } }, `/${command} `, make("small", {}, description)))));
}

// A picture that never leaves the person's device: only this page draws it, beside the chat and not in it.
function drawDevice({ device }, pane) {
  device.hidden = !pane.on_device;
  if (device.hidden) return;
  const [picture, caption] = device.children;
  if (picture.src !== pane.on_device) picture.src = pane.on_device;
  picture.alt = t("picture");
  caption.textContent = t("device", pane.person.first_name);
}

async function tap(pane, key) {
  if (!key.request_chat) return act(pane, "tap", { text: key.text });
  const chats = pane.pickable[key.text] ?? [];
  if (!chats.length) return toast(t("none"));
  const picked = await ask(t("pick"), chats.map((chat) => [String(chat.id), chat.title]));
  return picked && act(pane, "tap", { text: key.text, picked_chat_id: Number(picked) });
}

function drawLog(view, pane) {
  const { log, drawn } = view;
  const first = drawn.size === 0;
  const shown = new Set();
  let added = false;
  log.querySelector(".empty")?.remove();
  for (const [number, message] of pane.chat.messages.entries()) {
    shown.add(message.message_id);
    const json = JSON.stringify(message);
    const [before, old] = drawn.get(message.message_id) ?? [];
    if (before === json) continue;
    const press = (key) =>
      act(pane, "press", { message_id: message.message_id, button: key.callback_data ?? key.text });
    const remove = () => act(pane, "delete", { message_id: message.message_id });
    const element = drawMessage(pane, message, { press, follow, remove });
    if (old?.isConnected) {
      const focused = [...old.querySelectorAll("button, a")].indexOf(document.activeElement);
      old.replaceWith(element);
      if (focused >= 0) (element.querySelectorAll("button, a")[focused] ?? log).focus();
    } else {
      if (!first) element.classList.add("fresh");
      // Where newer ones are deleted, older ones come into view before the rest.
      const next = pane.chat.messages.slice(number + 1).map((later) => drawn.get(later.message_id)?.[1]).find((one) => one?.isConnected);
      if (next) next.before(element);
      else log.append(element);
      added = true;
    }
    drawn.set(message.message_id, [json, element]);
  }
  for (const [id, [, element]] of drawn) {
    if (!shown.has(id)) { element.remove(); drawn.delete(id); }
  }
  if (shown.size === 0) log.replaceChildren(make("p", { class: "empty" }, t(`${pane.role}Empty`)));
  if (added && !first && !view.section.classList.contains("shown")) view.tab.classList.add("unread");
  toEnd(view);
}

// --- links ---------------------------------------------------------------------------------------

// Telegram's links to a message of a pane lead there; there is no Telegram behind the demo.
function follow(event, url) {
  const found = /^https:\/\/t\.me\/(?:c\/(\d+)|(\w+))\/(?:\d+\/)?(\d+)/.exec(url);
  if (!found) return;
  event.preventDefault();
  const [, number, username, message] = found;
  const view = [...views.values()].find(({ pane: { chat } }) =>
    (number && String(chat.id) === `-100${number}`) || (username && chat.username?.toLowerCase() === username.toLowerCase()));
  const target = view && $(`m${view.pane.chat.id}_${message}`);
  if (!target) return toast(t("notHere"));
  show(view.pane.chat.id);
  target.scrollIntoView({ block: "center" });
  target.classList.add("lit");
  setTimeout(() => target.classList.remove("lit"), 2500);
}

// --- notices and questions ---------------------------------------------------------------------------

function toast(text) {
  const element = make("div", { class: "toast" }, text);
  $("toasts").append(element);
  setTimeout(() => element.remove(), 5000);
}

/** Ask with one button per choice; resolves to the chosen value, or "" when it is closed. */
function ask(question, choices, closing = t("cancel")) {
  const dialog = $("dialog");
  const button = ([value, label], kind) => make("button", { value, class: kind }, label);
  dialog.replaceChildren(make("form", { method: "dialog" }, make("h2", {}, question), make("div", { class: "choices" },
    ...choices.map((choice) => button(choice, "key")), button(["", closing], "quiet"))));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

function drawAnswers() {
  const people = new Set(state.panes.map((pane) => pane.person.id));
  const answers = state.presses.flatMap((press) => press.answers.map((answer, n) => ({ ...answer, key: `${press.id}.${n}`, press })));
  if (seenAnswers) {
    for (const { key, text, show_alert: alert, press } of answers) {
      if (seenAnswers.has(key) || !text || !people.has(press.user_id)) continue;
      if (alert && !$("dialog").open) ask(text, [], t("ok"));
      else toast(text);
    }
  }
  seenAnswers = new Set(answers.map(({ key }) => key));
}

// --- drawing all -------------------------------------------------------------------------------------

function draw() {
  drawFrame();
  for (const pane of state.panes) {
    if (!views.has(pane.chat.id)) {
      views.set(pane.chat.id, newView(pane));
      if (views.size === 1) show(pane.chat.id);
    }
    drawPane(views.get(pane.chat.id), pane);
  }
  drawAnswers();
}

const events = new EventSource("control/events");
events.addEventListener("message", ({ data }) => { state = JSON.parse(data); draw(); });
events.addEventListener("error", () => { if (state) $("narration").textContent = t("lost"); });
