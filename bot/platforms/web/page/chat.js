// The page: the bar, the open columns side by side (one at a time on a narrow screen), the one stream that feeds them.

import { Column } from "./column.js";
import { element, icon, portrait, tag } from "./element.js";
import { keep, recall } from "./memory.js";
import { chatsWaiting, Outgoing } from "./outgoing.js";
import { Menu, peopleList } from "./picker.js";
import { Stream } from "./stream.js";

const OFFLINE_MS = 1500; // a connection that is back sooner is not worth a word
const RETRY_MS = 1500;

class House {
  constructor(known) {
    this.people = known.people;
    this.allWords = known.words;
    this.language = ownLanguage(known);
    this.columns = [];
    this.active = null;
    this.outgoings = new Map();
    this.stream = new Stream(() => this.cursor(), {
      message: (message) => this.column(message.chat)?.receive(message),
      typing: ({ chat }) => this.column(chat)?.setTyping(true),
      reset: ({ chat }) => this.reopen(this.column(chat)),
      up: () => this.setOnline(true),
      down: () => this.setOnline(false),
    });
    this.build();
  }

  build() {
    const words = this.words(this.language);
    document.documentElement.lang = tag(this.language);
    const opener = element("button", { type: "button", class: "opener", "aria-label": words.open }, icon("add"), element("span", {}, words.open));
    this.menu = new Menu(opener, () => this.menuList());
    this.switcher = element("nav", { class: "switcher", "aria-label": words.switch });
    this.offline = element("p", { class: "offline", "aria-live": "polite" });
    this.bar = element("header", { class: "bar" }, element("h1", {}, "Tradewind"), this.switcher, this.offline, this.menu.element);
    this.main = element("main", {});
    this.welcome = element("div", { class: "welcome", hidden: true });
    document.body.replaceChildren(this.bar, this.main);
    this.main.append(this.welcome);
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("focus", () => this.active?.markRead());
  }

  async start() {
    for (const chat of chatsWaiting()) this.outgoing(chat).run();
    const remembered = recall("columns", []);
    const people = remembered.map((id) => this.people.find((person) => person.id === id)).filter(Boolean);
    const opened = await Promise.all(people.map((person) => this.makeColumn(person)));
    opened.filter(Boolean).forEach((column) => this.place(column));
    const last = recall("active");
    this.activate(this.columns.find((column) => column.person.id === last) ?? this.columns[0]);
    this.arrange();
    this.stream.restart();
    if (finePointer()) this.active?.composer.focus();
  }

  // — columns —

  async open(person) {
    this.menu.close();
    let column = this.columns.find((one) => one.person.id === person.id);
    if (!column) {
      column = await this.makeColumn(person);
      if (!column || this.columns.some((one) => one.person.id === person.id)) return;
      this.place(column);
      this.stream.restart();
    }
    this.activate(column);
    this.arrange();
    column.element.scrollIntoView({ inline: "nearest", block: "nearest" });
    column.toEnd();
    column.composer.focus();
  }

  async makeColumn(person) {
    for (;;) {
      try {
        const opened = await post("/api/chats", { person: person.id });
        const column = new Column(person, opened, this);
        await column.fetch();
        return column;
      } catch (error) {
        if (error.status === 404) return null; // disabled meanwhile
        this.setOnline(false);
        await pause(RETRY_MS);
      }
    }
  }

  place(column) {
    this.columns.push(column);
    this.main.append(column.element);
    for (const act of ["pointerdown", "focusin"]) column.element.addEventListener(act, () => this.activate(column));
    column.toEnd();
  }

  close(column) {
    const at = this.columns.indexOf(column);
    this.columns.splice(at, 1);
    column.element.remove();
    const next = this.columns[Math.min(at, this.columns.length - 1)] ?? null;
    if (this.active === column) this.active = null;
    this.activate(next);
    this.arrange();
    this.stream.restart();
    if (next) next.composer.focus();
    else this.menu.button.focus();
  }

  // The server knows less of this chat than we have seen: it has another database now. Begin afresh.
  async reopen(column) {
    if (!column) return;
    const opened = await post("/api/chats", { person: column.person.id }).catch(() => null);
    if (!opened) {
      this.close(column);
      return;
    }
    column.forget();
    await column.fetch().catch(() => {});
    this.stream.restart();
  }

  activate(column) {
    if (!column || this.active === column) return;
    this.active = column;
    for (const one of this.columns) one.element.classList.toggle("active", one === column);
    column.markRead();
    this.remember();
    this.read();
    if (column.isAtEnd) column.toEnd();
  }

  // After a column has come or gone.
  arrange() {
    this.welcome.hidden = this.columns.length > 0;
    if (!this.welcome.hidden) this.drawWelcome();
    this.main.classList.toggle("single", this.columns.length === 1);
    this.drawSwitcher();
    this.remember();
    this.read();
  }

  remember() {
    keep("columns", this.columns.map((column) => column.person.id));
    keep("active", this.active?.person.id ?? null);
  }

  // — the bar and the empty page —

  drawWelcome() {
    const words = this.words(this.language);
    const list = this.people.length ? peopleList(this.people, (person) => this.open(person)) : element("p", {}, words.nobody);
    this.welcome.replaceChildren(element("h2", {}, words.welcome), element("p", {}, words.welcome_hint), list);
  }

  drawSwitcher() {
    const buttons = this.columns.map((column) => {
      const mark = element("span", { class: "dot", hidden: true });
      const name = column.person.name;
      const button = element("button", { type: "button", title: name }, portrait(column.person), mark);
      button.addEventListener("click", () => this.activate(column));
      column.switch = { button, mark };
      return button;
    });
    this.switcher.replaceChildren(...buttons);
  }

  async menuList() {
    const known = await get("/api/people").catch(() => null);
    if (known) this.people = known.people;
    const others = this.people.filter((person) => !this.columns.some((column) => column.person.id === person.id));
    return peopleList(others, (person) => this.open(person));
  }

  // Called whenever something was read or is new.
  read() {
    const unread = this.columns.reduce((sum, column) => sum + column.unread, 0);
    document.title = unread ? `(${unread}) Tradewind` : "Tradewind";
    for (const column of this.columns) {
      if (!column.switch) continue;
      column.switch.mark.hidden = column.unread === 0;
      column.switch.mark.textContent = column.unread || "";
      column.switch.button.setAttribute("aria-pressed", String(column === this.active));
      const news = column.unread ? `, ${column.badge.textContent}` : "";
      column.switch.button.setAttribute("aria-label", column.person.name + news);
    }
  }

  isWatched(column) {
    return column === this.active && !document.hidden && document.hasFocus();
  }

  // — the line to the server —

  column(chat) {
    return this.columns.find((column) => column.chat === chat);
  }

  cursor() {
    return this.columns.map((column) => `${column.chat}:${column.seq}`).join(",");
  }

  words(language) {
    return this.allWords[language] ?? this.allWords.en;
  }

  outgoing(chat) {
    if (!this.outgoings.has(chat)) {
      const on = {
        sending: (item) => this.column(chat)?.showItem(item, "sending"),
        waiting: (item, answer) => this.column(chat)?.waits(item, answer),
        done: (item, answer) => this.column(chat)?.sent(item, answer),
        refused: (item, answer) => this.column(chat)?.refused(item, answer),
      };
      this.outgoings.set(chat, new Outgoing(chat, on));
    }
    return this.outgoings.get(chat);
  }

  hurry() {
    this.stream.hurry();
    for (const outgoing of this.outgoings.values()) outgoing.hurry();
    this.active?.markRead();
  }

  setOnline(isOnline) {
    clearTimeout(this.offlineTimer);
    if (isOnline) {
      this.offline.replaceChildren();
      for (const outgoing of this.outgoings.values()) outgoing.hurry();
    } else {
      const say = () => (this.offline.textContent = this.words(this.language).offline);
      this.offlineTimer = setTimeout(say, OFFLINE_MS);
    }
  }
}

function ownLanguage(known) {
  const wanted = navigator.language.toLowerCase();
  if (wanted.startsWith("zh")) return "zh_CN";
  return wanted.startsWith("en") ? "en" : known.language;
}

function finePointer() {
  return window.matchMedia("(hover: hover) and (pointer: fine)").matches;
}

async function get(path) {
  return read(await fetch(path));
}

async function post(path, packed) {
  const headers = { "Content-Type": "application/json" };
  return read(await fetch(path, { method: "POST", headers, body: JSON.stringify(packed) }));
}

async function read(response) {
  if (response.ok) return response.json();
  throw Object.assign(new Error(`${response.url}: ${response.status}`), { status: response.status });
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function main() {
  for (;;) {
    const known = await get("/api/people").catch(() => null);
    if (known) return new House(known).start();
    await pause(RETRY_MS);
  }
}

main();
