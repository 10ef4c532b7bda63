// The text field at the foot of a column: grows with its text, Enter sends, Shift and Enter makes a new line.

import { element, icon } from "./element.js";

export class Composer {
  constructor(words, send) {
    this.send = send;
    this.field = element("textarea", { rows: "1", maxlength: "10000", dir: "auto", enterkeyhint: "send", autocomplete: "off" });
    this.button = element("button", { type: "submit", class: "send" }, icon("send"));
    this.element = element("form", { class: "composer" }, this.field, this.button);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("input", () => this.grow());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.speak(words);
  }

  speak(words) {
    this.field.setAttribute("aria-label", words.message);
    this.field.setAttribute("placeholder", words.message);
    this.button.setAttribute("aria-label", words.send);
    this.button.setAttribute("title", words.send);
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  key(event) {
    // While an input method composes (Chinese), Enter takes its candidate; 229 is how older browsers say so.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.field.value.trim();
    if (text) {
      this.field.value = "";
      this.grow();
      this.send(text);
    }
    this.focus();
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }
}
