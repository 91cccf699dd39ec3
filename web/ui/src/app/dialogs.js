// Dialogs and menus open by themselves in browsers that know invoker commands; this is for those that do not, and for
// what the platform leaves out: light dismiss, arrow keys in menus.

import { on } from "./dom.js";

if (!("command" in HTMLButtonElement.prototype)) {
  on("click", "button[commandfor]", (_, button) => {
    const target = document.getElementById(button.getAttribute("commandfor"));
    const command = button.getAttribute("command");
    if (!target) return;
    if (command === "show-modal") target.showModal();
    else if (command === "close") target.close();
    else if (command === "toggle-popover") target.togglePopover?.();
  });
}

// A click on the backdrop closes a dialog that loses nothing by it.
on("click", "dialog[data-dismiss]", (event, dialog) => {
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
});

on("keydown", ".menu[popover]", (event, menu) => {
  const items = [...menu.querySelectorAll("a, button")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items.at(to % items.length)?.focus();
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.newState === "open" && event.target.matches?.(".menu[popover]")) event.target.querySelector("a, button")?.focus({ preventScroll: true });
  },
  true,
);
