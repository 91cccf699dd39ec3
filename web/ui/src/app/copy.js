// Copy buttons: <button data-copy="id of the element">. The clipboard needs a secure context, which a plain address on
// a local network is not; there the text is selected and the person told the keys.

import { announce, on } from "./dom.js";

on("click", "[data-copy]", async (_, button) => {
  const source = document.getElementById(button.dataset.copy);
  if (!source) return;
  const label = button.querySelector(".lbl") ?? button;
  const before = label.textContent;
  let said;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    said = "Copied";
  } catch {
    select(source);
    said = navigator.platform?.startsWith("Mac") ? "Press ⌘ C" : "Press Ctrl C";
  }
  label.textContent = said;
  announce(said);
  setTimeout(() => (label.textContent = before), 2500);
});

function select(element) {
  if (element.select) return element.select();
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}
