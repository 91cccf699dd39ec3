// The message of the last action: a banner in the page, lifted into a corner here. Good news leaves by itself, bad
// news stays until it is closed. Time stands still while the pointer or the focus is on it or nobody looks.

import { on } from "./dom.js";

const region = document.querySelector(".toasts");

on("click", "[data-close-toast]", (_, button) => button.closest(".toast, .alert")?.remove());

const banner = document.querySelector("[data-flash]");
if (region && banner) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.tone = banner.dataset.tone;
  toast.append(...banner.childNodes);
  for (const text of toast.querySelectorAll("span")) text.classList.add("grow");
  for (const icon of toast.querySelectorAll(".ico")) if (!icon.closest("button")) icon.dataset.tone = banner.dataset.tone;
  banner.remove();
  region.append(toast);
  region.showPopover?.();
  if (banner.dataset.tone === "ok" || banner.dataset.tone === "info") leave(toast, 6000);
}

function leave(toast, ms) {
  let left = ms;
  const timer = setInterval(() => {
    if (document.hidden || toast.matches(":hover, :focus-within")) return;
    left -= 250;
    if (left > 0) return;
    clearInterval(timer);
    toast.remove();
  }, 250);
}
