// Drafts by a language model in the template editor. The proposal arrives while it is written, beside the text and never
// over it. Without this the form is sent, and the draft comes as a page when it is done.

import { announce } from "./dom.js";

const panel = document.querySelector("[data-ai]");
const form = panel?.querySelector("[data-ai-form]");
const editor = document.getElementById("template");

if (form && editor && window.ReadableStream) {
  const box = panel.querySelector("[data-ai-box]");
  const part = (name) => panel.querySelector(`[data-ai-${name}]`);
  const accepts = [...panel.querySelectorAll("[data-ai-accept]")];
  let asking = null;
  let last = "draft";
  let draft = null;
  let before = null;
  let label = "";

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(event.submitter?.value || "draft");
  });
  part("again").addEventListener("click", () => form.reportValidity() && ask(last));
  part("stop").addEventListener("click", () => {
    asking?.abort();
    show("stopped", "Stopped");
  });
  part("discard").addEventListener("click", () => {
    asking?.abort();
    asking = draft = before = null;
    box.hidden = true;
    busy(false);
    form.elements.goal.focus();
  });
  part("undo").addEventListener("click", () => {
    put(before);
    editor.elements.drafted_with.value = label;
    before = null;
    show("done", "AI proposal");
    announce("The text is as it was before.");
  });
  for (const button of accepts) {
    button.addEventListener("click", () => {
      const names = button.dataset.aiAccept.split(" ");
      const taken = Object.fromEntries(names.map((name) => [name, draft[name]]));
      // An editor that is no plain form takes the draft by itself.
      label = editor.elements.drafted_with.value;
      editor.elements.drafted_with.value = draft.model;
      const event = new CustomEvent("ai:accept", { bubbles: true, cancelable: true, detail: taken });
      if (editor.dispatchEvent(event)) before = put(taken);
      show("accepted", "Accepted. It is saved when you save the template.");
      announce("The draft is in the text. It is not saved yet.");
    });
  }
  addEventListener("pagehide", () => asking?.abort());

  /** Fills fields of the editor; gives what was in them. */
  function put(values) {
    const old = {};
    for (const [name, value] of Object.entries(values || {})) {
      const field = editor.elements[name];
      if (!field) continue;
      old[name] = field.value;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    return old;
  }

  function busy(is) {
    part("stop").hidden = !is;
    part("start").disabled = is;
  }

  function show(state, title) {
    busy(state === "writing");
    box.hidden = false;
    part("title").textContent = title;
    part("problem").hidden = state !== "failed";
    part("sent").hidden = state !== "sent";
    part("draft").hidden = state === "sent" || (state === "failed" && !part("body").textContent);
    for (const button of accepts) button.hidden = state !== "done";
    part("undo").hidden = state !== "accepted" || !before;
    part("again").hidden = state === "writing" || state === "sent";
  }

  function fill(text) {
    for (const name of ["subject", "preheader"]) if (part(name)) part(name).textContent = text[name] || "";
    part("body").textContent = text.body_text || "";
    part("note").textContent = text.note || "";
  }

  function fail(message) {
    part("problem").textContent = message;
    show("failed", "No draft");
  }

  const told = {
    more: fill,
    done(text) {
      draft = text;
      fill(text);
      show("done", "AI proposal");
      announce("The draft is written.");
    },
    sent(request) {
      part("sent").textContent = `POST ${request.address}\n\n${request.body}`;
      show("sent", "What would be sent. Nothing has left yet.");
    },
    failed: ({ message }) => fail(message),
  };

  async function ask(step) {
    asking?.abort();
    const mine = (asking = new AbortController());
    const body = new URLSearchParams(new FormData(form));
    body.set("step", step);
    draft = before = null;
    if (step === "draft") last = step;
    fill({});
    show("writing", step === "look" ? "Asking" : "Writing");
    box.scrollIntoView({ block: "nearest" });
    let ended = false;
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/event-stream" }, signal: mine.signal });
      if (answer.redirected || answer.status === 401) return location.reload();
      if (!answer.headers.get("content-type")?.startsWith("text/event-stream")) throw new Error(`status ${answer.status}`);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        text += value;
        const blocks = text.split("\n\n");
        text = blocks.pop();
        for (const block of blocks) {
          const [, name, data] = block.match(/^event: (\w+)\ndata: (.*)$/) || [];
          if (!name || mine !== asking) continue;
          ended ||= name !== "more";
          told[name]?.(JSON.parse(data));
        }
      }
      if (!ended && mine === asking) fail("The connection to pi-crm was lost. Try again.");
    } catch (error) {
      if (error.name !== "AbortError" && mine === asking) fail("pi-crm could not be reached. Try again.");
    }
  }
}
