// The lecture's bar: what the step says and asks, its answer on demand, notes for the presenter, and the way on:
// buttons, a clicker's or keyboard's keys, a swipe.

import { aim, release } from './aim.js';
import { make, useStyle } from './style.js';

const SWIPE_PX = 70;
const SWIPE_MS = 700;
const BUSY = 'input, textarea, select, [contenteditable=true], [role=slider], [role=tab], [role=radio], [role=listbox], [role=option], [role=grid]';
const TYPED = 'input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]';
const NO_SWIPE = `${BUSY}, .lsviz-plot, .lsviz-dock, [data-testid=stDataFrame], table, pre`;

const bars = new WeakMap();

export async function render({ data, parentElement, setTriggerValue }) {
  if (!bars.has(parentElement)) bars.set(parentElement, new Bar(parentElement));
  const bar = bars.get(parentElement);
  bar.tellServer = setTriggerValue;
  bar.show(data);
  await useStyle('lecture');
  bar.place.hidden = false;
  bar.bringIntoView();
}

export function remove(parentElement) {
  bars.get(parentElement)?.remove();
  bars.delete(parentElement);
}

class Bar {
  constructor(root) {
    this.place = make('section', 'lsviz-lecture');
    this.place.hidden = true;
    this.say = make('div', 'say');
    this.ask = make('div', 'ask');
    this.reveal = make('div', 'reveal');
    this.reveal.setAttribute('aria-live', 'polite');
    this.notes = make('div', 'notes');
    this.missed = make('p', 'missed');
    this.back = this.button('‹', 'previous', () => this.go(-1));
    this.on = this.button('›', 'next', () => this.go(1));
    this.at = make('span', 'at');
    this.shower = this.button('', 'show', () => this.show_answer());
    this.noter = this.button('', 'note', () => this.toggleNotes());
    this.returner = this.button('', 'return', () => this.tellServer('go', this.step));
    this.leaver = this.button('×', 'leave', () => this.tellServer('leave', Date.now()));
    this.progress = make('div', 'progress', make('i'));
    this.progress.setAttribute('role', 'progressbar');
    this.text = make('div', 'text', this.say, this.ask, this.reveal, this.notes, this.missed);
    const ways = make('div', 'ways', this.back, this.at, this.on, this.leaver);
    const tools = make('div', 'tools', this.shower, this.returner, this.noter, ways);
    this.place.append(this.text, tools, this.progress);
    root.append(this.place);
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    window.addEventListener('keydown', event => this.pressed(event), { capture: true, signal });
    window.addEventListener('touchstart', event => this.touched(event), { passive: true, signal });
    window.addEventListener('touchend', event => this.lifted(event), { passive: true, signal });
  }

  button(text, name, act) {
    const made = make('button', name, text);
    made.type = 'button';
    made.addEventListener('click', act);
    return made;
  }

  show(data) {
    const turned = this.data?.step !== data.step || this.data?.title !== data.title;
    this.unaimed ||= turned || this.data.figure !== data.figure; // the page of the step may come after the step
    this.data = data;
    const { words } = data;
    this.step = data.step;
    if (turned) this.answered = false;
    this.answered ||= data.shown;
    this.missed.textContent = words.no_figure;
    if (this.unaimed) this.missed.hidden = true;
    this.place.setAttribute('aria-label', data.title);
    for (const name of ['say', 'ask', 'reveal', 'notes']) this[name].replaceChildren(...(data[name] ?? []).map(paragraph));
    this.at.textContent = `${data.step} / ${data.steps}`;
    this.at.title = data.title;
    this.back.setAttribute('aria-label', words.previous);
    this.on.setAttribute('aria-label', words.next);
    this.leaver.setAttribute('aria-label', words.leave);
    this.leaver.title = words.leave;
    this.shower.textContent = words.show;
    this.noter.textContent = words.notes;
    this.returner.textContent = words.back;
    this.back.disabled = data.step <= 1;
    this.on.disabled = data.step >= data.steps;
    this.returner.hidden = !data.away;
    this.progress.setAttribute('aria-label', words.place);
    Object.entries({ valuemin: 1, valuemax: data.steps, valuenow: data.step }).forEach(([name, value]) => this.progress.setAttribute(`aria-${name}`, value));
    this.progress.firstChild.style.width = `${(100 * data.step) / data.steps}%`;
    this.arrange();
    // Turning to another page leaves two entries in the history, the old page with the new state first: going back passes it by.
    if (data.between) history.back();
  }

  /** What is visible: the answer once asked for, the notes while wanted. */
  arrange() {
    const has = name => this.data[name]?.length > 0;
    this.place.classList.toggle('blank', this.data.blank && !this.answered); // nothing else is on the page: the question is
    this.ask.hidden = !has('ask');
    this.reveal.hidden = !has('reveal') || !this.answered;
    this.shower.hidden = !has('reveal') || this.answered;
    this.noter.hidden = !has('notes'); // a student's link comes without them
    this.notes.hidden = this.noter.hidden || !notesWanted();
    this.noter.setAttribute('aria-pressed', String(notesWanted()));
  }

  /** After a turn: the figure that the step is about, once the page may be seen. */
  bringIntoView() {
    if (!this.unaimed || (this.data.blank && !this.answered)) return;
    this.unaimed = false;
    aim(this.data.figure, this.place, () => { this.missed.hidden = false; });
  }

  show_answer() {
    this.answered = true;
    this.arrange();
    this.bringIntoView();
    this.tellServer('shown', Date.now());
  }

  toggleNotes() {
    try {
      sessionStorage.setItem('lsviz-notes', notesWanted() ? '' : 'yes');
    } catch { /* a browser that stores nothing keeps the notes closed */ }
    this.arrange();
  }

  go(by) {
    const wanted = Math.max(1, Math.min(this.data.steps, this.step + by));
    if (wanted === this.step) return;
    this.step = wanted; // a second press before the server has answered goes one further
    this.tellServer('go', wanted);
  }

  /** Forward shows the answer first where there is one still hidden: a clicker has no other key. */
  forward() {
    if (!this.shower.hidden && this.step === this.data.step) this.show_answer();
    else this.go(1);
  }

  /** PageUp and PageDown are a clicker's keys and always ours, also while the slider has the focus; arrows only where nothing else wants them. */
  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    const target = event.composedPath()[0];
    const within = selector => target instanceof Element && target.closest(selector);
    const clicker = { PageDown: 1, PageUp: -1 }[event.key];
    const arrow = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!(clicker ? !within(TYPED) : arrow && !within(BUSY))) return;
    if (document.querySelector('[role=dialog]')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if ((clicker ?? arrow) > 0) this.forward();
    else this.go(-1);
  }

  touched(event) {
    const [touch] = event.touches;
    const free = event.touches.length === 1 && !(event.target instanceof Element && event.target.closest(NO_SWIPE));
    this.touch = free ? { x: touch.clientX, y: touch.clientY, at: event.timeStamp } : null;
  }

  lifted(event) {
    const start = this.touch;
    this.touch = null;
    if (!start || event.timeStamp - start.at > SWIPE_MS) return;
    const [touch] = event.changedTouches;
    const [dx, dy] = [touch.clientX - start.x, touch.clientY - start.y];
    if (Math.abs(dx) < SWIPE_PX || Math.abs(dx) < 2 * Math.abs(dy)) return;
    this.go(dx < 0 ? 1 : -1);
  }

  remove() {
    this.listeners.abort();
    release();
    this.place.remove();
  }
}

const notesWanted = () => {
  try {
    return sessionStorage.getItem('lsviz-notes') === 'yes';
  } catch {
    return false;
  }
};

const paragraph = pieces => make('p', '', ...pieces.map(([text, className]) => make('span', className, text)));
