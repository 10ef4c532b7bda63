// Draws one message as an article: a person's own text, or the lines and buttons the server has drawn.

import { element, icon, tag } from "./element.js";

// `acts`: press(button, key, message), copy(text).
export function drawMessage(message, words, acts) {
  const isBot = message.author === "bot";
  const bubble = element("div", { class: "bubble" });
  const article = element(
    "article",
    { class: `message ${isBot ? "bot" : "person"}`, "data-id": message.id, lang: tag(message.body.language ?? message.language ?? "") || null },
    bubble,
  );
  if (isBot) {
    const steps = message.body.form ? element("div", { class: "steps" }) : bubble;
    steps.append(...message.body.lines.map((line) => drawLine(line, message.body.language, words, acts)));
    if (message.body.file) steps.append(drawFile(message));
    const rows = message.body.rows ?? [];
    if (rows.length) steps.append(drawRows(rows, message, acts));
    if (steps !== bubble) bubble.append(steps);
  } else {
    bubble.append(element("p", { class: "line body", dir: "auto" }, message.body.text));
  }
  if (message.time) {
    article.append(element("time", { datetime: message.at, title: `${message.day} ${message.time}` }, message.time));
  }
  return article;
}

// A message that has not come back from the server yet; `state` is "sending", "waiting" or "failed".
export function drawPending(text, language, state, words, note = "") {
  const article = drawMessage({ author: "person", body: { text }, language }, words, {});
  article.classList.add("pending", state);
  const sign = { sending: "", waiting: words.waiting, failed: words.failed }[state];
  const told = [sign, note].filter(Boolean).join(" · ");
  if (told) article.append(element("p", { class: "state" }, told));
  return article;
}

function drawLine(line, language, words, acts) {
  if (line.style === "copy") {
    const copy = element("button", { type: "button", class: "copy", on: { click: () => acts.copy(line.text) } });
    copy.append(icon("copy"), words.copy);
    return element("div", { class: "line copyable" }, element("pre", { dir: "auto" }, line.text), copy);
  }
  if (line.label != null) {
    const colon = language === "zh_CN" ? "：" : ": ";
    return element(
      "p",
      { class: `line ${line.style}` },
      element("span", { class: "label" }, line.label + colon),
      element("bdi", { class: "value" }, line.text),
    );
  }
  return element("p", { class: `line ${line.style}`, dir: "auto" }, line.text);
}

function drawFile(message) {
  const { name, size } = message.body.file;
  const address = `/api/chats/${encodeURIComponent(message.chat)}/files/${message.id}`;
  const told = size < 1024 * 1024 ? `${Math.max(1, Math.round(size / 1024))} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
  const link = element("a", { class: "file", href: address, download: name }, icon("down"), element("bdi", {}, name));
  link.append(element("small", {}, told));
  return link;
}

function drawRows(rows, message, acts) {
  const drawn = rows.map((row) =>
    element("div", { class: "row" }, ...row.map((button) => drawButton(button, message, acts))),
  );
  return element("div", { class: "rows" }, ...drawn);
}

function drawButton(button, message, acts) {
  const made = element("button", { type: "button", class: `press ${button.role ?? ""}`.trim(), "data-key": button.key });
  made.append(button.label);
  if (button.note) {
    made.setAttribute("aria-label", button.label);
    made.setAttribute("title", button.note);
    made.append(element("small", { "aria-hidden": "true" }, button.note));
  }
  made.addEventListener("click", () => acts.press(made, button.key, message));
  return made;
}
