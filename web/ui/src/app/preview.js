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
