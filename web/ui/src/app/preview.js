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

  let count = 0;
  function refresh() {
    const shown = form.querySelector("iframe:not([hidden])");
    if (!shown) return;
    // An answer still on its way is no longer wanted.
    form.querySelectorAll("iframe[hidden]").forEach((frame) => frame.remove());
    // A new frame each time: its first page replaces the empty one in the history instead of adding to it. It needs a
    // name of its own, because browsers keep the name a frame was made with.
    const next = shown.cloneNode(false);
    count += 1;
    next.name = `${button.formTarget}-${count}`;
    next.hidden = true;
    shown.after(next);
    next.addEventListener("load", () => {
      next.hidden = false;
      shown.remove();
    });
    const action = form.getAttribute("action");
    form.action = button.formAction;
    form.target = next.name;
    form.submit();
    form.setAttribute("action", action);
    form.removeAttribute("target");
  }
}
