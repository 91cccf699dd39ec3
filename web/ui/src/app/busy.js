// A form is sent once: its button shows that it works, and a second click does nothing.

import { on } from "./dom.js";

const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  // What htmx sends does not leave the page; what goes to a frame or a new tab does not either.
  if (event.defaultPrevented || (event.submitter?.formTarget || form.target)) return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  if (form.method !== "post") return;
  sent.add(form);
  const button = event.submitter;
  // After this turn, so that the button's own name and value are still in the form's data.
  if (button?.matches(".btn")) setTimeout(() => button.setAttribute("aria-busy", "true"));
  // A download or a slow answer must not leave the form dead.
  setTimeout(() => release(form), 15000);
});

function release(form) {
  sent.delete(form);
  for (const button of form.querySelectorAll(".btn[aria-busy]")) button.removeAttribute("aria-busy");
}

// Back from the browser's memory: everything can be sent again.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(release);
});

// A press on a button that is switched off explains itself by its title; it must not send.
on("click", "[aria-disabled=true]", (event) => event.preventDefault());
