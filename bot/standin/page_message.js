// One message as the page shows it: sender, media, formatted text, inline buttons.

import { spoken, t } from "./page_texts.js";

const SERVICE = ["new_chat_members", "left_chat_member", "migrate_to_chat_id", "migrate_from_chat_id"];

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const isChannel = (pane) => pane.chat.type === "channel";

/** `acts.press(key)` presses an inline button, `acts.follow(event, url)` sees each link before it is followed, and
 *  `acts.remove()` deletes the message. */
export function drawMessage(pane, message, acts) {
  const id = `m${message.chat.id}_${message.message_id}`;
  if (SERVICE.some((field) => field in message)) return make("article", { id, class: "message service" }, service(message));
  const mine = !isChannel(pane) && message.by === pane.person.id;
  const bubble = make("div", { class: "bubble" }, ...[
    sender(pane, message, mine), origin(message), quote(message), picture(message), file(message),
    body(message, acts), meta(pane, message, acts)].filter(Boolean));
  return make("article", { id, class: `message${mine ? " mine" : ""}` }, bubble, inlineKeys(message, acts));
}

function service(message) {
  const names = (message.new_chat_members ?? []).map((user) => user.first_name).join(", ");
  if (names) return t("joined", names);
  if (message.left_chat_member) return t("left", message.left_chat_member.first_name);
  return t("unsupported");
}

function sender(pane, message, mine) {
  if (mine) return make("p", { class: "from" }, t("you"));
  if (message.sender_chat) return make("p", { class: "from" }, message.author_signature ?? message.sender_chat.title);
  const label = message.from.is_bot ? `${message.from.first_name} (${t("bot")})` : message.from.first_name;
  return make("p", { class: "from" }, label);
}

function origin({ forward_origin: from }) {
  if (!from) return null;
  const name = from.chat?.title ?? from.sender_user?.first_name ?? from.sender_user_name ?? t("hidden");
  return make("p", { class: "forwarded" }, t("forwarded", name));
}

function quote({ reply_to_message: to }) {
  return to ? make("p", { class: "quote" }, (to.text ?? to.caption ?? "…").slice(0, 80)) : null;
}

function picture(message) {
  const sizes = message.photo ?? message.video?.cover;
  const shown = sizes?.at(-1) ?? (message.document?.mime_type?.startsWith("image/") ? message.document
    : message.sticker && !message.sticker.is_animated && !message.sticker.is_video ? message.sticker : null);
  return shown ? make("img", {
    class: "picture", src: `control/file/${shown.file_id}`, alt: message.caption ?? t("picture"),
    width: shown.width, height: shown.height,
  }) : null;
}

function file(message) {
  const kind = ["document", "video", "animation", "video_note"].find((name) => name in message);
  if (!kind) return null;
  const { file_id: id, file_name: name, file_size: size } = message[kind];
  return make("div", { class: "file" }, make("span", {},
    make("a", { href: `control/file/${id}`, download: name ?? kind }, name ?? t(kind === "document" ? "file" : "video")),
    make("small", {}, size > 99999 ? `${(size / 1e6).toFixed(1)} MB` : `${Math.ceil(size / 1000)} KB`)));
}

function body(message, acts) {
  const text = message.text ?? message.caption;
  if (text) return make("p", { class: "text" }, ...formatted(text, message.entities ?? message.caption_entities ?? [], acts));
  if (message.chat_shared) return make("p", { class: "text" }, t("shared", message.chat_shared.title ?? ""));
  const known = ["photo", "document", "video", "animation", "video_note", "sticker"].some((name) => name in message);
  return known ? null : make("p", { class: "text" }, t("unsupported"));
}

function meta(pane, message, acts) {
  const at = new Date(message.date * 1000);
  const time = make("time", { datetime: at.toISOString() },
    at.toLocaleTimeString(spoken(), { hour: "2-digit", minute: "2-digit", hour12: false }));
  const remove = isChannel(pane) && message.by === pane.person.id
    ? make("button", { type: "button", class: "remove", onclick: () => acts.remove() }, t("delete")) : "";
  return make("p", { class: "meta" }, remove, message.edit_date ? `${t("edited")} ` : "", time);
}

// Entities nest; their offsets count UTF-16 units, as JavaScript's strings do.
function formatted(text, entities, acts, begin = 0, end = text.length) {
  const nodes = [];
  let at = begin;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const to = Math.min(entity.offset + entity.length, end);
    const inside = [];
    for (index += 1; index < entities.length && entities[index].offset < to; index += 1) inside.push(entities[index]);
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    nodes.push(wrap(entity, acts, text.slice(entity.offset, to), formatted(text, inside, acts, entity.offset, to)));
    at = to;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function wrap(entity, acts, plain, nodes) {
  const tags = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
    blockquote: "blockquote", expandable_blockquote: "blockquote" };
  if (entity.type in tags) return make(tags[entity.type], {}, ...nodes);
  if (entity.type === "spoiler") return make("span", { class: "spoiler", tabindex: 0 }, ...nodes);
  if (entity.type === "text_link") return link(entity.url, acts, {}, ...nodes);
  if (entity.type === "url") return link(plain, acts, {}, ...nodes);
  return make("span", {}, ...nodes);
}

function link(url, acts, attributes, ...nodes) {
  const full = /^[a-z]+:/i.test(url) ? url : `https://${url}`;
  const safe = /^(https?|tg|mailto|tel):/i.test(full) ? full : "#";
  return make("a", { ...attributes, href: safe, target: "_blank", rel: "noopener noreferrer", onclick: (e) => acts.follow(e, full) }, ...nodes);
}

function inlineKeys(message, acts) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return make("div", { class: "keys" }, ...rows.map((row) => make("div", {}, ...row.map((key) => key.url
    ? link(key.url, acts, { class: "key link" }, key.text)
    : make("button", { type: "button", class: "key", onclick: () => acts.press(key) }, key.text)))));
}
