// The preview beside the template editor. Its form posts into a frame, which works without any script; this presses
// the button by itself a moment after the last key, and swaps frames so that nothing flickers and "Back" still leads
// away from the page.

const form = document.querySelector("form[data-preview]");
const button = form?.querySelector("[data-preview-now]");

if (form && button) {
  let timer;
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
    const name = button.formTarget;
    const shown = document.querySelector(`iframe[name="${name}"]`);
    if (!shown) return;
    // A new frame each time: its first page replaces the empty one in the history instead of adding to it.
    const next = shown.cloneNode(false);
    next.removeAttribute("src");
    next.hidden = true;
    shown.removeAttribute("name");
    shown.after(next);
    const done = () => {
      next.hidden = false;
      shown.remove();
    };
    // The first load is the empty page where a browser reports it at all; the answer is the one after the submit.
    setTimeout(() => {
      next.addEventListener("load", done, { once: true });
      const action = form.action;
      const target = form.target;
      form.action = button.formAction;
      form.target = name;
      form.submit();
      form.setAttribute("action", action);
      form.target = target;
    });
  }
}
