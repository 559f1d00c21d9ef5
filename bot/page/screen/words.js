// The texts, in the language that the person's device speaks, or that they choose.

let language = (navigator.languages[0] ?? "ko").startsWith("ko") ? "ko" : "en";

// Values stand in braces: "{count} files".
function say(key, values = {}) {
  return TEXTS[language][key].replace(/{(\w+)}/g, (_, name) => values[name]);
}

const find = (id) => document.getElementById(id);

// An element of `tag` with this text and these properties.
function make(tag, text, properties = {}) {
  return Object.assign(document.createElement(tag), properties, { textContent: text });
}

function clock(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function speak(chosen) {
  language = chosen;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
  find("language").lang = language === "ko" ? "en" : "ko";
}
