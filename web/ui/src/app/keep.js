// What somebody types in a long form is kept in this browser, so that a closed tab or a lost connection loses none of
// it. The form offers it again when it is next opened; it comes back with the version it was made from, so that saving it
// never hides what somebody else has saved since.

const form = document.querySelector("form[data-keep]");
const PREFIX = "kept:";
const MONTH = 30 * 24 * 60 * 60 * 1000;

if (form) {
  const id = form.elements.id?.value ?? "";
  const key = (of) => `${PREFIX}${form.dataset.keep}:${of || "new"}`;
  const version = () => Number(form.elements.version?.value) || 0;
  const fields = () => [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
  const read = (of) => {
    try {
      const kept = JSON.parse(localStorage.getItem(key(of)));
      return kept && Date.now() - kept.at < MONTH ? kept : null;
    } catch {
      return null;
    }
  };
  const write = (kept) => {
    try {
      if (kept) localStorage.setItem(key(id), JSON.stringify(kept));
      else localStorage.removeItem(key(id));
    } catch {
      // A browser that keeps nothing still has the form.
    }
  };

  // The first page after a save that worked has a newer version, or for a new thing an id.
  const old = read(id);
  const isShown = form.dataset.dirty === "changed";
  if (old?.sent && version() > old.version) write(null);
  else if (old && !isShown) offer(old);
  if (id && version() === 1 && read("")?.sent) localStorage.removeItem(key(""));

  let last = JSON.stringify(fields());
  const keep = (sent) => {
    const now = fields();
    const text = JSON.stringify(now);
    if (text === last && !sent) return;
    last = text;
    write({ at: Date.now(), version: version(), sent: Boolean(sent), fields: now });
  };
  form.addEventListener("input", () => setTimeout(keep, 0));
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.formTarget) keep(!button?.hasAttribute("formaction"));
  });
  addEventListener("pagehide", () => keep());
  // What was changed by a button, an undo or an accepted draft.
  setInterval(keep, 3000);

  function offer(kept) {
    const box = document.querySelector("[data-kept]");
    if (!box) return;
    const time = box.querySelector("time");
    const at = new Date(kept.at);
    time.dateTime = at.toISOString();
    const isToday = at.toDateString() === new Date().toDateString();
    time.textContent = isToday
      ? at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
      : at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    box.querySelector("[data-newer]").hidden = version() <= kept.version;
    box.hidden = false;
    box.querySelector("[data-restore]").addEventListener("click", () => restore(kept));
    box.querySelector("[data-discard]").addEventListener("click", () => {
      write(null);
      box.hidden = true;
    });
  }

  /** Sends what was kept to be shown, not to be saved. */
  function restore(kept) {
    const back = document.createElement("form");
    back.method = "post";
    back.action = form.dataset.keepAt;
    const add = (name, value) => {
      const input = document.createElement("textarea");
      input.name = name;
      input.value = value;
      back.append(input);
    };
    for (const [name, value] of kept.fields) add(name, value);
    add("csrf_token", form.elements.csrf_token.value);
    back.hidden = true;
    // The form that is left has nothing in it that would be lost.
    form.dataset.left = "";
    document.body.append(back);
    back.submit();
  }
}
