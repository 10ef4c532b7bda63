// Whom one can be: the list of people, in the middle of an empty page and in the menu of the bar.

import { element, portrait, tag } from "./element.js";

export function peopleList(people, choose) {
  const items = people.map((person) => {
    const about = [person.roles, person.team].filter(Boolean).join(" · ");
    const button = element(
      "button",
      { type: "button", class: "pick", lang: tag(person.language), on: { click: () => choose(person) } },
      portrait(person),
      element("span", { class: "who" }, element("strong", {}, person.name), element("small", {}, about)),
    );
    return element("li", {}, button);
  });
  return element("ul", { class: "people" }, ...items);
}

// A button with a panel under it; `list()` makes the panel's content each time it opens.
export class Menu {
  constructor(button, list) {
    this.button = button;
    this.list = list;
    this.panel = element("div", { class: "panel", hidden: true });
    this.element = element("div", { class: "menu" }, button, this.panel);
    button.setAttribute("aria-expanded", "false");
    this.isWanted = false;
    button.addEventListener("click", () => (this.isWanted ? this.close() : this.open()));
    this.element.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", (event) => this.element.contains(event.target) || this.close());
    this.element.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.element.contains(event.relatedTarget)) this.close();
    });
  }

  async open() {
    this.isWanted = true;
    const list = await this.list();
    if (!this.isWanted) return; // closed again while the list was on its way
    this.panel.replaceChildren(list);
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
  }

  close() {
    this.isWanted = false;
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  key(event) {
    if (event.key === "Escape") {
      this.close();
      this.button.focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || this.panel.hidden) return;
    event.preventDefault();
    const buttons = [...this.panel.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    buttons.at((at + step) % buttons.length)?.focus();
  }
}
