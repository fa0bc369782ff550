// What dock, plots and headlines share: where alpha stands, who wants to hear of it, and one clock that draws them all.

export const shared = (window.__lsviz ??= { bus: new EventTarget(), pos: {}, plots: {} });
shared.plots ??= {};
shared.draws ??= 0;

/** The app's root address, whatever path it is served under. */
export const appBase = () =>
  document.querySelector('script[src*="static/js/index."]')?.src.replace(/static\/js\/.*$/, '') ?? document.baseURI;

/** Index of the stop nearest to `alpha` on the slider's scale, sqrt(alpha). */
export function nearestStop(stops, alpha) {
  const at = Math.sqrt(alpha);
  let best = 0;
  for (let i = 1; i < stops.length; i++) {
    if (Math.abs(Math.sqrt(stops[i]) - at) < Math.abs(Math.sqrt(stops[best]) - at)) best = i;
  }
  return best;
}

/** Tell everyone that `group` now stands at `value`; `moving` while a hand or key is still at it. */
export function publish(group, value, moving) {
  shared.pos[group] = value;
  shared.bus.dispatchEvent(new CustomEvent('scrub', { detail: { group, value, moving } }));
}

/** Call `hear(value, moving)` on every move of `group`; returns the function that stops it. */
export function listen(group, hear) {
  const on = event => event.detail.group === group && hear(event.detail.value, event.detail.moving);
  shared.bus.addEventListener('scrub', on);
  return () => shared.bus.removeEventListener('scrub', on);
}

/** Resolves with the position of `group` once the dock has published it, or with undefined after `patience` ms. */
export function position(group, patience = 1000) {
  if (shared.pos[group] != null) return Promise.resolve(shared.pos[group]);
  return new Promise(resolve => {
    const done = value => { clearTimeout(timer); stop(); resolve(value); };
    const stop = listen(group, done);
    const timer = setTimeout(done, patience, undefined);
  });
}

// ---- one animation frame draws everything that wants drawing: last value wins, nothing is drawn twice ----

const waiting = new Map();
let scheduled = false;

/** Run `draw` in the next animation frame; asking again with the same `owner` replaces the earlier wish. */
export function nextFrame(owner, draw) {
  waiting.set(owner, draw);
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    const jobs = [...waiting.values()];
    waiting.clear();
    for (const job of jobs) {
      try {
        job();
      } catch (error) {
        reportError(error); // one chart's trouble must not stop the others
      }
    }
  });
}

/** Forget a wish that has not been drawn yet. */
export const forgetFrame = owner => waiting.delete(owner);

// ---- costly work, one piece after the other, with room for input in between ----

let queue = Promise.resolve();

export function inTurn(work) {
  const pause = () => new Promise(resolve => setTimeout(resolve));
  queue = queue.then(pause).then(work).catch(reportError);
}

// ---- first pictures: one after the other, what is on screen before what lies below, each seen before the next is begun ----

const turns = [];

/** Resolves when it is the turn of `element` to be drawn for the first time. */
export function firstTurn(element) {
  return new Promise(resolve => {
    turns.push({ element, resolve });
    if (turns.length === 1) queueMicrotask(giveTurn);
  });
}

function giveTurn() {
  const away = ({ element }) => {
    const { top, bottom } = element.getBoundingClientRect();
    return Math.max(0, top - innerHeight, -bottom);
  };
  turns.sort((a, b) => away(a) - away(b));
  turns.shift().resolve();
  if (!turns.length) return;
  if (document.hidden) setTimeout(giveTurn); // no frames are made in a hidden tab
  else requestAnimationFrame(() => setTimeout(giveTurn));
}
