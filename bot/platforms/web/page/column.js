// One person's column: who it is, the messages, and the field to write in.

import { Composer } from "./composer.js";
import { element, fill, icon, portrait, tag } from "./element.js";
import { Log } from "./log.js";
import { keep, recall } from "./memory.js";
import { Typed } from "./typed.js";

const TOAST_MS = 7000;
const TYPING_MS = 10_000; // an answer that takes longer comes without its sign
const NEAR_PX = 80;

export class Column {
  // `house`: words(language), outgoing(chat), close(column), read(), isWatched(column).
  constructor(person, opened, house) {
    this.person = person;
    this.chat = opened.chat;
    this.house = house;
    this.seq = 0;
    this.more = false;
    this.unread = 0;
    this.language = opened.language;
    this.words = house.words(opened.language);
    this.pressed = new Map(); // by the post's id: what was pressed, for as long as that is under way
    this.typed = new Typed(this.chat);
    this.log = new Log(this.words, this.typed, {
      press: (...args) => this.press(...args),
      copy: (text) => this.copy(text),
      submit: (view, message) => this.postForm(view, { form: view.form.token, values: view.values(), message: message.id }),
      close: (view, message) => this.postForm(view, { close: view.form.token, message: message.id }),
      suggest: (...args) => this.suggest(...args),
      formShown: (article) => this.showTop(article),
    });
    this.composer = new Composer(this.words, (text) => this.say(text));
    this.build();
    this.speak();
  }

  build() {
    this.badge = element("span", { class: "badge", hidden: true });
    this.closer = element("button", { type: "button", class: "quiet", on: { click: () => this.house.close(this) } }, icon("close"));
    const about = [this.person.roles, this.person.team].filter(Boolean).join(" · ");
    const who = element("div", { class: "who" }, element("h2", {}, this.person.name), element("p", {}, about));
    this.earlier = element("button", { type: "button", class: "earlier", hidden: true, on: { click: () => this.fetchEarlier() } });
    this.empty = element("p", { class: "empty", hidden: true });
    this.typingSign = element("p", { class: "typing", role: "img", hidden: true }, element("i"), element("i"), element("i"));
    this.scroller = element("div", { class: "scroller", role: "group", tabindex: "0" }, this.earlier, this.empty, this.log.element, this.typingSign);
    this.jump = element("button", { type: "button", class: "jump", hidden: true, on: { click: () => this.toEnd() } });
    this.toaster = element("p", { class: "toast", role: "status" });
    this.element = element(
      "section",
      { class: "column", "aria-label": this.person.name },
      element("header", {}, portrait(this.person), who, this.badge, this.closer),
      element("div", { class: "middle" }, this.scroller, this.jump, this.toaster),
      this.composer.element,
    );
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    for (const act of ["pointerdown", "focusin", "keydown"]) this.element.addEventListener(act, () => this.markRead());
    // A column that becomes narrower or wider, or a keyboard that opens, must not hide the end.
    const held = new ResizeObserver(() => this.isAtEnd && !this.log.openForm && this.toEnd());
    held.observe(this.scroller);
    held.observe(this.log.element);
    this.isAtEnd = true;
    this.lastTop = 0;
  }

  // The words of the page itself, in the person's language.
  speak() {
    this.element.lang = tag(this.language);
    this.closer.setAttribute("aria-label", fill(this.words.close, { name: this.person.name }));
    this.closer.title = this.closer.getAttribute("aria-label");
    this.earlier.textContent = this.words.earlier;
    this.empty.textContent = this.words.empty;
    this.typingSign.setAttribute("aria-label", this.words.typing);
    this.jump.replaceChildren(icon("down"), this.words.jump);
    this.scroller.setAttribute("aria-label", this.person.name);
    this.composer.speak(this.words);
    this.log.words = this.words;
  }

  // — what comes —

  // Fetch the last messages; what is said after them comes by the stream, from `seq` on.
  async fetch() {
    const history = await this.ask("");
    const newer = this.log.messages().filter((message) => message.seq > history.seq); // heard while this was asked
    this.log.fill(history.messages);
    newer.forEach((message) => this.log.put(message));
    this.seq = Math.max(this.seq, history.seq);
    this.more = history.more;
    const read = recall(`read.${this.chat}`, Infinity);
    this.unread = history.messages.filter((message) => message.author === "bot" && message.id > read).length;
    this.house.outgoing(this.chat).items.forEach((item) => this.showItem(item, "waiting"));
    this.refresh();
    this.toEnd();
  }

  async fetchEarlier() {
    const oldest = this.log.oldest;
    const history = await this.ask(`?before=${oldest}`).catch(() => null);
    if (!history || this.log.oldest !== oldest) return;
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.log.fill([...history.messages, ...this.log.messages()]);
    this.more = history.more;
    this.refresh();
    this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
  }

  async ask(query) {
    const response = await fetch(`/api/chats/${encodeURIComponent(this.chat)}/messages${query}`);
    if (!response.ok) throw new Error(`messages: ${response.status}`);
    return response.json();
  }

  receive(message) {
    this.seq = Math.max(this.seq, message.seq);
    if (message.language !== this.language) this.changeLanguage(message.language);
    const wasAtEnd = this.isAtEnd;
    const focus = this.focusedMessage();
    const what = this.log.put(message);
    if (!what) return;
    if (message.author === "bot") this.setTyping(false);
    if (what === "added" && message.author === "bot" && !this.house.isWatched(this)) this.unread += 1;
    if (what === "changed" && focus === message.id) this.focusIn(message.id);
    this.refresh();
    if (wasAtEnd || message.author === "person") this.toEnd();
    else if (what === "added") this.jump.hidden = false;
    if (this.house.isWatched(this)) this.markRead();
  }

  changeLanguage(language) {
    this.language = language;
    this.words = this.house.words(language);
    this.speak();
    this.fetch().catch(() => {}); // days and times are drawn by the server
  }

  // Nothing of what was shown holds any more.
  forget() {
    this.seq = 0;
    this.typed.setAsked(0);
    this.log.fill([]);
  }

  // — what goes —

  say(text) {
    this.setTyping(true);
    this.showItem(this.house.outgoing(this.chat).add({ text }), "sending");
    this.toEnd();
  }

  press(button, key, message) {
    if (button.disabled) return;
    const byKeyboard = button.matches(":focus-visible");
    this.setTyping(true);
    const item = this.house.outgoing(this.chat).add({ press: key, message: message.id });
    this.pressed.set(item.post.id, { message: message.id, byKeyboard });
    this.showItem(item, "sending");
  }

  postForm(view, post) {
    this.setTyping(true);
    view.hold(true);
    this.house.outgoing(this.chat).add(post);
  }

  async suggest(token, path, typed) {
    const query = new URLSearchParams({ token, path, q: typed });
    const response = await fetch(`/api/chats/${encodeURIComponent(this.chat)}/suggest?${query}`);
    if (!response.ok) throw new Error(`suggest: ${response.status}`);
    return (await response.json()).choices;
  }

  // The form a post came from, if one still looks at it.
  viewOf({ form, close }) {
    const view = this.log.openForm?.view;
    return view && view.form.token === (form ?? close) ? view : null;
  }

  // Show how far a post is: a text stands below the messages, a press holds its button, a form its own.
  showItem(item, state, note = "") {
    const { id, text, press, form, close, message } = item.post;
    if (form !== undefined || close !== undefined) {
      this.viewOf(item.post)?.hold(state === "sending" || state === "waiting");
    } else if (text !== undefined) {
      this.log.await(id, text, this.language, state, note);
    } else if (press !== undefined) {
      for (const button of this.log.article(message)?.querySelectorAll("button.press") ?? []) {
        if (button.dataset.key === press) this.holdButton(button, state);
      }
    }
    this.refresh();
    if (this.isAtEnd) this.toEnd();
  }

  holdButton(button, state) {
    const isHeld = state === "sending" || state === "waiting";
    button.disabled = isHeld;
    button.classList.toggle("waiting", state === "waiting");
    button.toggleAttribute("aria-busy", isHeld);
  }

  sent(item, answer) {
    const isPress = item.post.press !== undefined;
    if (item.post.form !== undefined || item.post.close !== undefined) this.formAnswered(item, answer);
    else if (isPress) this.showItem(item, "done");
    else if (this.log.has(item.post.id)) this.log.settle(item.post.id);
    else this.showItem(item, "sending"); // its line is on the way
    if (answer.toast) {
      this.toast(answer.toast);
      this.setTyping(false);
    }
    if (isPress) this.focusAfterPress(item.post.id);
  }

  formAnswered(item, answer) {
    const view = this.viewOf(item.post);
    view?.hold(false);
    const isRefused = Object.keys(answer.problems).length > 0;
    if (isRefused || item.post.close !== undefined) this.setTyping(false);
    if (answer.form) view?.draw(answer.form);
    if (isRefused) view?.setProblems(answer.problems);
    else if (item.post.form !== undefined && !answer.toast && !answer.form) this.typed.forget(item.post.form.split(".")[0]);
  }

  waits(item, answer) {
    this.setTyping(false);
    this.showItem(item, "waiting");
    if (answer.toast) this.toast(answer.toast);
  }

  refused(item, answer) {
    this.setTyping(false);
    this.showItem(item, "failed", answer.problem ?? "");
    if (item.post.text === undefined) this.toast(answer.problem ?? this.words.failed);
  }

  // — signs —

  setTyping(isOn) {
    clearTimeout(this.typingTimer);
    this.typingSign.hidden = !isOn;
    if (!isOn) return;
    this.typingTimer = setTimeout(() => this.setTyping(false), TYPING_MS);
    if (this.isAtEnd) this.toEnd();
  }

  toast(text) {
    clearTimeout(this.toastTimer);
    this.toaster.textContent = text;
    this.toastTimer = setTimeout(() => this.toaster.replaceChildren(), TOAST_MS);
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.toast(this.words.copied);
    } catch {
      this.toast(this.words.failed);
    }
  }

  refresh() {
    this.earlier.hidden = !this.more;
    this.empty.hidden = !this.log.isEmpty;
    this.badge.hidden = this.unread === 0;
    this.badge.textContent = this.unread ? fill(this.words.new, { n: this.unread }) : "";
    this.house.read();
  }

  markRead() {
    keep(`read.${this.chat}`, this.log.newest);
    if (!this.unread) return;
    this.unread = 0;
    this.refresh();
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    // Only somebody who scrolls up leaves the end: when the text above grows, the end moves away by itself.
    if (isNear) this.isAtEnd = true;
    else if (scrollTop < this.lastTop) this.isAtEnd = false;
    this.lastTop = scrollTop;
    if (isNear) this.jump.hidden = true;
  }

  // The beginning of a message that is longer than the column is high, not its end.
  showTop(article) {
    this.isAtEnd = false;
    this.scroller.scrollTop += article.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top - 8;
  }

  toEnd() {
    const open = this.log.openForm;
    if (open && open.article === this.log.element.lastElementChild) {
      this.jump.hidden = true;
      this.showTop(open.article);
      return;
    }
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.isAtEnd = true;
    this.jump.hidden = true;
  }

  // — focus —

  focusedMessage() {
    const article = this.log.element.contains(document.activeElement) ? document.activeElement.closest("article") : null;
    return article ? Number(article.dataset.id) : null;
  }

  // A pressed button is disabled and may be gone: the keyboard goes on from its message, a mouse from the field.
  focusAfterPress(id) {
    const pressed = this.pressed.get(id);
    this.pressed.delete(id);
    const isLost = document.activeElement === document.body || this.focusedMessage() !== null;
    if (!pressed || !isLost) return;
    if (pressed.byKeyboard) this.focusIn(pressed.message);
    else if (window.matchMedia("(hover: hover) and (pointer: fine)").matches) this.composer.focus();
  }

  focusIn(id) {
    const button = this.log.article(id)?.querySelector("button:not(:disabled, .view)");
    if (button) button.focus({ preventScroll: true });
    else this.composer.focus();
  }
}
