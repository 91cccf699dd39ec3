// Ticking rows of a table: the head ticks them all, Shift ticks a range, the bar counts. Without this the rows can be
// ticked one by one, and the bar shows as soon as one is.

import { announce, on } from "./dom.js";

const boxes = () => [...document.querySelectorAll("[data-check]")];
let last = null;

function show() {
  const all = boxes();
  const count = all.filter((box) => box.checked).length;
  for (const head of document.querySelectorAll("[data-check-all]")) {
    head.hidden = false;
    head.checked = count > 0 && count === all.length;
    head.indeterminate = count > 0 && count < all.length;
  }
  for (const label of document.querySelectorAll("[data-checked]")) label.textContent = `${count} selected`;
  for (const button of document.querySelectorAll("[data-check-none]")) button.hidden = false;
}

on("change", "[data-check-all]", (_, head) => {
  for (const box of boxes()) box.checked = head.checked;
  show();
  announce(`${boxes().filter((box) => box.checked).length} selected`);
});

on("click", "[data-check]", (event, box) => {
  const all = boxes();
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
  show();
});

on("click", "[data-check-none]", () => {
  for (const box of boxes()) box.checked = false;
  show();
});

document.addEventListener("htmx:after:swap", show);
// Back from another page the browser ticks what was ticked.
addEventListener("pageshow", show);
show();
