// The two views of one question: step by step as it was asked, and the whole conversation as a form.

import { element } from "./element.js";
import { FormView } from "./form.js";

export class Views {
  // `acts`: submit(view, message), close(view, message), suggest(...), formShown(article).
  constructor(article, message, words, typed, acts) {
    Object.assign(this, { article, message, words, typed, acts });
    this.view = null;
    this.session = message.body.form.session;
    this.steps = article.querySelector(".steps");
    this.button = element("button", { type: "button", class: "view", hidden: true, on: { click: () => this.turn() } });
    article.querySelector(".bubble").prepend(this.button);
  }

  get isForm() {
    return this.view !== null;
  }

  // Only the latest question can be answered; an older one goes back to what it was.
  offer(isOffered) {
    this.button.hidden = !isOffered;
    this.show(isOffered && this.typed.isOpen(this.session));
  }

  turn() {
    const isForm = !this.isForm;
    this.typed.setOpen(this.session, isForm);
    this.show(isForm);
    if (isForm) this.acts.formShown(this.article);
    if (isForm) this.view.focus();
    else this.button.focus();
  }

  show(isForm) {
    this.button.textContent = isForm ? this.words.steps : this.words.form;
    this.steps.hidden = isForm;
    this.article.classList.toggle("as-form", isForm);
    if (isForm === this.isForm) return;
    this.view?.element.remove();
    this.view = null;
    if (!isForm) return;
    this.view = new FormView(this.message.body.form, this.words, this.typed, {
      submit: (view) => this.acts.submit(view, this.message),
      close: (view) => this.acts.close(view, this.message),
      suggest: this.acts.suggest,
    });
    const title = element("p", { class: "line title", dir: "auto" }, this.view.title);
    this.view.element.prepend(title);
    this.steps.after(this.view.element);
  }
}
