// The one place that knows names of htmx events, so that another version of it means changing this file only.

import { announce } from "./dom.js";

const source = (event) => event.detail?.ctx?.sourceElement;
const target = (event) => (event.detail?.ctx?.target instanceof Element ? event.detail.ctx.target : null);

document.addEventListener("htmx:before:request", (event) => {
  const element = source(event);
  // A page nobody looks at does not ask.
  if (document.hidden && element?.getAttribute("hx-trigger")?.includes("every")) {
    event.preventDefault();
    return;
  }
  if (!element?.getAttribute("hx-trigger")?.includes("every")) target(event)?.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:finally:request", (event) => target(event)?.removeAttribute("aria-busy"));

// The session has ended: the page that needs it is behind the sign-in page.
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail?.ctx?.response?.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
});

document.addEventListener("htmx:after:swap", (event) => {
  // A part of a form came anew: for the rest of the page that is as if it had been typed.
  const part = document.getElementById(target(event)?.id ?? "");
  if (part?.matches("[data-input]")) part.dispatchEvent(new Event("input", { bubbles: true }));
  for (const element of document.querySelectorAll("[data-announce]")) {
    const text = element.textContent.trim();
    if (text && said.get(element.dataset.announce) !== text) announce(text);
    said.set(element.dataset.announce, text);
  }
  // The rest of the page belongs to a state that has passed: get it whole.
  for (const element of document.querySelectorAll("[data-state]")) {
    const before = states.get(element.id);
    states.set(element.id, element.dataset.state);
    if (before !== undefined && before !== element.dataset.state) location.reload();
  }
});

const said = new Map();
const states = new Map();
for (const element of document.querySelectorAll("[data-announce]")) said.set(element.dataset.announce, element.textContent.trim());
for (const element of document.querySelectorAll("[data-state]")) states.set(element.id, element.dataset.state);

// A page that waits for something asks again, unless a part of it already does so by itself.
const wait = Number(document.body.dataset.reload);
if (wait && !document.querySelector("[hx-trigger*=every]")) {
  setInterval(() => {
    if (!document.hidden) location.reload();
  }, wait * 1000);
}
