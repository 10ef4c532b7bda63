// The messages of one chat in the document: in order, days set apart, a change drawn where the message stands.

import { element } from "./element.js";
import { drawMessage, drawPending } from "./draw.js";
import { Views } from "./views.js";

export class Log {
  constructor(words, typed, acts) {
    this.words = words;
    this.typed = typed;
    this.acts = acts;
    this.shown = new Map(); // by id: { message, article, views }
    this.offered = null; // the views of the latest question that can be answered as a form
    this.pending = new Map(); // by the page's own id: article
    this.element = element("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
  }

  get oldest() {
    return this.shown.keys().next().value ?? null;
  }

  get newest() {
    return [...this.shown.keys()].at(-1) ?? 0;
  }

  get isEmpty() {
    return this.shown.size === 0 && this.pending.size === 0;
  }

  // Draw everything anew: when the chat is opened, older messages are fetched, or the language changes.
  fill(messages) {
    this.element.setAttribute("aria-busy", "true"); // a screen reader need not hear it all again
    for (const { article } of this.shown.values()) article.remove();
    for (const day of this.element.querySelectorAll(".day")) day.remove();
    this.shown.clear();
    this.offered = null;
    for (const message of messages) this.put(message, false);
    this.offerForm();
    this.element.setAttribute("aria-busy", "false");
  }

  messages() {
    return [...this.shown.values()].map(({ message }) => message);
  }

  // Show a message, or its change; "added", "changed", or "" for what is known already.
  put(message, isLast = true) {
    const known = this.shown.get(message.id);
    if (known && known.message.seq >= message.seq) return "";
    const article = drawMessage(message, this.words, this.acts);
    const views = message.body.form ? new Views(article, message, this.words, this.typed, this.acts) : null;
    if (known) {
      known.article.replaceWith(article);
      this.shown.set(message.id, { message, article, views });
      if (isLast) this.offerForm();
      return "changed";
    }
    if (message.id < this.newest) return ""; // a change of something older than what is fetched
    if (message.client) this.settle(message.client);
    const last = [...this.shown.values()].at(-1);
    const before = this.pending.values().next().value ?? null;
    if (last?.message.day !== message.day) {
      this.element.insertBefore(element("p", { class: "day" }, element("span", {}, message.day)), before);
    }
    this.element.insertBefore(article, before);
    this.shown.set(message.id, { message, article, views });
    if (isLast) this.offerForm();
    return "added";
  }

  // The latest question with a form is the one that can be switched to it.
  offerForm() {
    const last = [...this.shown.values()].findLast(({ views }) => views);
    if (last && last.message.id > this.typed.asked) this.typed.setAsked(last.message.id);
    const latest = last && last.message.id === this.typed.asked ? last.views : null;
    if (latest === this.offered) return;
    this.offered?.offer(false);
    this.offered = latest;
    latest?.offer(true);
  }

  // The form one looks at now, if any.
  get openForm() {
    return this.offered?.isForm ? this.offered : null;
  }

  has(client) {
    return [...this.shown.values()].some(({ message }) => message.client === client);
  }

  article(id) {
    return this.shown.get(id)?.article ?? null;
  }

  // A text on its way: "sending", "waiting" or "failed".
  await(client, text, language, state, note) {
    if (this.has(client)) return;
    const article = drawPending(text, language, state, this.words, note);
    const known = this.pending.get(client);
    if (known) known.replaceWith(article);
    else this.element.append(article);
    this.pending.set(client, article);
  }

  settle(client) {
    this.pending.get(client)?.remove();
    this.pending.delete(client);
  }
}
