// The pipeline board: cards are moved by dragging, by their menu or by keys. The server moves first; the board then
// shows what the server has. A card that was refused stays where it was, and the reason is said.

import { announce, isTyping, on } from "./dom.js";

const board = () => document.getElementById("board");
const menu = document.getElementById("move");
let moving = null;

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
  const fresh = (await fetched(location.href)).getElementById("board");
  if (!fresh) return;
  const left = board().scrollLeft;
  board().replaceWith(fresh);
  fresh.scrollLeft = left;
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
    const more = fresh?.querySelector("[data-more]");
    if (more) link.replaceWith(more);
    else link.remove();
    announce(`${cards.length} more in ${column.dataset.name}`);
    linkOf(cards[0])?.focus({ preventScroll: true });
  } catch {
    location.assign(link.href);
  }
});
