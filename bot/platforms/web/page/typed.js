// What somebody has typed into a chat's forms and not handed in yet, by the draft (`session`) it belongs to. Kept in
// the browser: another question, the other view, a draft put aside or a closed page loses nothing.

import { keep, recall } from "./memory.js";

const MOST_DRAFTS = 8; // the oldest give way

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class Typed {
  constructor(chat) {
    this.key = `typed.${chat}`;
    this.drafts = recall(this.key, []); // {session, isOpen, fields: {path: {base, value, shown}}}, the latest last
    this.askedKey = `asked.${chat}`;
    this.asked = recall(this.askedKey, 0); // the latest message that had a form: an older one's is answered
  }

  setAsked(id) {
    this.asked = id;
    keep(this.askedKey, id);
  }

  // Whether the form was what one looked at last.
  isOpen(session) {
    return this.find(session)?.isOpen ?? false;
  }

  setOpen(session, isOpen) {
    this.make(session).isOpen = isOpen;
    this.save();
  }

  // {value, shown} for a path; null where nothing was typed, or the house knows something newer than `base`.
  get(session, path, base) {
    const field = this.find(session)?.fields[path];
    return field && same(field.base, base) ? field : null;
  }

  put(session, path, base, value, shown) {
    const { fields } = this.make(session);
    if (same(base, value)) delete fields[path];
    else fields[path] = { base, value, shown };
    this.save();
  }

  // The paths under which something was typed.
  paths(session) {
    return Object.keys(this.find(session)?.fields ?? {});
  }

  drop(session, path) {
    delete this.make(session).fields[path];
    this.save();
  }

  forget(session) {
    this.drafts = this.drafts.filter((draft) => draft.session !== session);
    this.save();
  }

  find(session) {
    return this.drafts.find((draft) => draft.session === session) ?? null;
  }

  make(session) {
    const draft = this.find(session) ?? { session, isOpen: false, fields: {} };
    this.drafts = [...this.drafts.filter((one) => one !== draft), draft].slice(-MOST_DRAFTS);
    return draft;
  }

  save() {
    keep(this.key, this.drafts);
  }
}
