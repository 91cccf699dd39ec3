// Keys. A control names its key itself (data-key="c"), so what works is what can be seen; "g" followed by a letter
// goes to the navigation entry with that data-go. Nothing happens while somebody types or a dialog is open.

import { isTyping } from "./dom.js";

let going = 0;

function visible(element) {
  return element.offsetParent !== null || element.getClientRects().length > 0;
}

/** The character, or on a layout without Latin letters the key's place. */
function keyOf(event) {
  const key = event.key.toLowerCase();
  return /^[\x20-\x7e]$/.test(key) ? key : (event.code.match(/^Key([A-Z])$/)?.[1].toLowerCase() ?? key);
}

addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const command = event.ctrlKey || event.metaKey;

  if (command && event.key === "Enter") {
    const form = event.target.closest?.("form");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("[data-key='ctrl+enter']") ?? form.querySelector("[type=submit][data-variant=primary], button[data-variant=primary]:not([type=button])");
    form.requestSubmit(button ?? undefined);
    return;
  }
  if (command && keyOf(event) === "s") {
    const button = document.querySelector("[data-key='ctrl+s']");
    if (!button) return;
    event.preventDefault();
    button.form?.requestSubmit(button);
    return;
  }
  if (command || event.altKey || isTyping(event) || document.querySelector("dialog[open]")) return;
  if (document.documentElement.dataset.keys === "off") return;

  const key = keyOf(event);
  if (going && Date.now() - going < 1500) {
    going = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) {
      event.preventDefault();
      location.assign(link.href);
    }
    return;
  }
  if (key === "g") {
    going = Date.now();
    return;
  }
  if (key === "?") {
    const sheet = document.getElementById("shortcuts");
    if (!sheet) return;
    event.preventDefault();
    list(sheet);
    sheet.showModal();
    return;
  }
  if (key === "/") {
    const field = document.querySelector("[data-key='/']");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select?.();
    return;
  }
  const control = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
  if (control) {
    event.preventDefault();
    if (control.matches("input, textarea, select")) control.focus();
    else control.click();
  }
});

/** Writes the keys of this page into the sheet. */
function list(sheet) {
  const rows = sheet.querySelector("[data-keys-here]");
  if (!rows) return;
  rows.textContent = "";
  const seen = new Set();
  for (const control of document.querySelectorAll("[data-key]")) {
    const key = control.dataset.key;
    if (seen.has(key) || (!visible(control) && !control.matches("input"))) continue;
    seen.add(key);
    const name = control.dataset.keyLabel ?? control.getAttribute("aria-label") ?? control.querySelector(".lbl")?.textContent ?? control.textContent;
    row(rows, key.replace("ctrl+", "Ctrl ").replace("enter", "↵"), name.trim());
  }
  // Keys that belong to no one control: "j Next row; k Previous row".
  for (const element of document.querySelectorAll("[data-keys-also]")) {
    for (const one of element.dataset.keysAlso.split("; ")) row(rows, one.split(" ")[0], one.slice(one.indexOf(" ") + 1));
  }
  for (const link of document.querySelectorAll(".side [data-go]")) row(rows, `g ${link.dataset.go}`, `Go to ${link.dataset.keyLabel ?? link.firstChild?.nextSibling?.textContent ?? link.textContent}`.trim());
}

function row(rows, keys, text) {
  const dt = document.createElement("dt");
  for (const part of keys.split(" ")) {
    const kbd = document.createElement("kbd");
    kbd.className = "kbd";
    kbd.textContent = part.length === 1 ? part.toUpperCase() : part;
    dt.append(kbd);
  }
  const dd = document.createElement("dd");
  dd.textContent = text;
  rows.append(dt, dd);
}
