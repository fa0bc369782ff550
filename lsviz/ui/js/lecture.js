// A lecture: on its stage one figure stands beside the question, or a slim bar stands above the whole page. The answer is shown on demand.
// It goes on and back by buttons, a clicker's or keyboard's keys, a swipe.

import { aim, release } from './aim.js';
import { shared } from './bus.js';
import { Classroom } from './classroom.js';
import { Question, piece } from './question.js';
import { hold, release as askOn } from './relay.js';
import { setStage } from './stage.js';
import { make, useStyle } from './style.js';

const SWIPE_PX = 70;
const SWIPE_MS = 700;
const BUSY = 'input, textarea, select, [contenteditable=true], [role=slider], [role=tab], [role=radio], [role=listbox], [role=option], [role=grid]';
const TYPED = 'input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]';
const PRESSED = `${TYPED}, button, a, summary`; // the space bar is theirs
const NO_SWIPE = `${BUSY}, .lsviz-plot, .lsviz-map, .lsviz-dock, [data-testid=stDataFrame], table, pre`;
const [WIDE, TALL] = [1280, 720]; // the stage as it is drawn: its unit is a pixel there
const [UPRIGHT_WIDE, UPRIGHT_TALL] = [390, 640]; // on a phone
const FIGURE_SCALE = 1.5; // a figure on stage is its phone's self, so much larger
const PATIENCE_MS = 8000; // for the step's figure to come

const root = document.documentElement;
const bars = new WeakMap();
const given = new Map(); // what was answered and shown, by lecture and step: going back brings it as it was
let leaving; // a turn of the page takes the bar away and brings it back: the stage stays meanwhile

export async function render({ data, parentElement, setTriggerValue }) {
  clearTimeout(leaving);
  if (!bars.has(parentElement)) bars.set(parentElement, new Bar(parentElement));
  const bar = bars.get(parentElement);
  bar.tellServer = setTriggerValue;
  await useStyle('lecture');
  bar.show(data);
}

export function remove(parentElement) {
  bars.get(parentElement)?.remove();
  bars.delete(parentElement);
}

class Bar {
  constructor(parent) {
    this.place = make('section', 'lsviz-lecture');
    this.at = make('span', 'at');
    this.progress = make('div', 'progress');
    this.progress.setAttribute('role', 'progressbar');
    this.noter = this.button('', 'note', () => this.toggleNotes());
    this.pager = this.button('', 'page', () => this.turnStage(!this.whole));
    this.returner = this.button('', 'return', () => {
      this.whole = false;
      this.tellServer('go', this.step);
    });
    this.back = this.button('‹', 'previous', () => this.go(-1));
    this.on = this.button('›', 'next', () => this.forward());
    this.leaver = this.button('×', 'leave', () => this.leave());
    this.classroom = new Classroom(() => this.answeredByClass(), step => this.go(step - this.step));
    const { opener, ticket, tally, clock, screen } = this.classroom;
    const tools = make('div', 'tools', this.returner, opener, this.noter, this.pager, this.back, this.on, this.leaver);
    this.strip = make('div', 'strip', make('i', 'logo'), this.at, this.progress, ticket, tally, clock, tools);

    this.say = make('div', 'say');
    this.ask = make('div', 'ask');
    this.ask.setAttribute('role', 'heading');
    this.ask.setAttribute('aria-level', '1');
    this.question = new Question(() => this.answered());
    this.reveal = make('div', 'reveal');
    this.reveal.setAttribute('aria-live', 'polite');
    this.shower = this.button('', 'show', () => this.showAnswer());
    this.finding = make('div', 'finding', this.reveal, this.shower);
    this.learned = make('ol', 'learned');
    this.missed = make('p', 'missed');
    this.notes = make('div', 'notes');
    this.text = make('div', 'text', this.say, this.ask, this.question.place, this.finding, this.learned, this.missed);
    this.room = make('div', 'room'); // the figure's: it lies here without being inside
    this.black = make('div', 'black');
    this.black.hidden = true;
    this.black.addEventListener('click', () => this.blacken());
    this.place.append(this.strip, this.text, this.room, this.notes, this.black, screen);
    parent.append(this.place);

    this.listeners = new AbortController();
    const { signal } = this.listeners;
    window.addEventListener('keydown', event => this.pressed(event), { capture: true, signal });
    window.addEventListener('touchstart', event => this.touched(event), { passive: true, signal });
    window.addEventListener('touchend', event => this.lifted(event), { passive: true, signal });
    window.addEventListener('resize', () => this.fit(), { signal });
    shared.bus.addEventListener('rest', () => this.data && this.offerReturn(), { signal });
    document.fonts.addEventListener('loadingdone', () => this.fit(), { signal });
  }

  button(text, name, act) {
    const made = make('button', name, text);
    made.type = 'button';
    made.addEventListener('click', event => {
      act();
      if (event.detail) made.blur(); // a mouse's: the space bar is for the next thing again
    });
    return made;
  }

  // ---- a step from the server ----

  show(data) {
    const turned = this.data?.step !== data.step || this.data?.title !== data.title;
    const first = !this.data;
    this.data = data;
    const { words } = data;
    const byHand = turned && !first && this.sent === undefined; // by the browser's own way back, or on
    if (data.step === this.sent) this.sent = undefined;
    this.step = data.step;
    askOn();
    this.classroom.meet(data.classroom && { ...data.classroom, title: data.title }, data.step);
    if (byHand) this.classroom.turn(data.step);
    const key = `${data.title}/${data.step}/${data.ask.flat(2).join('')}`;
    if (!given.has(key)) given.set(key, { answer: null, shown: false });
    this.given = given.get(key);
    if (turned) {
      this.whole = first && data.elsewhere; // the reader had wandered off, and comes back by a link
      this.unaimed = true;
    }
    this.place.setAttribute('aria-label', data.title);
    this.place.dataset.step = data.step;
    for (const name of ['say', 'ask', 'reveal', 'notes']) this[name].replaceChildren(...(data[name] ?? []).map(paragraph));
    this.learned.replaceChildren(...data.learned.map(pieces => make('li', '', ...pieces.map(piece))));
    this.at.textContent = `${data.step} / ${data.steps}`;
    this.at.title = data.title;
    const said = { back: words.previous, on: words.next, leaver: words.leave };
    for (const [name, text] of Object.entries(said)) Object.assign(this[name], { title: text, ariaLabel: text });
    this.shower.textContent = words.show;
    this.leaver.textContent = words.close;
    this.leaver.classList.toggle('worded', words.close.length > 1);
    this.noter.textContent = words.notes;
    this.returner.textContent = words.back;
    this.missed.textContent = words.no_figure;
    if (turned) this.missed.hidden = true;
    this.back.disabled = data.step <= 1;
    this.progress.setAttribute('aria-label', words.place);
    Object.entries({ valuemin: 1, valuemax: data.steps, valuenow: data.step }).forEach(([name, value]) => this.progress.setAttribute(`aria-${name}`, value));
    this.progress.replaceChildren(...Array.from({ length: data.steps }, (_, i) => make('i', i + 1 < data.step ? 'past' : i + 1 === data.step ? 'now' : '')));
    this.arrange();
    if (turned) this.await();
    // Turning to another page leaves two entries in the history, the old page with the new state first: going back passes it by.
    if (data.between) history.back();
  }

  /** The way back to the step's view, where the whole page shows another. */
  offerReturn() {
    this.returner.hidden = !(this.whole && (this.data.away || (shared.asked ?? this.data.alpha) !== this.data.alpha));
  }

  get hasAnswer() {
    return this.data.reveal.length > 0 || this.data.answer != null;
  }

  get asking() {
    return this.hasAnswer && !this.given.shown;
  }

  /** What is visible: the answer once asked for, the notes while wanted. */
  arrange() {
    const { data } = this;
    const has = name => data[name]?.length > 0;
    const classes = { stage: !this.whole, asking: this.asking, closing: has('learned'), hosting: Boolean(this.classroom.line), open: !data.choices.length && !data.pick && !data.order.length && !data.draw };
    Object.entries(classes).forEach(([name, is]) => this.place.classList.toggle(name, is));
    this.question.show(data, this.given, this.classroom.on(data.step));
    this.ask.hidden = !has('ask');
    this.reveal.classList.toggle('waiting', this.asking);
    this.finding.hidden = !this.hasAnswer;
    this.shower.hidden = !this.asking;
    this.learned.hidden = !has('learned');
    this.noter.hidden = !has('notes') || Boolean(this.classroom.line); // a student's link comes without them; with a class they are in the second window
    this.notes.hidden = this.noter.hidden || !notesWanted();
    this.noter.setAttribute('aria-pressed', String(notesWanted()));
    this.pager.textContent = this.whole ? data.words.stage : data.words.whole;
    this.offerReturn();
    this.on.disabled = data.step >= data.steps && !this.asking;
    root.classList.toggle('lsviz-whole', this.whole);
    root.classList.toggle('lsviz-stage', !this.whole);
    this.fit();
    this.bringIntoView();
  }

  // ---- the stage ----

  /** Words as large as their room allows, and the figure's place measured. */
  fit() {
    if (this.whole || !this.data) return setStage(null);
    const upright = innerWidth < innerHeight;
    root.classList.toggle('lsviz-upright', upright);
    const unit = upright ? Math.min(innerWidth / UPRIGHT_WIDE, innerHeight / UPRIGHT_TALL) : Math.min(innerWidth / WIDE, innerHeight / TALL);
    root.style.setProperty('--u', `${unit}px`);
    if (!upright) {
      shrink(this.say, 22, 17);
      shrink(this.ask, 42, 30);
      shrink(this.question.place, 30, 20);
      shrink(this.reveal, 32, 22);
    }
    if (this.data.learned.length) return setStage({ key: ' ' }); // a closing step has no figure
    const { left, top, width, height } = this.room.getBoundingClientRect();
    setStage({
      key: this.missed.hidden ? this.data.figure : '',
      box: { left, top, width, height },
      scale: upright ? unit : FIGURE_SCALE * unit,
      veiled: this.asking && this.data.blank ? 'marks' : this.asking && !this.data.pick ? 'words' : '',
      locked: this.asking && !this.data.pick,
    });
  }

  /** To the whole page or back. */
  turnStage(whole) {
    this.whole = whole;
    this.unaimed = whole;
    this.arrange();
  }

  /** The step's figure may not exist: then the page's first one has the stage, and a line says so. */
  await() {
    clearTimeout(this.patience);
    if (!this.data.figure) return;
    this.patience = setTimeout(() => {
      const found = document.querySelector(`.st-key-${CSS.escape(this.data.figure)} :is(.lsviz-plot, .lsviz-map)`);
      if (found || this.whole || this.data.elsewhere) return;
      if (!document.querySelector('[data-test-script-state=notRunning]')) return this.await(); // it may still come
      this.missed.hidden = false;
      this.fit();
    }, PATIENCE_MS);
  }

  blacken() {
    this.black.hidden = !this.black.hidden;
  }

  /** On the whole page, after a turn: the figure that the step is about. */
  bringIntoView() {
    if (!this.unaimed || !this.whole) return;
    this.unaimed = false;
    aim(this.data.elsewhere ? '' : this.data.figure, this.place, () => { this.missed.hidden = false; });
  }

  // ---- what the hand does ----

  answered() {
    this.given.shown = true;
    this.arrange();
  }

  showAnswer() {
    this.answered();
    this.classroom.say('reveal', this.data.step);
  }

  /** The room has something new: votes, or the answer, which another window may have shown. */
  answeredByClass() {
    if (this.classroom.on(this.data.step)?.revealed) this.given.shown = true;
    this.arrange();
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
    this.step = this.sent = wanted; // a second press before the server has answered goes one further
    hold(); // what is told in one breath with it, Streamlit takes for one fragment's
    this.classroom.turn(wanted);
    this.tellServer('go', wanted);
  }

  /** The next thing: the answer where there is one still hidden, else the next step. A clicker has no other key. */
  forward() {
    if (this.asking && this.step === this.data.step) this.showAnswer();
    else this.go(1);
  }

  leave() {
    this.tellServer('leave', Date.now());
  }

  /** PageUp and PageDown are a clicker's keys and always ours, also while the slider has the focus; others only where nothing else wants them. */
  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented || !this.data) return;
    if (document.querySelector('[role=dialog]')) return;
    const act = this.black.hidden ? this.meaning(event) : () => this.blacken();
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }

  /** What a key does here, or nothing. */
  meaning(event) {
    const { key } = event;
    const [target] = event.composedPath();
    const within = selector => target instanceof Element && target.closest(selector);
    if (within(TYPED)) return null;
    const hosted = within(PRESSED) && key === ' ' ? null : this.classroom.meaning(key.toLowerCase());
    if (hosted) return hosted;
    if (key === 'PageDown') return () => this.forward();
    if (key === 'PageUp') return () => this.go(-1);
    if (key === 'ArrowRight') return within(BUSY) ? null : () => this.forward();
    if (key === 'ArrowLeft') return within(BUSY) ? null : () => this.go(-1);
    if (key.toLowerCase() === 'p') return () => this.turnStage(!this.whole);
    if (this.whole) return null;
    if (key === ' ') return within(PRESSED) ? null : () => this.forward();
    if (key === 'Escape') return () => this.leave();
    const letter = key.toLowerCase();
    if (letter === 'r') return () => this.asking && this.showAnswer();
    if (letter === 'b') return () => this.blacken();
    if (letter === 'n') return () => this.noter.hidden || this.toggleNotes();
    const choice = 'abcd'.indexOf(letter) + 1;
    return choice && letter.length === 1 && this.data.choices.length >= choice ? () => this.question.choose(choice) : null;
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
    this.question.remove();
    this.classroom.remove();
    clearTimeout(this.patience);
    release();
    this.place.remove();
    clearTimeout(leaving);
    leaving = setTimeout(() => {
      root.classList.remove('lsviz-stage', 'lsviz-whole', 'lsviz-upright');
      setStage(null);
    }, document.querySelector('.st-key-lecture_bar') ? 1500 : 0);
  }
}

const notesWanted = () => {
  try {
    return sessionStorage.getItem('lsviz-notes') === 'yes';
  } catch {
    return false;
  }
};

const paragraph = pieces => make('p', '', ...pieces.map(piece));

/** The largest size, in units of the stage, at which the words of `element` fit its room; the smallest where none does. */
function shrink(element, from, to) {
  for (let size = from; size >= to; size -= 1) {
    element.style.setProperty('--size', size);
    if (element.scrollHeight <= element.clientHeight + 1 && element.scrollWidth <= element.clientWidth + 1) return;
  }
}
