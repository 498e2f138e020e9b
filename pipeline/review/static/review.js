// Keys and small comforts. Every page works without this file.
"use strict";

// Everything of one page: when the next one, fetched ahead, takes its place, what listened stops and it begins anew.
function start() {
const stop = new AbortController();
const listen = (target, kind, work) => target.addEventListener(kind, work, { signal: stop.signal });
const byKey = (name, value) => document.querySelector(`[data-${name}="${value}"]`);
const help = document.getElementById("keys");
let leaving = false;

// The letter that was typed, or, under a Cyrillic layout, the one printed on that key of a Latin keyboard.
function letterOf(event) {
  if (/^[\x21-\x7e]$/.test(event.key)) return event.key.toLowerCase();
  const match = /^Key([A-Z])$/.exec(event.code);
  if (match) return match[1].toLowerCase();
  return event.code === "Slash" ? (event.shiftKey ? "?" : "/") : event.key;
}

function isTyping(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function moveRow(step) {
  const links = [...document.querySelectorAll(".row h2 a")];
  if (!links.length) return false;
  const here = links.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1);
  links[next].focus();
  links[next].closest(".row").scrollIntoView({ block: "nearest" });
  return true;
}

function focusOn(element) {
  if (!element) return false;
  const more = element.closest("details");
  if (more) more.open = true;
  element.focus();
  return true;
}

function press(element) {
  if (!element) return false;
  if (!leaving) element.click();
  return true;
}

function act(key) {
  if (key === "?") return help.showModal(), true;
  if (key === "/") return focusOn(document.querySelector('[name="search"]'));
  if (key === "m") return focusOn(document.querySelector('[name="note"]'));
  if (key === "e") return pickSelection() || focusOn(document.querySelector('#add-name [name="text"]'));
  if (key === "ArrowLeft") return press(byKey("arrow", "left"));
  if (key === "ArrowRight") return press(byKey("arrow", "right"));
  if (/^[a-z]$/.test(key) && byKey("key", key)) return press(byKey("key", key));
  if (key === "j") return moveRow(1);
  if (key === "k") return moveRow(-1);
  return false;
}

listen(document, "keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing || help.open) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (act(letterOf(event))) event.preventDefault();
});

// One decision for one press, also when a slow disk makes the answer wait.
listen(document, "submit", (event) => {
  if (leaving) event.preventDefault();
  else if (event.target.method === "post") leaving = true;
});
listen(window, "pageshow", () => { leaving = false; });

for (const element of document.querySelectorAll("[data-help], .key-legend")) element.hidden = false;
for (const element of document.querySelectorAll("[data-help]")) element.addEventListener("click", () => help.showModal());
help.querySelector("[data-close]").addEventListener("click", () => help.close());

// An explanation that would leave the window at the right is moved to the left.
function keepInside(event) {
  const tip = event.target instanceof Element && event.target.closest(".m")?.querySelector(".tip");
  if (!tip || getComputedStyle(tip).position === "fixed") return;
  tip.style.setProperty("--shift", "0px");
  const beyond = tip.getBoundingClientRect().right + 12 - document.documentElement.clientWidth;
  if (beyond > 0) tip.style.setProperty("--shift", `${-Math.ceil(beyond)}px`);
}
listen(document, "focusin", keepInside);
listen(document, "mouseover", keepInside);

// The offset of a place in the text in code points: what the page adds (labels, explanations) is not counted, and a hidden
// character that is written out counts as the one it is.
function offsetAt(paragraph, node, offset) {
  let count = 0;
  const walk = (parent) => {
    const children = [...parent.childNodes];
    for (const [place, child] of children.entries()) {
      if (parent === node && place === offset) return true;
      if (child.nodeType === Node.TEXT_NODE) {
        if (child === node) return (count += [...child.data.slice(0, offset)].length), true;
        count += [...child.data].length;
      } else if (child.matches(".hidden-char")) {
        if (child.contains(node)) return true;
        count += 1;
      } else if (child.matches(".tag, .tip")) {
        if (child.contains(node)) return true;
      } else if (walk(child)) return true;
    }
    return parent === node && offset >= children.length;
  };
  walk(paragraph);
  return Number(paragraph.dataset.start) + count;
}

function pickSelection() {
  const form = document.getElementById("add-name");
  const selection = getSelection();
  if (!form || selection.isCollapsed) return false;
  const range = selection.getRangeAt(0);
  const paragraphOf = (node) => (node instanceof Element ? node : node.parentElement)?.closest("[data-start]");
  const [first, last] = [paragraphOf(range.startContainer), paragraphOf(range.endContainer)];
  if (!first || first !== last) return false;
  form.elements.start.value = offsetAt(first, range.startContainer, range.startOffset);
  form.elements.end.value = offsetAt(first, range.endContainer, range.endOffset);
  const copy = range.cloneContents();
  for (const extra of copy.querySelectorAll(".tag, .tip")) extra.remove();
  form.elements.text.value = copy.textContent.trim().slice(0, 200);
  form.scrollIntoView({ block: "center" });
  form.elements.label.focus();
  return true;
}
// Words that are typed count by what they say, not by an earlier selection.
document.getElementById("add-name")?.elements.text.addEventListener("input", ({ target }) => {
  target.form.elements.start.value = target.form.elements.end.value = "";
});

// A note is kept while it is written.
const decideForm = document.querySelector("[data-draft]");
let keeping = 0;
function keepNote() {
  clearTimeout(keeping);
  keeping = 0;
  const body = new URLSearchParams({ token: decideForm.elements.token.value, note: decideForm.elements.note.value });
  const said = decideForm.querySelector("[data-draft-said]");
  fetch(decideForm.dataset.draft, { method: "POST", body, keepalive: true })
    .then((answer) => { said.textContent = answer.ok ? "✓" : "✗"; }, () => { said.textContent = "✗"; });
}
decideForm?.elements.note.addEventListener("input", () => {
  clearTimeout(keeping);
  keeping = setTimeout(keepNote, 700);
});
listen(window, "pagehide", () => { if (keeping && !leaving) keepNote(); });

// A break is proposed after so many minutes of reading since the last one, counted over the pages of this tab.
const breakMinutes = Number(document.body.dataset.breakMinutes || 0);
const breakNotice = document.querySelector("[data-break]");
if (breakMinutes) {
  const rest = () => sessionStorage.setItem("since", String(Date.now()));
  const seen = Number(sessionStorage.getItem("seen") || 0);
  // A quarter of an hour without a page was a break.
  if (!sessionStorage.getItem("since") || Date.now() - seen > 15 * 60000) rest();
  const look = () => {
    if (!document.hidden) sessionStorage.setItem("seen", String(Date.now()));
    breakNotice.hidden = Date.now() - Number(sessionStorage.getItem("since")) < breakMinutes * 60000;
  };
  look();
  const looking = setInterval(look, 30000);
  stop.signal.addEventListener("abort", () => clearInterval(looking));
  breakNotice.querySelector("[data-break-done]").addEventListener("click", () => { rest(); look(); });
}

// The next item is fetched while this one is read, and shown in the moment of the decision. The audit knows both: that it was
// fetched, and when it was shown. Anything unexpected goes the ordinary way.
const AHEAD = { "X-Xabar-Ahead": "1" };
let ahead = null;  // a promise of the page, or of nothing
if (decideForm?.dataset.ahead) {
  ahead = fetch(decideForm.dataset.ahead, { headers: AHEAD })
    .then((answer) => (answer.ok && !answer.redirected ? answer.text() : ""))
    .catch(() => "");
  ahead.then((html) => { if (html) decideForm.dataset.ready = ""; });
}

async function show(next) {
  const html = next.item === decideForm.dataset.next ? await ahead : "";
  if (!html) return location.assign(next.to);
  const fresh = new DOMParser().parseFromString(html, "text/html");
  stop.abort();
  history.pushState(null, "", next.to);
  document.title = fresh.title;
  document.body.replaceWith(document.adoptNode(fresh.body));
  document.querySelector("[data-said]").innerHTML = next.said;
  scrollTo(0, 0);
  start();
  const { dataset, elements } = document.getElementById("decide");
  fetch(dataset.read, { method: "POST", body: new URLSearchParams({ token: elements.token.value }), keepalive: true });
}

decideForm?.addEventListener("submit", (event) => {
  const { reviewer } = decideForm.elements;
  if (reviewer && reviewer.value !== reviewer.defaultValue) ahead = null;  // it was made for another name
  if (!ahead || event.defaultPrevented || leaving) return;
  const fields = new URLSearchParams(new FormData(decideForm, event.submitter));
  event.preventDefault();
  leaving = true;
  fetch(decideForm.action, { method: "POST", headers: AHEAD, body: fields })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then(show)
    .catch(() => {
      // The server's own words say what is wrong: the same form again, in the ordinary way.
      ahead = null;
      leaving = false;
      decideForm.requestSubmit(event.submitter);
    });
});

// Back and forward across items that were shown without a load.
const here = location.pathname;
listen(window, "popstate", () => { if (location.pathname !== here) location.reload(); });
}
start();
