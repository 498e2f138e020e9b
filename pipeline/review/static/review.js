// Keys and small comforts. Every page works without this file.
"use strict";

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
  if (key === "ArrowLeft") return press(byKey("arrow", "left"));
  if (key === "ArrowRight") return press(byKey("arrow", "right"));
  if (/^[a-z]$/.test(key) && byKey("key", key)) return press(byKey("key", key));
  if (key === "j") return moveRow(1);
  if (key === "k") return moveRow(-1);
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing || help.open) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (act(letterOf(event))) event.preventDefault();
});

// One decision for one press, also when a slow disk makes the answer wait.
document.addEventListener("submit", (event) => {
  if (leaving) event.preventDefault();
  else if (event.target.method === "post") leaving = true;
});
window.addEventListener("pageshow", () => { leaving = false; });

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
document.addEventListener("focusin", keepInside);
document.addEventListener("mouseover", keepInside);
