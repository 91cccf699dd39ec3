// The place a file is dropped on: shows the name, takes drops.

import { on } from "./dom.js";

function show(area) {
  const input = area.querySelector("input[type=file]");
  const file = input?.files?.[0];
  const output = area.querySelector("output");
  if (output) output.textContent = file ? `${file.name}, ${size(file.size)}` : "";
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

on("change", ".drop-file", (_, area) => show(area));
on("dragover", ".drop-file", (event, area) => {
  event.preventDefault();
  area.setAttribute("data-over", "");
});
on("dragleave", ".drop-file", (_, area) => area.removeAttribute("data-over"));
on("drop", ".drop-file", (event, area) => {
  event.preventDefault();
  area.removeAttribute("data-over");
  const input = area.querySelector("input[type=file]");
  if (input && event.dataTransfer?.files.length) {
    input.files = event.dataTransfer.files;
    show(area);
  }
});
