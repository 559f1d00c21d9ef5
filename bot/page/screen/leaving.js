// The quick exit: what is on the screen goes at once, then the page itself. The way back in the tab's history leads to
// nothing of it. An empty page comes instead: a page with an address would tell somebody that this one was open.

const TIMES = 2;
const WITHIN_MS = 800;

function leave() {
  document.title = "";
  document.body.replaceChildren();
  if (isInTelegram) tellTelegram("web_app_close");
  window.location.replace("about:blank");
  // Only windows that a program has opened can be closed by it, such as the one inside of Telegram.
  window.close();
}

function prepareLeaving() {
  let presses = [];
  find("leave").addEventListener("click", leave);
  window.addEventListener("keydown", ({ key, timeStamp }) => {
    presses = key === "Escape" ? [...presses, timeStamp].slice(-TIMES) : [];
    if (presses.length === TIMES && timeStamp - presses[0] <= WITHIN_MS) leave();
  });
  // A page that comes back from the browser's memory would show everything again.
  window.addEventListener("pageshow", ({ persisted }) => { if (persisted) leave(); });
}
