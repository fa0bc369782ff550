// Questions to a room through a fragment of the page, for hosts that forward Streamlit's own addresses alone. One at a time: a second one
// told before the server took the first would take its place.

const PATIENCE_MS = 10_000;
const HOLD_MS = 60_000; // a busy server turns slowly
const waiting = [];
let tell;
let home; // of the component: another page brings another one, and what the old one was told may be lost
let last = 0;
let held = false;
let holding;

/** Resolves with the answer; rejects where none comes in time. */
export function ask(question) {
  return new Promise((resolve, reject) => {
    waiting.push({ id: `${Date.now()}.${last += 1}`, question, resolve, reject });
    next();
  });
}

function giveUp(asked) {
  waiting.splice(waiting.indexOf(asked), 1);
  asked.reject(Error('away'));
  next();
}

/** No more questions until `release()`: the page turns to another one, and a question of the old one would bring that back. */
export function hold() {
  held = true;
  clearTimeout(holding);
  holding = setTimeout(release, HOLD_MS);
}

export function release() {
  held = false;
  next();
}

function next() {
  const [first] = waiting;
  if (!first || first.sent || held || !tell) return;
  first.sent = true;
  clearTimeout(first.patience);
  first.patience = setTimeout(giveUp, PATIENCE_MS, first);
  tell('asked', { id: first.id, question: first.question });
}

export function render({ data, parentElement, setTriggerValue }) {
  const [first] = waiting;
  if (first && home !== parentElement) first.sent = false;
  home = parentElement;
  tell = setTriggerValue;
  if (data.answer && data.answer.id === first?.id) {
    clearTimeout(first.patience);
    waiting.shift();
    first.resolve(data.answer);
  }
  next();
}

export function remove(parentElement) {
  if (home === parentElement) tell = home = undefined;
}
