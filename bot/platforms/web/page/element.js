// Makes elements. Texts only ever become text nodes, so nobody's words can become markup.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  add: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  down: "M12 5v14M6 13l6 6 6-6",
  send: "M12 19V5M6 11l6-6 6 6",
};

// element("button", { class: "send", type: "button", on: { click } }, "Send")
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    } else if (value === true) {
      made.setAttribute(name, "");
    } else if (value !== false && value != null) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// The first letter in a circle, in one of six colours, so that columns are told apart at a glance.
export function portrait(person) {
  const letter = [...person.name][0] ?? "?";
  return element("span", { class: `portrait hue-${person.id % 6}`, "aria-hidden": "true" }, letter.toUpperCase());
}

// "{n} new", {n: 3} → "3 new"
export function fill(words, facts) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

// What the document's `lang` calls the languages of the house.
export function tag(language) {
  return language.replace("_", "-");
}
