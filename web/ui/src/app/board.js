// The pipeline board: cards are moved by dragging, by their menu or by keys. The server moves first; the board then
// shows what the server has. A card that was refused stays where it was, and the reason is said.

import { announce, isTyping, on } from "./dom.js";

/** Milliseconds between two looks at what others did. */
const POLL = 15000;

const board = () => document.getElementById("board");
const menu = document.getElementById("move");
let moving = null;
let dragging = false;

const cardOf = (element) => element.closest(".kcard");
const linkOf = (card) => card?.querySelector(".t a:not([data-move])");

/** Says something where everybody sees it. */
function tell(text, tone) {
  announce(text);
  const region = document.querySelector(".toasts");
  if (tone !== "bad" || !region) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.tone = tone;
  const span = document.createElement("span");
  span.className = "grow";
  span.textContent = text;
  const close = document.createElement("button");
  close.className = "btn";
  close.dataset.variant = "ghost";
  close.dataset.size = "sm";
  close.dataset.closeToast = "";
  close.textContent = "Close";
  toast.append(span, close);
  region.replaceChildren(toast);
  region.showPopover?.();
}

/** The board as the server has it. */
async function fetched(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function refresh() {
  const page = await fetched(location.href);
  const fresh = page.getElementById("board");
  if (!fresh) return;
  const focus = document.activeElement;
  adopt(fresh);
  const [before, now] = [document, page].map((one) => one.querySelector(".bar .sub"));
  if (before && now) before.textContent = now.textContent;
  // A card that was put elsewhere, or said something else, keeps the focus.
  if (document.activeElement === focus) return;
  const card = focus.closest?.(".kcard");
  const again = focus.isConnected ? focus : card && linkOf(document.getElementById(card.id));
  again?.focus({ preventScroll: true });
}

/** Makes the board what the server has, and touches only what is different. */
function adopt(fresh) {
  const here = board();
  const stages = (of) => [...of.querySelectorAll(".col")].map((column) => column.dataset.stage).join();
  if (stages(here) !== stages(fresh)) return here.replaceWith(fresh);
  const shown = new Set([...fresh.querySelectorAll(".kcard")].map((card) => card.id));
  for (const column of [...fresh.querySelectorAll(".col")]) {
    const mine = here.querySelector(`[data-stage="${CSS.escape(column.dataset.stage)}"]`);
    const list = mine.querySelector("ul");
    const cards = [...column.querySelectorAll(".kcard")];
    cards.forEach((card, at) => {
      const old = document.getElementById(card.id);
      const node = old?.outerHTML === card.outerHTML ? old : card;
      if (old && node !== old) old.remove();
      if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
    });
    // Cards somebody asked to see stay, unless they are elsewhere now.
    for (const card of [...list.children].slice(cards.length)) {
      if (!("grown" in mine.dataset) || shown.has(card.id)) card.remove();
    }
    const head = column.querySelector("header");
    const old = mine.querySelector("header");
    if (old.innerHTML !== head.innerHTML) old.replaceWith(head);
    if ("grown" in mine.dataset) continue;
    for (const other of mine.querySelectorAll(":scope > :not(header, ul)")) other.remove();
    mine.append(...column.querySelectorAll(":scope > :not(header, ul)"));
  }
}

async function move(card, stage) {
  const column = board().querySelector(`[data-stage="${CSS.escape(stage)}"]`);
  const { card: id, name } = card.dataset;
  if (!column || column.contains(card)) return;
  const to = column.dataset.name;
  card.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`/pipeline/${id}/move`, {
      method: "POST",
      headers: { "HX-Request": "true", "HX-Request-Type": "partial", "X-CSRF-Token": menu.dataset.token },
      body: new URLSearchParams({ list_id: stage }),
    });
    if (answer.status === 401) return location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    if (!answer.ok) {
      const told = answer.status === 409 || answer.status === 422;
      return tell(`${name} was not moved. ${told ? await answer.text() : "Load the page again and repeat it."}`, "bad");
    }
    await refresh();
    const there = document.getElementById(`card-${id}`);
    if (there) {
      const cards = [...there.parentElement.children];
      announce(`${name} moved to ${to}, ${cards.indexOf(there) + 1} of ${cards.length}`);
      there.scrollIntoView({ block: "nearest", inline: "nearest" });
      linkOf(there)?.focus({ preventScroll: true });
    } else announce(`${name} moved to ${to}`);
  } catch {
    tell(`${name} was not moved: the server does not answer.`, "bad");
  } finally {
    card.removeAttribute("aria-busy");
  }
}

if (menu) {
  const open = (card) => {
    moving = card;
    menu.querySelector("h3").textContent = `Move ${card.dataset.name} to`;
    const here = card.closest("[data-stage]").dataset.stage;
    for (const button of menu.querySelectorAll("button")) button.disabled = button.value === here;
    menu.showPopover({ source: card.querySelector("[data-move]") });
    menu.querySelector("button:not(:disabled)")?.focus();
  };

  document.addEventListener("dragstart", () => (dragging = true), true);
  // The end of dragging is not heard of a card that was taken off the board by then.
  for (const over of ["dragend", "drop", "pointerdown"]) document.addEventListener(over, () => (dragging = false), true);

  on("click", "[data-move]", (event, link) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(cardOf(link));
  });

  on("click", "#move button", (_, button) => {
    menu.hidePopover();
    if (moving) move(moving, button.value);
  });

  menu.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && moving?.isConnected && (document.activeElement === document.body || menu.contains(document.activeElement))) linkOf(moving)?.focus();
  });

  menu.addEventListener("keydown", (event) => {
    const button = /^[1-9]$/.test(event.key) && menu.querySelectorAll("button")[event.key - 1];
    if (!button || button.disabled) return;
    event.preventDefault();
    event.stopPropagation();
    button.click();
  });

  // Arrows go from card to card, s opens the menu.
  on("keydown", ".kcard", (event, card) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    if (event.key === "s") {
      event.preventDefault();
      return open(card);
    }
    const column = card.closest(".col");
    const at = [...card.parentElement.children].indexOf(card);
    const beside = (step) => {
      for (let next = column; (next = step > 0 ? next.nextElementSibling : next.previousElementSibling); ) {
        const cards = next.querySelectorAll(".kcard");
        if (cards.length) return cards[Math.min(at, cards.length - 1)];
      }
      return null;
    };
    const to = {
      ArrowDown: () => card.nextElementSibling,
      ArrowUp: () => card.previousElementSibling,
      ArrowRight: () => beside(1),
      ArrowLeft: () => beside(-1),
    }[event.key]?.();
    if (!to) return;
    event.preventDefault();
    linkOf(to)?.focus();
  });

  let dragged = null;
  const clear = () => {
    for (const column of document.querySelectorAll(".col[data-over]")) column.removeAttribute("data-over");
  };
  on("dragstart", ".kcard[draggable]", (event, card) => {
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.name);
    requestAnimationFrame(() => card.setAttribute("data-drag", ""));
  });
  on("dragend", ".kcard", (_, card) => {
    card.removeAttribute("data-drag");
    dragged = null;
    clear();
  });
  on("dragover", ".col", (event, column) => {
    if (!dragged) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    if (column.hasAttribute("data-over")) return;
    clear();
    if (!column.contains(dragged)) column.setAttribute("data-over", "");
  });
  on("drop", ".col", (event, column) => {
    if (!dragged) return;
    event.preventDefault();
    clear();
    move(dragged, column.dataset.stage);
  });
}

// What others move appears by itself: not under the pointer, where a click would meet another card, nor while one is
// dragged or its menu is open.
if (board()) {
  let late = false;
  const busy = () => dragging || document.hidden || menu?.matches(":popover-open") || document.querySelector(".kcard:hover, .kcard[aria-busy]");
  const poll = () => {
    late = Boolean(busy());
    if (!late) refresh().catch(() => {});
  };
  setInterval(poll, POLL);
  document.addEventListener("pointerout", (event) => {
    if (late && event.target.closest?.(".kcard")) setTimeout(() => late && poll());
  });
  document.addEventListener("visibilitychange", () => late && poll());
}

// More of a column is put behind what is there.
on("click", "[data-more]", async (event, link) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const column = link.closest(".col");
  link.setAttribute("aria-busy", "true");
  try {
    const page = await fetched(link.href);
    const fresh = page.querySelector(`.col[data-stage="${CSS.escape(column.dataset.stage)}"]`);
    const cards = [...(fresh?.querySelectorAll(".kcard") ?? [])].filter((card) => !document.getElementById(card.id));
    column.querySelector("ul").append(...cards);
    column.dataset.grown = "";
    const more = fresh?.querySelector("[data-more]");
    if (more) link.replaceWith(more);
    else link.remove();
    announce(`${cards.length} more in ${column.dataset.name}`);
    linkOf(cards[0])?.focus({ preventScroll: true });
  } catch {
    location.assign(link.href);
  }
});
