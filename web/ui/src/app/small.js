// One-liners: fields that know better than an empty box.

// The browser's time zone, where the form has none of its own yet.
for (const input of document.querySelectorAll("[data-time-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && (!input.value || input.value === "UTC")) input.value = zone;
}

// Show the password while it is typed.
for (const button of document.querySelectorAll("[data-show]")) {
  const input = document.getElementById(button.dataset.show);
  if (!input) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
}

// A form with mistakes was answered: the list of them gets the focus.
document.querySelector("[data-focus]")?.focus();

// In a row of tabs that is too long for the window, the one that is open can be seen.
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const row = tab.parentElement;
  const end = tab.offsetLeft + tab.offsetWidth;
  if (end > row.clientWidth) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

// Filters that are plain forms send themselves when changed; their button is for those without script.
for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// Ask before leaving a form that was changed, and only then.
for (const form of document.querySelectorAll("form[data-dirty]")) {
  // A form that came back with something that is not saved is changed from the start.
  let dirty = form.dataset.dirty === "changed";
  form.addEventListener("input", (event) => {
    if (!event.target.closest("[data-not-previewed], [data-look]")) dirty = true;
  });
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.formTarget) dirty = false;
  });
  addEventListener("beforeunload", (event) => {
    if (dirty && !("left" in form.dataset)) event.preventDefault();
  });
}
