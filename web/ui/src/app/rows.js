// Rows of a table by keys: j and k go from one to the next, x ticks, e edits. Back from a contact, its row has the focus
// again.

import { isTyping, on } from "./dom.js";
import { edit } from "./cells.js";

const KEPT = "pi-crm-row";
const rows = () => [...document.querySelectorAll("tr[data-row]")];
const link = (row) => row?.querySelector("th a:not(.pen)");
let last = null;

/** The row the focus is in, or was in last. */
function current() {
  const row = document.activeElement?.closest?.("tr[data-row]");
  return row ?? rows().find((one) => one.dataset.row === last) ?? null;
}

function step(by) {
  const all = rows();
  const at = all.indexOf(current());
  const row = at < 0 ? all[0] : all[Math.min(Math.max(at + by, 0), all.length - 1)];
  link(row)?.focus();
}

addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (document.documentElement.dataset.keys === "off" || document.querySelector("dialog[open]") || !document.querySelector("tr[data-row]")) return;
  const key = event.key.toLowerCase();
  const row = current();
  if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "x" && row) row.querySelector("[data-check]")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey }));
  else if (key === "e" && row?.querySelector("[data-col]")) {
    const here = document.activeElement.closest("[data-col]");
    edit(row.contains(here) ? here : row.querySelector("[data-col]"));
  } else return;
  event.preventDefault();
});

on("focusin", "tr[data-row]", (_, row) => {
  last = row.dataset.row;
  for (const other of document.querySelectorAll("tr[data-cursor]")) other.removeAttribute("data-cursor");
  row.setAttribute("data-cursor", "");
});

on("click", "tr[data-row] th a:not(.pen)", (_, element) => {
  try {
    sessionStorage.setItem(KEPT, element.closest("tr").dataset.row);
  } catch {
    // A browser that keeps nothing starts at the top.
  }
});

if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
  const row = rows().find((one) => one.dataset.row === sessionStorage.getItem(KEPT));
  link(row)?.focus({ preventScroll: true });
}
