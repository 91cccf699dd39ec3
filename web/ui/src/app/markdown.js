// Buttons above texts written in Markdown, and their keys. They put the marks where a person would type them, so that
// undo works and nothing is hidden.

import { on } from "./dom.js";

const around = { bold: "**", italic: "*" };
const before = { list: "- ", numbers: "1. ", quote: "> " };
const keys = { b: "bold", i: "italic", k: "link" };

/** Replaces a part of the text as typing would, with undo, and selects a part of what is new. */
function replace(area, start, end, text, from, to) {
  area.focus();
  area.setSelectionRange(start, end);
  // The only way to change a text that the browser's own undo knows about.
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(start + from, start + to);
}

function wrap(area, mark) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  const inside = value.slice(start - mark.length, start) === mark && value.slice(end, end + mark.length) === mark;
  if (inside) replace(area, start - mark.length, end + mark.length, chosen, 0, chosen.length);
  else replace(area, start, end, mark + chosen + mark, mark.length, mark.length + chosen.length);
}

function link(area) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end) || "words";
  const text = `[${chosen}](https://)`;
  const address = chosen.length + 3;
  // Words first, where there are none yet; then where they lead.
  if (start === end) replace(area, start, end, text, 1, 1 + chosen.length);
  else replace(area, start, end, text, address, address + 8);
}

function lines(area, mark) {
  const { selectionStart, selectionEnd, value } = area;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const next = value.indexOf("\n", selectionEnd);
  const end = next < 0 ? value.length : next;
  const old = value.slice(start, end).split("\n");
  const marked = old.every((line) => line.startsWith(mark));
  const text = old.map((line) => (marked ? line.slice(mark.length) : mark + line)).join("\n");
  replace(area, start, end, text, 0, text.length);
}

function press(area, what) {
  if (around[what]) wrap(area, around[what]);
  else if (before[what]) lines(area, before[what]);
  else link(area);
}

// The text keeps its selection while a button is pressed.
on("mousedown", "[data-md]", (event) => event.preventDefault());
on("click", "[data-md]", (event, button) => {
  const area = document.getElementById(button.parentElement.dataset.for);
  if (area) press(area, button.dataset.md);
});
on("keydown", "textarea[data-markdown]", (event, area) => {
  const what = keys[event.key.toLowerCase()];
  if (!what || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  press(area, what);
});
