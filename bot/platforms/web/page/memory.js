// What the page remembers between visits, in the browser; only until it is closed where the browser forbids more.

const PREFIX = "tradewind.";
const fallback = new Map();

function storage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export function recall(key, otherwise = null) {
  try {
    const text = storage()?.getItem(PREFIX + key) ?? fallback.get(key);
    return text == null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

export function keep(key, value) {
  const text = JSON.stringify(value);
  try {
    storage().setItem(PREFIX + key, text);
    fallback.delete(key);
  } catch {
    fallback.set(key, text);
  }
}

export function forget(key) {
  fallback.delete(key);
  try {
    storage()?.removeItem(PREFIX + key);
  } catch {
    // Forbidden: then it was never kept either.
  }
}

// The keys that begin so, in order.
export function keysUnder(start) {
  let kept = [];
  try {
    kept = Object.keys(storage() ?? {}).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
  } catch {
    // Forbidden: only what this visit knows.
  }
  return [...new Set([...kept, ...fallback.keys()])].filter((key) => key.startsWith(start)).sort();
}
