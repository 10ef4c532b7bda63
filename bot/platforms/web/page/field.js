// One field of a form: its label, its hint, what it takes, and what is wrong with it.

import { element } from "./element.js";
import { Search } from "./search.js";

let numbers = 0;

export class Field {
  // `asked`: what the server drew; `find(typed)`: suggestions; `changed(field)`: told of every change.
  constructor(asked, words, find, changed) {
    this.key = asked.key;
    this.asked = asked;
    this.id = `field-${++numbers}`;
    this.told = () => changed(this);
    this.trouble = element("p", { class: "problem", id: `${this.id}-problem`, hidden: true });
    const hint = asked.hint ? element("p", { class: "hint", id: `${this.id}-hint` }, asked.hint) : null;
    const optional = asked.required ? null : element("span", { class: "optional" }, ` ${words.optional}`);
    this.about = { "aria-describedby": `${hint ? `${hint.id} ` : ""}${this.trouble.id}`, "aria-required": asked.required ? "true" : null };
    const made = this.make(words, find);
    const isSet = asked.kind === "choices";
    const label = element(isSet ? "legend" : "label", { for: isSet ? null : this.id }, asked.label, optional);
    this.element = element(isSet ? "fieldset" : "div", { class: `field ${asked.kind}`, "data-path": asked.key }, label, hint, made, this.trouble);
    this.set(asked.value, this.labelOf(asked.value));
    this.setProblem(asked.problem ?? "");
  }

  make(words, find) {
    const { kind, choices = [] } = this.asked;
    const attributes = { id: this.id, ...this.about };
    if (kind === "choices") {
      this.boxes = choices.map((choice) => element("input", { type: "checkbox", value: choice.value, ...this.about, "aria-required": null, on: { change: this.told } }));
      return element("div", { class: "boxes" }, ...this.boxes.map((box, index) => element("label", {}, box, choices[index].label)));
    }
    if (kind === "search") {
      this.search = new Search(attributes, words, find, this.told);
      this.input = this.search.input;
      return this.search.element;
    }
    if (kind === "choice") {
      const options = choices.map((choice) => element("option", { value: choice.value }, choice.note ? `${choice.label} · ${choice.note}` : choice.label));
      this.input = element("select", { ...attributes, on: { change: this.told } }, element("option", { value: "" }, words.choose), ...options);
      return this.input;
    }
    const typing = { ...attributes, dir: "auto", autocomplete: "off", on: { input: this.told } };
    this.input = kind === "long" ? element("textarea", { ...typing, rows: "3" }) : element("input", { ...typing, type: "text" });
    return this.input;
  }

  // What is handed in: a text, the value chosen, or the values ticked.
  get value() {
    if (this.boxes) return this.boxes.filter((box) => box.checked).map((box) => box.value);
    return this.search ? this.search.value : this.input.value;
  }

  get shown() {
    return this.search ? this.search.shown : "";
  }

  set(value, shown) {
    if (this.boxes) {
      for (const box of this.boxes) box.checked = value.includes(box.value);
    } else if (this.search) {
      this.search.set(value, shown);
    } else {
      // A sentence of one's own among the choices is one of them.
      const isOwn = this.asked.kind === "choice" && ![...this.input.options].some((option) => option.value === value);
      if (isOwn) this.input.append(element("option", { value }, value));
      this.input.value = value;
    }
  }

  labelOf(value) {
    return this.asked.choices?.find((choice) => choice.value === value)?.label ?? value;
  }

  setProblem(text) {
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
    for (const input of this.boxes ?? [this.input]) input.setAttribute("aria-invalid", String(Boolean(text)));
  }

  focus() {
    (this.boxes?.[0] ?? this.input)?.focus();
  }
}
