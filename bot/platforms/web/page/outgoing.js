// What one chat has to send, in order: kept in the browser until the server has taken it, tried again with growing
// pauses. A post keeps its id however often it is tried, so the server does it once.

import { forget, keep, keysUnder, recall } from "./memory.js";

const LONGEST_PAUSE_MS = 30_000;
const LONGEST_POST_MS = 60_000;
const MOST_FAULTS = 5; // a server that fails on this very post (500) is not asked for ever

const area = (chat) => `waiting.${chat}.`;

export function chatsWaiting() {
  return [...new Set(keysUnder("waiting.").map((key) => key.split(".")[1]))];
}

export class Outgoing {
  // `on`: sending(item), waiting(item, answer), done(item, answer), refused(item, answer).
  constructor(chat, on) {
    this.chat = chat;
    this.on = on;
    this.items = keysUnder(area(chat)).map((key) => ({ key, ...recall(key) })).filter((item) => item.post);
    this.isRunning = false;
    this.wakeUp = () => {};
  }

  // Sends {text} or {press, message}; returns the item, whose `post.id` names it.
  add(post) {
    const id = crypto.randomUUID();
    const at = String(Date.now()).padStart(15, "0");
    const item = { key: `${area(this.chat)}${at}.${id}`, post: { id, ...post } };
    this.items.push(item);
    keep(item.key, { post: item.post });
    this.run();
    return item;
  }

  // Try now rather than at the end of the pause: the connection is back.
  hurry() {
    this.wakeUp();
    this.run();
  }

  async run() {
    if (this.isRunning) return;
    this.isRunning = true;
    let tries = 0;
    let faults = 0;
    while (this.items.length) {
      const item = this.items[0];
      this.on.sending(item);
      const answer = await this.send(item.post);
      faults = answer.code === 500 ? faults + 1 : 0;
      if (answer.isOver || faults >= MOST_FAULTS) {
        this.items.shift();
        forget(item.key);
        tries = faults = 0;
        if (answer.code === 200) this.on.done(item, answer);
        else this.on.refused(item, answer);
      } else {
        this.on.waiting(item, answer);
        await this.pause(Math.min(1000 * 2 ** tries++, LONGEST_PAUSE_MS));
      }
    }
    this.isRunning = false;
  }

  async send(post) {
    try {
      const response = await fetch(`/api/chats/${encodeURIComponent(this.chat)}/messages`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(post),
        signal: AbortSignal.timeout(LONGEST_POST_MS),
      });
      const answer = await response.json().catch(() => ({}));
      return { ...answer, code: response.status, isOver: response.status < 500 };
    } catch {
      return { code: 0, isOver: false };
    }
  }

  pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
