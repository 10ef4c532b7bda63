// A text field with suggestions under it, found by the server while one types: what is typed itself counts too.

import { element } from "./element.js";

const PAUSE_MS = 150;
let numbers = 0;

export class Search {
  // `find(typed)` gives choices; `changed()` is told of every change.
  constructor(attributes, words, find, changed) {
    this.words = words;
    this.find = find;
    this.changed = changed;
    this.chosen = { value: "", label: "" };
    this.asked = 0;
    this.at = -1;
    const id = `suggestions-${++numbers}`;
    this.list = element("ul", { id, class: "suggestions", role: "listbox", hidden: true });
    this.input = element("input", {
      type: "text",
      role: "combobox",
      dir: "auto",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": id,
      ...attributes,
    });
    this.input.addEventListener("input", () => {
      this.changed();
      this.soon();
    });
    this.input.addEventListener("click", () => this.list.hidden && this.look());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.element = element("div", { class: "search" }, this.input, this.list);
  }

  get value() {
    const typed = this.input.value.trim();
    return typed && typed === this.chosen.label.trim() ? this.chosen.value : typed;
  }

  get shown() {
    return this.input.value;
  }

  set(value, shown) {
    this.chosen = { value, label: shown };
    this.input.value = shown;
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), PAUSE_MS);
  }

  async look() {
    const number = ++this.asked;
    // Somebody who comes back to what is chosen wants to see the others too.
    const typed = this.value && this.value === this.chosen.value ? "" : this.input.value.trim();
    const found = await this.find(typed).catch(() => null);
    if (number !== this.asked || document.activeElement !== this.input) return;
    if (found) this.open(found);
  }

  open(found) {
    this.found = found;
    this.at = -1;
    this.input.removeAttribute("aria-activedescendant");
    const options = found.map((choice, index) => {
      const note = choice.note ? element("small", {}, choice.note) : null;
      const option = element("li", { id: `${this.list.id}-${index}`, role: "option", "aria-selected": "false" }, choice.label, note);
      option.addEventListener("click", () => this.pick(index));
      return option;
    });
    const nothing = element("li", { class: "nothing", role: "option", "aria-disabled": "true", "aria-selected": "false" }, this.words.nothing);
    this.list.replaceChildren(...(options.length ? options : [nothing]));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.list.scrollTop = 0;
    this.list.scrollIntoView({ block: "nearest" });
  }

  close() {
    clearTimeout(this.timer);
    this.asked += 1; // what is still being looked for comes too late
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  pick(index) {
    const choice = this.found[index];
    this.set(choice.value, choice.label);
    this.close();
    this.changed();
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const isOpen = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!isOpen) this.look();
      else if (this.found.length) this.point((this.at + step + this.found.length + (this.at < 0 && step < 0 ? 1 : 0)) % this.found.length);
    } else if (event.key === "Enter" && isOpen && this.at >= 0) {
      event.preventDefault();
      this.pick(this.at);
    } else if (event.key === "Escape" && isOpen) {
      event.stopPropagation();
      this.close();
    }
  }

  point(index) {
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = index;
    const option = this.list.children[index];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }
}
