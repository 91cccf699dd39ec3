// A list of variables under a field of the template editor, from the moment somebody types two braces.

import { announce, on } from "./dom.js";

const typed = /\{\{\s*([\w.]*)$/;
const MOST = 8;
const known = [...document.querySelectorAll("[data-variable]")].map((element) => ({
  expression: element.dataset.variable,
  meaning: element.dataset.meaning,
}));

let field = null;
let list = null;
let chosen = 0;

function matches() {
  if (field.selectionStart !== field.selectionEnd) return [];
  const found = typed.exec(field.value.slice(0, field.selectionStart));
  if (!found) return [];
  const words = found[1].toLowerCase();
  const fits = (variable) => `${variable.expression} ${variable.meaning}`.toLowerCase().includes(words);
  return known.filter(fits).slice(0, MOST);
}

function close() {
  list?.remove();
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
  list = null;
}

function mark(number) {
  chosen = (number + list.children.length) % list.children.length;
  for (const [at, option] of [...list.children].entries()) option.setAttribute("aria-selected", String(at === chosen));
  field.setAttribute("aria-activedescendant", list.children[chosen].id);
  list.children[chosen].scrollIntoView({ block: "nearest" });
}

function show() {
  const found = matches();
  const was = list !== null;
  close();
  if (found.length === 0) return;
  list = document.createElement("ul");
  list.className = "variables";
  list.id = "variables";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Variables");
  for (const [at, variable] of found.entries()) {
    const option = document.createElement("li");
    option.id = `variable-${at}`;
    option.setAttribute("role", "option");
    option.dataset.expression = variable.expression;
    const name = document.createElement("code");
    name.className = "var";
    name.textContent = variable.expression;
    const meaning = document.createElement("span");
    meaning.textContent = variable.meaning;
    option.append(name, meaning);
    list.append(option);
  }
  field.after(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  mark(0);
  if (!was) announce(`${found.length} variables. Arrow keys choose, Enter takes one.`);
}

function take(expression) {
  const end = field.selectionStart;
  const start = end - typed.exec(field.value.slice(0, end))[0].length;
  const rest = /^\s*\}\}/.exec(field.value.slice(end));
  close();
  field.setRangeText(`{{ ${expression} }}`, start, end + (rest ? rest[0].length : 0), "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

if (known.length > 0) {
  const fields = "form[data-preview] textarea, form[data-preview] input:not([type]), form[data-preview] input[type=text]";
  on("input", fields, (event, element) => {
    if (field !== element) close();
    field = element;
    show();
  });
  on("focusout", fields, () => setTimeout(close, 150));
  on(
    "keydown",
    fields,
    (event) => {
      if (!list) return;
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (steps[event.key]) mark(chosen + steps[event.key]);
      else if (event.key === "Enter" || event.key === "Tab") take(list.children[chosen].dataset.expression);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  // The field keeps the focus while an entry is pressed.
  on("mousedown", "#variables li", (event) => event.preventDefault());
  on("click", "#variables li", (event, option) => take(option.dataset.expression));
}
