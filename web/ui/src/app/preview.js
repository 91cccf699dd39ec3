// The preview beside the template editor. Its form posts into a frame, which works without any script; this presses
// the button by itself a moment after the last key, and swaps frames so that nothing flickers and "Back" still leads
// away from the page.

const form = document.querySelector("form[data-preview]");
const button = form?.querySelector("[data-preview-now]");

if (form && button) {
  let timer;
  let count = 0;
  let shown = document.querySelector(`iframe[name="${button.formTarget}"]`);
  const soon = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(refresh, delay);
  };

  form.addEventListener("input", (event) => {
    if (!event.target.closest("[data-not-previewed]")) soon(400);
  });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    refresh();
  });
  soon(0);

  function refresh() {
    if (!shown) return;
    count += 1;
    const turn = count;
    // A new frame each time: its first page replaces the empty one in the history instead of adding to it. It has a
    // name of its own, because a frame keeps the name it was made with.
    const next = shown.cloneNode(false);
    next.name = `${button.formTarget}-${turn}`;
    next.hidden = true;
    shown.after(next);
    const done = () => {
      // A later answer is on its way: this one is no longer wanted.
      if (turn < count) {
        next.remove();
        return;
      }
      shown.remove();
      next.hidden = false;
      next.setAttribute("name", button.formTarget);
      shown = next;
    };
    // After this turn, so that the load of the empty page is not taken for the answer.
    setTimeout(() => {
      next.addEventListener("load", done, { once: true });
      const action = form.getAttribute("action");
      const target = form.target;
      form.action = button.formAction;
      form.target = next.name;
      form.submit();
      form.setAttribute("action", action);
      form.target = target;
    });
  }
}

// An accepted draft of a message made of blocks becomes a block of text, in Markdown, before the end.
const blocks = document.getElementById("blocks");
if (form && blocks) {
  form.addEventListener("ai:accept", (event) => {
    event.preventDefault();
    for (const [name, value] of Object.entries(event.detail)) {
      const field = form.elements[name];
      if (!field || name === "body_text") continue;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const text = event.detail.body_html ? markdown(event.detail.body_html) : event.detail.body_text;
    if (!text) return;
    form.addEventListener(
      "input",
      (came) => {
        if (came.target.id !== "blocks") return;
        const added = [...came.target.querySelectorAll("details[open] textarea")].at(-1);
        if (!added) return;
        added.value = text;
        added.dispatchEvent(new Event("input", { bubbles: true }));
      },
      { once: true, capture: true },
    );
    document.querySelector('#blocks button[value="add:text"]')?.click();
  });
}

function markdown(html) {
  const inline = (node) =>
    [...node.childNodes]
      .map((child) => {
        if (child.nodeType === Node.TEXT_NODE) return child.textContent.replace(/\s+/g, " ");
        const inside = inline(child);
        if (child.matches?.("strong, b")) return `**${inside}**`;
        if (child.matches?.("em, i")) return `*${inside}*`;
        if (child.matches?.("a[href]")) return `[${inside}](${child.getAttribute("href")})`;
        return child.matches?.("br") ? "\n" : inside;
      })
      .join("");
  const body = new DOMParser().parseFromString(html, "text/html").body;
  const parts = [...body.querySelectorAll("p, li, h1, h2, h3")].map((part) => (part.matches("li") ? `- ${inline(part)}` : inline(part)));
  return (parts.length > 0 ? parts : [inline(body)]).map((part) => part.trim()).join("\n\n");
}
