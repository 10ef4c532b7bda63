// One stream of events for all open columns; comes back by itself, from where each column is.

const LONGEST_PAUSE_MS = 10_000;

export class Stream {
  // `cursor()` gives "person-1:12,person-2:0"; `on`: message(data), typing(data), reset(data), up(), down().
  constructor(cursor, on) {
    this.cursor = cursor;
    this.on = on;
    this.source = null;
    this.timer = 0;
    this.tries = 0;
  }

  // Listen (anew) to the columns that are open now.
  restart() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    const chats = this.cursor();
    if (!chats) return;
    const source = new EventSource(`/api/events?chats=${encodeURIComponent(chats)}`);
    this.source = source;
    for (const name of ["message", "typing", "reset"]) {
      source.addEventListener(name, (event) => this.on[name](JSON.parse(event.data)));
    }
    source.addEventListener("open", () => {
      this.tries = 0;
      this.on.up();
    });
    source.addEventListener("error", () => {
      if (this.source === source) this.lost();
    });
  }

  // The browser's own way back would do too, but gives up for good on some answers.
  lost() {
    this.source.close();
    this.on.down();
    this.timer = setTimeout(() => this.restart(), Math.min(500 * 2 ** this.tries++, LONGEST_PAUSE_MS));
  }

  // Try now rather than at the end of the pause.
  hurry() {
    if (this.source?.readyState === EventSource.CLOSED) this.restart();
  }
}
