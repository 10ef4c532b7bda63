// The whole conversation as one page: every field at once, lines that can be added and taken out, problems in place.

import { element, fill, icon } from "./element.js";
import { Field } from "./field.js";

const LINE = /^(.+)\.(\d+)\.([^.]+)$/;

export class FormView {
  // `typed`: what was typed into this draft's form; `acts`: submit(view), close(view), suggest(token, path, typed).
  constructor(form, words, typed, acts) {
    this.words = words;
    this.typed = typed;
    this.acts = acts;
    this.submit = element("button", { type: "submit", class: "press primary" });
    this.closer = element("button", { type: "button", class: "press", on: { click: () => acts.close(this) } });
    this.trouble = element("p", { class: "line problem", role: "alert", hidden: true });
    this.fields = element("div", { class: "fields" });
    // Within the log, whose additions are read out: a form is gone through, not listened to.
    this.element = element("form", { class: "form", novalidate: true, "aria-live": "off" }, this.trouble, this.fields, element("div", { class: "ends" }, this.submit, this.closer));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.submit.disabled) this.acts.submit(this);
    });
    this.draw(form);
  }

  // Show this form, with what was typed into the one before.
  draw(form) {
    this.form = form;
    this.all = new Map(); // by path: Field
    this.groups = new Map(); // by key: { element, add }
    this.submit.textContent = form.submit;
    this.closer.textContent = form.close;
    this.element.setAttribute("aria-label", form.title);
    this.fields.replaceChildren();
    for (const [name, lines] of groupsOf(form.inputs)) {
      if (name === null) this.fields.append(...lines.map((asked) => this.makeField(asked).element));
      else this.drawGroup(name, lines);
    }
    for (const path of this.typed.paths(form.session)) {
      const found = LINE.exec(path);
      while (found && this.groups.has(found[1]) && this.groups.get(found[1]).next <= Number(found[2])) this.addLine(found[1]);
    }
  }

  get title() {
    return this.form.title;
  }

  values() {
    return Object.fromEntries([...this.all.values()].map((field) => [field.key, field.value]));
  }

  // What is wrong, by path; what has no field here stands on top.
  setProblems(problems) {
    for (const field of this.all.values()) field.setProblem(problems[field.key] ?? "");
    const elsewhere = Object.entries(problems).filter(([path]) => !this.all.has(path));
    this.trouble.textContent = elsewhere.map(([, problem]) => problem).join("\n");
    this.trouble.hidden = elsewhere.length === 0;
    [...this.all.values()].find((field) => problems[field.key])?.focus();
  }

  hold(isHeld) {
    this.submit.disabled = this.closer.disabled = isHeld;
    this.submit.toggleAttribute("aria-busy", isHeld);
  }

  focus() {
    const fields = [...this.all.values()];
    (fields.find((field) => !field.value.length) ?? fields[0])?.focus();
  }

  makeField(asked) {
    const { session, token } = this.form;
    const changed = (field) => {
      this.typed.put(session, field.key, asked.value, field.value, field.shown);
      field.setProblem("");
    };
    const field = new Field(asked, this.words, (text) => this.acts.suggest(token, asked.key, text), changed);
    const typed = this.typed.get(session, asked.key, asked.value);
    if (typed) field.set(typed.value, typed.shown || typed.value);
    this.all.set(asked.key, field);
    return field;
  }

  // — lines —

  drawGroup(name, lines) {
    const holder = element("div", { class: "group" });
    const add = element("button", { type: "button", class: "press add", on: { click: () => this.addLine(name).focus() } }, icon("add"), this.words.add_line);
    this.groups.set(name, { holder, next: 0, last: [] });
    this.fields.append(holder, add);
    for (const inputs of lines) this.drawLine(name, inputs, true);
  }

  drawLine(name, inputs, isKnown) {
    const group = this.groups.get(name);
    const index = Number(LINE.exec(inputs[0].key)[2]);
    const legend = fill(this.words.line, { n: index + 1 });
    const remove = element("button", { type: "button", class: "quiet", "aria-label": `${this.words.remove_line}: ${legend}`, title: this.words.remove_line }, icon("close"));
    const fields = inputs.map((asked) => this.makeField(asked));
    const line = element("fieldset", { class: "repeated" }, element("legend", {}, legend), remove, element("div", { class: "across" }, ...fields.map((field) => field.element)));
    remove.addEventListener("click", () => this.removeLine(name, line, fields, isKnown));
    group.holder.append(line);
    group.next = Math.max(group.next, index + 1);
    group.last = inputs;
    return fields[0];
  }

  addLine(name) {
    const { last, next } = this.groups.get(name);
    return this.drawLine(name, last.map((asked) => blank(asked, name, next)), false);
  }

  // A line the server knows is handed in empty, which takes it out; one of the page's own was never there.
  removeLine(name, line, fields, isKnown) {
    for (const field of fields) {
      if (isKnown) {
        field.set(field.boxes ? [] : "", "");
        field.told();
      } else {
        this.all.delete(field.key);
        this.typed.drop(this.form.session, field.key);
      }
    }
    const { holder } = this.groups.get(name);
    if (holder.querySelectorAll("fieldset.repeated:not([hidden])").length === 1) {
      if (!isKnown) this.addLine(name); // at least one line stands there
      else return fields[0].focus();
    }
    if (isKnown) line.hidden = true;
    else line.remove();
    holder.querySelector("fieldset.repeated:not([hidden]) :is(input, select, textarea)")?.focus();
  }
}

// [null, fields] for those that stand alone, [group, lines of fields] for those that repeat; in the form's order.
function groupsOf(inputs) {
  const parts = [];
  for (const asked of inputs) {
    const [, name = null, index] = LINE.exec(asked.key) ?? [];
    if (parts.at(-1)?.[0] !== name || !parts.length) parts.push([name, []]);
    const part = parts.at(-1)[1];
    if (name === null) part.push(asked);
    else (part[Number(index)] ??= []).push(asked);
  }
  return parts.map(([name, part]) => [name, part.filter(Boolean)]);
}

// The same field in another line: nothing in it, nothing wrong with it.
function blank(asked, name, index) {
  const [, , , key] = LINE.exec(asked.key);
  const { problem, ...rest } = asked;
  const label = asked.label.replace(/[\d,.\s]*$/, ` ${index + 1}`);
  const choices = asked.kind === "search" ? [] : asked.choices;
  return { ...rest, key: `${name}.${index}.${key}`, label, value: asked.kind === "choices" ? [] : "", choices };
}
