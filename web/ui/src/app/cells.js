// Editing in the table of contacts. A pencil, or e, puts the form of the cell in its place: Enter saves and goes down,
// Tab saves and goes right, Esc restores, leaving saves. What is refused keeps what was typed and says why. Without this
// the pencil leads to the form of the contact.

import { announce, on } from "./dom.js";

const TICK = 600;
let open = null;

const address = (cell) => `/contacts/${cell.closest("tr").dataset.row}/cells/${encodeURIComponent(cell.dataset.col)}`;
const controls = (form) => [...form.querySelectorAll("input:not([type=hidden]), select")];
const typed = (form) => controls(form).map((control) => control.value).join("\u0000");
const cellOf = (row, column) => row?.querySelector(`[data-col="${CSS.escape(column)}"]`);

async function ask(url, body) {
  return fetch(url, {
    method: body ? "POST" : "GET",
    headers: { "HX-Request": "true", "HX-Request-Type": "partial" },
    body,
  });
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

/** Puts a form into the open cell. */
function show(form) {
  open.form = form;
  open.first = typed(form);
  open.cell.replaceChildren(form);
}

function focus(form, first = true) {
  const control = controls(form).at(first ? 0 : -1);
  control?.focus();
  control?.select?.();
}

/** After a refusal the text is mended, not typed anew. */
function mend(form) {
  const control = controls(form)[0];
  control?.focus();
  if (control?.type === "text" || control?.type === "tel") control.setSelectionRange(control.value.length, control.value.length);
}

/** Opens a cell; `first` says whether its first input gets the focus, or its last. */
export async function edit(cell, first = true) {
  if (!cell || open?.cell === cell) return;
  if (open && !(await save())) return;
  cell.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(address(cell));
    if (!answer.ok) throw new Error(String(answer.status));
    const form = parse(await answer.text());
    open = { cell, before: [...cell.childNodes] };
    cell.setAttribute("data-editing", "");
    show(form);
    focus(form, first);
  } catch {
    // The form of the contact says what is wrong.
    const pencil = cell.querySelector(".pen");
    if (pencil) location.assign(pencil.href);
  } finally {
    cell.removeAttribute("aria-busy");
  }
}

/** The cell as it was. */
function restore() {
  const { cell, before } = open;
  open = null;
  cell.removeAttribute("data-editing");
  cell.replaceChildren(...before);
}

/** Keeps what was typed and says why it is not saved. */
function complain(text, link) {
  const { form } = open;
  form.querySelector(".err")?.remove();
  const said = document.createElement("p");
  said.className = "err";
  said.role = "alert";
  said.textContent = text;
  if (link) said.append(" ", link);
  form.append(said);
  open.failed = typed(form);
}

function signIn() {
  const link = document.createElement("a");
  link.href = "/login";
  link.target = "_blank";
  link.textContent = "Sign in";
  return link;
}

/** Saves the open cell; answers whether it is closed. The same save is not sent twice. */
function save(button) {
  if (!open) return Promise.resolve(true);
  const { form } = open;
  const conflict = form.querySelector(".clash");
  if (!button && !conflict && !form.querySelector(".err") && typed(form) === open.first) {
    restore();
    return Promise.resolve(true);
  }
  open.saving ??= send(button).finally(() => {
    if (open) open.saving = null;
  });
  return open.saving;
}

async function send(button) {
  const { cell, form, before } = open;
  const column = cell.dataset.col;
  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  cell.setAttribute("aria-busy", "true");
  for (const control of controls(form)) control.readOnly = true;
  try {
    const answer = await ask(form.getAttribute("action"), new URLSearchParams(data));
    if (answer.status === 401) {
      complain("Your session has ended.", signIn());
      return false;
    }
    if (answer.status === 422 || answer.status === 409) {
      const inside = form.contains(document.activeElement) || document.activeElement === document.body;
      show(parse(await answer.text()));
      open.failed = open.first;
      if (inside) mend(open.form);
      return false;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const row = cell.closest("tr");
    const fresh = parse(`<table>${await answer.text()}</table>`).querySelector("tr");
    const box = row.querySelector("[data-check]");
    if (box) fresh.querySelector("[data-check]").checked = box.checked;
    open = null;
    row.replaceWith(fresh);
    const done = cellOf(fresh, column);
    done?.setAttribute("data-saved", "");
    setTimeout(() => done?.removeAttribute("data-saved"), TICK);
    announce("Saved");
    return true;
  } catch {
    // A page that was left meanwhile has no cell to tell it in.
    if (open?.form === form) complain("Not saved: the server does not answer.");
    return false;
  } finally {
    cell.removeAttribute("aria-busy");
    for (const control of controls(form)) control.readOnly = false;
  }
}

/** Saves and goes on to another cell, found by `where` in the table as it is then. */
async function go(where) {
  const { cell } = open;
  const column = cell.dataset.col;
  const id = cell.closest("tr").dataset.row;
  if (!(await save())) return;
  const row = document.querySelector(`tr[data-row="${CSS.escape(id)}"]`);
  const [next, first] = where(row, column);
  if (next) await edit(next, first);
  else cellOf(row, column)?.querySelector(".pen")?.focus();
}

const down = (row, column) => [cellOf(row?.nextElementSibling, column), true];
const beside = (step) => (row, column) => {
  const cells = [...(row?.querySelectorAll("[data-col]") ?? [])].filter((cell) => cell.checkVisibility?.() ?? true);
  const at = cells.findIndex((cell) => cell.dataset.col === column) + step;
  if (at >= 0 && at < cells.length) return [cells[at], step > 0];
  const other = step > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  const theirs = [...(other?.querySelectorAll("[data-col]") ?? [])];
  return [theirs.at(step > 0 ? 0 : -1), step > 0];
};

on("click", "a.pen", (event, pencil) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0) return;
  event.preventDefault();
  edit(pencil.closest("[data-col]"));
});

on("submit", "form.cell", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  const pencil = open?.cell.closest("tr").dataset.row;
  const column = open?.cell.dataset.col;
  save(button).then((done) => {
    if (done && pencil) cellOf(document.querySelector(`tr[data-row="${CSS.escape(pencil)}"]`), column)?.querySelector(".pen")?.focus();
  });
}, { capture: true });

on("keydown", "form.cell", (event, form) => {
  if (event.isComposing || open?.form !== form) return;
  if (event.key === "Escape") {
    event.preventDefault();
    const { cell } = open;
    restore();
    cell.querySelector(".pen")?.focus();
    return;
  }
  const inputs = controls(form);
  const at = inputs.indexOf(event.target);
  // Between "mine" and "theirs" the keys are those of buttons.
  if (at < 0 || form.querySelector(".clash")) return;
  if (event.key === "Enter") {
    event.preventDefault();
    go(down);
  } else if (event.key === "Tab" && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const step = event.shiftKey ? -1 : 1;
    if (inputs[at + step]) return;
    event.preventDefault();
    go(beside(step));
  }
});

// Left for somewhere else in the page: saved, unless this very text was refused already.
on("focusout", "form.cell", (_, form) => {
  setTimeout(() => {
    if (open?.form !== form || open.saving || !document.hasFocus() || form.contains(document.activeElement)) return;
    if (open.failed === typed(form) || form.querySelector(".clash")) return;
    save();
  });
});
