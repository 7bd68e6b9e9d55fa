// Keeps an open page fresh: asks for it again when /events says so, and swaps in the parts that changed.
"use strict";

const REFRESH_MS = 30_000;
const lost = document.getElementById("lost");

let events;
let running = false;
let again = false;

async function refresh() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    const response = await fetch(location.pathname + location.search, { headers: { accept: "text/html" } });
    // The session has ended, or what this page shows is gone: let the browser show that.
    if (response.status >= 400 && response.status < 500) return location.reload();
    if (response.ok) swap(new DOMParser().parseFromString(await response.text(), "text/html"));
    lost.hidden = response.ok;
  } catch {
    lost.hidden = false;
  } finally {
    running = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

/** Lets this address name what was asked for last: the page then says what becomes of it. */
function show(notice) {
  const address = new URL(location.href);
  address.searchParams.set("notice", new URL(notice, address).searchParams.get("notice"));
  history.replaceState(null, "", address);
}

/** Replaces only what differs, so that a screen reader announces the headline once and focus stays. */
function swap(fresh) {
  const focused = document.activeElement?.id;
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (next === null || next.innerHTML === part.innerHTML) continue;
    part.className = next.className;
    part.replaceChildren(...document.adoptNode(next).childNodes);
  }
  document.title = fresh.title;
  if (focused && document.activeElement?.id !== focused) {
    // What had it may be gone, such as the row of what was dropped.
    (document.getElementById(focused) ?? document.getElementById("main")).focus({ preventScroll: true });
  }
}

function listen() {
  events?.close();
  events = undefined;
  if (document.hidden) return;
  // Every stream begins with an event, so a page that was away catches up at once.
  events = new EventSource("/events");
  events.addEventListener("status", refresh);
  events.addEventListener("error", () => {
    if (events?.readyState === EventSource.CLOSED) setTimeout(listen, REFRESH_MS);
    refresh();
  });
}

/** Says why something could not even be begun; the text is the gateway's, in the language of the page. */
function tell(error) {
  const box = document.getElementById("refusal");
  box.querySelector("p").textContent = error;
  box.hidden = false;
  box.focus();
}

/** Buttons work without leaving the page; should that fail, the form is sent as without script. */
async function act(event) {
  const form = event.target.closest("form[data-action]");
  if (form === null) return;
  event.preventDefault();
  if (form.dataset.confirm && !confirm(form.dataset.confirm)) return;
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const action = `${form.action}?lang=${document.documentElement.lang}`;
    const response = await fetch(action, { method: "POST", headers: { accept: "application/json" } });
    const notice = response.headers.get("location");
    if (notice === null) return tell((await response.json()).error);
    show(notice);
    document.getElementById("refusal").hidden = true;
    button.disabled = false;
    button.focus();
  } catch {
    lost.hidden = false;
  } finally {
    button.disabled = false;
    refresh();
  }
}

document.getElementById("refusal").querySelector("button").addEventListener("click", (event) => {
  event.target.parentElement.hidden = true;
});

document.addEventListener("submit", act);
document.addEventListener("visibilitychange", listen);
setInterval(() => document.hidden || refresh(), REFRESH_MS);
listen();
