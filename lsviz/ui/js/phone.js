// A phone in the room: it shows what the lecture asks, takes one answer, keeps it until it was sent, and follows the lecturer. How the two
// hear each other is its wire's: `connect()`, `vote(said)` resolves with '' or the code of a refusal and throws while it could not be
// sent, `figure(address)` and `room(code)` are where a page of the app and another room are. It tells the phone `meet`, `hear`, `lose`.

import { drawing } from './drawing.js';
import { ordering, placed } from './ordering.js';
import { LETTERS, alphaText, badge, bars, barsKey, bolded, button, counted, logo, make, marked, ownLanguage, paragraphs, secondsLeft, speaker, time } from './kit.js';

const DOTS = 48; // people that are drawn one by one
const RETRY_MS = 2000;
const [TOO_LOW, MET, TOO_HIGH] = [0, 1, 2];
let say;

const read = key => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
const write = (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* kept in this page alone */ } };

export class Phone {
  /** In `place`, which has a header and a main; `wired(phone)` makes its wire. */
  constructor(place, code, wired) {
    say = speaker(ownLanguage());
    this.place = place;
    this.code = code;
    this.key = `lsviz-room-${code}`;
    this.kept = read(this.key) ?? {};
    this.kept.device ??= [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
    this.kept.votes ??= {}; // step -> [answer to the first vote, to the second]
    this.keep();
    this.line = make('p', 'line');
    this.clock = make('b', 'clock');
    setInterval(() => this.tick(), 250);
    this.wire = wired(this);
    this.wire.connect();
  }

  keep() {
    write(this.key, this.kept);
  }

  // ---- the room's line ----

  /** What the room knows of this phone. */
  meet(told) {
    this.word = told.word;
    for (const [step, votes] of Object.entries(told.votes)) this.kept.votes[step] = votes;
    this.keep();
    this.send();
  }

  lose() {
    this.away = true;
    this.sayLine();
  }

  hear(state) {
    if (state.ended) return this.turnAway('ended');
    this.away = false;
    if (state.language !== this.language) {
      this.language = document.documentElement.lang = state.language;
      say = speaker(state.language);
    }
    const before = this.state;
    this.state = { ...state, heardAt: performance.now() };
    if (before?.step !== state.step || before?.round !== state.round) this.changing = false;
    if (before?.step !== state.step) this.closeFigure();
    if (this.kept.late && this.kept.late !== state.step) delete this.kept.late;
    this.show();
  }

  // ---- the answer ----

  answer(value) {
    const { step, round } = this.state;
    const votes = this.kept.votes[step] ??= [];
    votes[round - 1] = value;
    this.kept.unsent = { step, round, answer: value };
    this.changing = false;
    this.keep();
    this.show();
    this.send();
  }

  /** Until the room has it: once is enough, twice does no harm. */
  async send() {
    clearTimeout(this.resend);
    const unsent = this.kept.unsent;
    if (!unsent) return this.sayLine();
    try {
      const refused = await this.wire.vote({ ...unsent, device: this.kept.device });
      if (this.kept.unsent !== unsent) return this.send();
      delete this.kept.unsent;
      this.unsentSaid = false;
      if (refused) {
        this.kept.votes[unsent.step][unsent.round - 1] = null;
        this.kept.late = unsent.step;
      }
      this.keep();
      this.show();
    } catch {
      this.unsentSaid = true;
      this.sayLine();
      this.resend = setTimeout(() => this.send(), RETRY_MS);
    }
  }

  get votes() {
    return this.kept.votes[this.state.step] ?? [];
  }

  get mine() {
    return this.votes[this.state.round - 1] ?? null;
  }

  // ---- what is seen ----

  sayLine() {
    const late = this.state && this.kept.late === this.state.step;
    const { closed, revealed } = this.state ?? {};
    this.line.textContent = this.kept.unsent && this.unsentSaid ? say('unsent') : this.away ? say('no_away')
      : late && revealed ? say('late') : late && closed ? say('no_closed') : '';
    this.line.hidden = !this.line.textContent;
  }

  show() {
    const { state } = this;
    const { header, main } = this.place;
    if (!state) return;
    document.title = state.title;
    const asks = state.choices.length > 0 || Boolean(state.pick) || state.order.length > 0 || Boolean(state.draw);
    header.replaceChildren(
      make('div', 'top', logo(), make('span', '', ...bolded(say('you_are', { word: say.nameOf(this.word ?? 0) }))), make('span', 'at', ...bolded(say('of', { count: state.step, all: state.steps })))),
      asks && !state.revealed ? this.progress() : '', this.line);
    this.sayLine();
    const now = this.stateNow(asks);
    const same = main.dataset.state === now && this.shown === `${state.step}.${state.round}`;
    if (same && [this.list, this.slider, this.frame].some(held => held && main.contains(held))) return; // a hand is at it
    const focused = document.activeElement?.dataset?.answer;
    main.replaceChildren(make('div', 'view', ...this.view(now, asks)));
    if (focused) main.querySelector(`[data-answer="${focused}"]`)?.focus();
    main.dataset.state = main.firstChild.dataset.state = now;
    this.shown = `${state.step}.${state.round}`;
  }

  /** The countdown goes by itself; a room that asks seldom hears of its end later. */
  tick() {
    const left = secondsLeft(this.state);
    this.clock.textContent = left ? time(left) : '';
    if (left !== 0 || this.state.closed) return;
    this.state.closed = true;
    this.show();
  }

  progress() {
    const { answered, present, round } = this.state;
    const done = make('i');
    done.style.width = `${100 * answered / Math.max(1, present)}%`;
    const told = make('span', 'told', ...bolded(say('of', { count: answered, all: present })));
    return make('div', 'progress', make('div', 'rail', done), make('p', '', make('span', '', say(round > 1 ? 'second_vote' : 'first_vote')), told, this.clock));
  }

  stateNow(asks) {
    const { state } = this;
    return state.learned.length ? 'closing' : !state.ask.length ? 'told' : state.revealed ? 'revealed' : !asks ? 'open' : state.shown ? 'shown'
      : this.mine != null && !(this.changing && !state.closed) ? 'waiting' : state.closed ? 'closed' : 'asking';
  }

  view(now, asks) {
    const { state } = this;
    const aside = key => make('p', 'muted aside', say(key));
    const figure = state.page ? this.figure() : ''; // of a step that hides nothing it comes at once
    return {
      closing: () => [make('h1', '', ...state.say.flatMap(marked)), make('ol', '', ...state.learned.map(pieces => make('li', '', ...marked(pieces))))],
      told: () => [make('h1', 'still', ...paragraphs(state.say)), make('p', 'muted', say('in_front')), figure],
      revealed: () => this.revealed(asks),
      open: () => [...this.question(), aside('think'), figure],
      shown: () => [...this.question(), ...this.histogram(), aside('talk')],
      waiting: () => this.waiting(),
      closed: () => [...this.question(), aside('no_closed'), aside('talk')],
      asking: () => [...this.question(), make('div', 'answers', ...(state.pick ? this.slide() : state.order.length ? this.arrange() : state.draw ? this.sketch() : this.choices()), make('p', 'muted small', say('nobody_sees')))],
    }[now]();
  }

  question() {
    const { say: before, ask } = this.state;
    return [make('div', 'before', ...paragraphs(before)), make('h1', '', ...paragraphs(ask)), make('p', 'muted', say('in_front'))];
  }

  choices() {
    const first = this.state.round > 1 ? this.votes[0] : null;
    return this.state.choices.map((choice, i) => {
      const made = button('choice', () => this.answer(i + 1), badge(LETTERS[i]), make('span', '', ...marked(choice)));
      made.dataset.answer = i + 1;
      if (first === i + 1) made.classList.add('first');
      if (this.mine === i + 1) made.setAttribute('aria-pressed', 'true');
      return made;
    });
  }

  /** An alpha on the scale of the dock, its square root. */
  slide() {
    if (this.slider && this.sliderOf === this.state.step + this.state.round / 10) return [this.alphaOut, this.slider, this.taker];
    this.sliderOf = this.state.step + this.state.round / 10;
    this.slider = make('input');
    Object.assign(this.slider, { type: 'range', min: 0, max: 1, step: 0.01, value: Math.sqrt(this.mine ?? 0.1), ariaLabel: 'α' });
    this.alphaOut = make('output');
    const value = () => Math.round(this.slider.valueAsNumber ** 2 * 100) / 100;
    this.taker = button('choice take', () => { this.slider.remove(); this.answer(value()); });
    const tell = () => {
      this.alphaOut.textContent = alphaText(value());
      this.taker.textContent = say('take', { alpha: alphaText(value()) });
    };
    this.slider.addEventListener('input', tell);
    tell();
    return [this.alphaOut, this.slider, this.taker];
  }

  /** Everything there is to put in order, as it stands until it is answered. */
  arrange() {
    if (this.list && this.sliderOf === this.state.step + this.state.round / 10) return [this.list, this.taker];
    this.sliderOf = this.state.step + this.state.round / 10;
    const order = [...this.mine ?? this.votes[0] ?? this.state.order.map((_, i) => i + 1)];
    this.list = ordering(make, this.state.order.map(marked), order, { up: say('up'), down: say('down') }, () => {});
    this.taker = button('choice take', () => { this.list.remove(); this.answer(order); }, say('answer'));
    return [make('p', 'muted small', say('arrange')), this.list, this.taker];
  }

  /** The axes to draw in; as it was drawn before, where it was. */
  sketch() {
    if (this.list && this.sliderOf === this.state.step + this.state.round / 10) return [this.list, this.taker];
    this.sliderOf = this.state.step + this.state.round / 10;
    const before = this.mine ?? this.votes[0];
    const heights = [...before ?? Array(this.state.draw.places).fill(0.5)];
    this.taker = button('choice take', () => { this.list.remove(); this.answer(heights); }, say('answer'));
    this.taker.disabled = !before;
    this.list = this.drawn({ heights, changed: () => { this.taker.disabled = false; } });
    return [make('p', 'muted small', say('sketch')), this.list, this.taker];
  }

  drawn(what) {
    const { draw } = this.state;
    return drawing(make, draw, { draw_up: say('draw_up'), draw_across: say('draw_across') }, { places: draw.places, ...what });
  }

  waiting() {
    const { state, mine } = this;
    const { answered, present } = state;
    const said = state.order.length ? [placed(make, state.order.map(marked), mine)] : state.draw ? [this.drawn({ heights: mine })] : state.pick ? [make('span', 'serif', alphaText(mine))] : [badge(LETTERS[mine - 1], 'on'), make('span', 'serif', ...marked(state.choices[mine - 1]))];
    const people = present <= DOTS ? make('div', 'dots', ...Array.from({ length: present }, (_, i) => make('i', i < answered ? 'in' : ''))) : '';
    return [
      make('div', 'asked', ...paragraphs(state.ask)),
      make('p', 'muted', say('you_said')), make('div', 'said', ...said),
      make('section', '', make('p', '', ...bolded(say('have_answered', { count: answered, present }))), people),
      make('section', '', make('p', 'muted', say('meanwhile')), make('p', 'serif', say('find_reason'))),
      state.closed ? make('p', 'muted aside', say('no_closed'))
        : make('div', 'answers', button('choice change', () => { this.changing = true; this.slider = this.list = null; this.show(); }, say('change'))),
    ];
  }

  /** The votes, and what to say to this phone's own; the right answer where it is revealed. */
  histogram() {
    const { state } = this;
    if (state.order.length) return this.placed();
    if (state.draw) return this.drawnByAll();
    if (!this.told) return [make('p', 'muted few', say('few', { count: state.answered }))];
    return [barsKey(state.counts, say), ...state.counts.find(Boolean).map((_, place) => this.row(place))];
  }

  /** Where the class put each, and the right order once it is revealed. */
  placed() {
    const { order, places, right_order: right, counts, answered } = this.state;
    const rows = order.map(marked);
    const whole = counts?.at(-1);
    return [
      right || places ? placed(make, rows, right ?? order.map((_, i) => i + 1), places, Boolean(right)) : '',
      whole && right ? make('p', 'muted', say('was_right', { count: whole[0], all: whole[0] + whole[1] })) : '',
      places ? '' : make('p', 'muted few', say('few', { count: answered })),
      right && this.lastVote() ? make('p', 'reply', String(this.lastVote()) === String(right) ? make('b', '', say('right')) : say('own_order', { order: this.lastVote().map(number => right.indexOf(number) + 1).join(' ') })) : '',
    ];
  }

  /** The class's curves as a band, this phone's own, and the true one once it is revealed. */
  drawnByAll() {
    const { band, curve, counts, answered } = this.state;
    const whole = counts?.at(-1);
    return [
      band || curve ? this.drawn({ heights: this.lastVote(), band, curve }) : '',
      whole && curve ? make('p', 'muted', say('near', { count: whole[0], all: whole[0] + whole[1] })) : '',
      band ? '' : make('p', 'muted few', say('few', { count: answered })),
    ];
  }

  row(place) {
    const { state } = this;
    const right = state.revealed && place === (state.pick ? MET : state.answer - 1);
    const mine = this.lastVote();
    const own = mine != null && place === this.placeOf(mine);
    const words = state.pick ? [this.band(place)] : marked(state.choices[place]);
    const row = make('div', right ? 'row right' : 'row', badge(state.pick ? '' : LETTERS[place], right ? 'on' : ''),
      make('div', '', make('p', 'words', ...words), this.told ? bars(state.counts, place) : ''), this.told ? counted(state.counts, place) : '');
    if (state.pick) row.querySelector('.badge').remove();
    const lines = [];
    if (right && mine != null) {
      const first = this.votes[0];
      const moved = own && state.round > 1 && first != null && this.placeOf(first) !== place;
      lines.push(make('b', '', moved && !state.pick ? say('moved', { from: LETTERS[first - 1] }) : own ? say('right') : say('you_were', { answer: state.pick ? alphaText(mine) : LETTERS[mine - 1] })), ' ');
    }
    if (state.revealed && state.replies.length && (right || own)) lines.push(make('span', '', ...marked(state.replies[place])));
    if (lines.length) row.append(make('p', 'reply', ...lines));
    return row;
  }

  /** Whether the class is told its votes: of too few it is not. */
  get told() {
    return Boolean(this.state.counts?.some(Boolean));
  }

  lastVote() {
    return this.votes.slice(0, this.state.round).filter(vote => vote != null).at(-1) ?? null;
  }

  /** The bar of an answer, from 0. */
  placeOf(answer) {
    if (!this.state.pick) return answer - 1;
    if (!this.state.revealed) return -1;
    const off = answer - this.state.answer;
    return Math.abs(off) <= this.state.within + 1e-9 ? MET : off < 0 ? TOO_LOW : TOO_HIGH;
  }

  band(place) {
    if (!this.state.revealed) return say(['too_low', 'met', 'too_high'][place]);
    return place === MET ? say('met_at', { alpha: alphaText(this.state.answer) }) : say(place === TOO_LOW ? 'too_low' : 'too_high');
  }

  revealed(asks) {
    const { state } = this;
    const headline = state.reveal.length ? state.reveal : state.ask;
    const told = !asks ? [] : state.order.length ? this.placed() : state.draw ? this.drawnByAll() : this.told ? this.histogram()
      : [...(state.pick ? [MET] : state.choices.map((_, i) => i)).map(place => this.row(place)), make('p', 'muted few', say('few', { count: state.answered }))];
    return [make('div', 'before', ...paragraphs(state.ask)), make('h1', '', ...paragraphs(headline)), ...told, state.page ? this.figure() : ''];
  }

  /** The step's page with its slider; it comes when asked for. */
  figure() {
    if (this.frame) return this.frame;
    return button('choice look', () => {
      const frame = make('iframe');
      frame.src = this.wire.figure(this.state.page);
      frame.title = say('figure');
      this.frame = make('div', 'figure', button('shut', () => { this.closeFigure(); this.show(); }, say('shut')), frame);
      this.show();
      this.frame.scrollIntoView({ block: 'start' });
    }, say('your_turn'));
  }

  closeFigure() {
    this.frame = null;
  }

  /** Why the room has no place for this phone: the door again, with one sentence. */
  turnAway(why) {
    this.wire.close();
    door(this.place, why, why === 'ended' ? '' : this.code, code => this.wire.room(code));
  }
}

/** The door: a code to type, after a wrong one or an ended room with one sentence; `go(code)` goes there. */
export function door({ header, main }, why, typed, go) {
  say = speaker(ownLanguage());
  document.documentElement.lang = ownLanguage();
  header.replaceChildren(make('div', 'top', logo(), make('b', '', 'lsviz')));
  const field = make('input', 'code');
  Object.assign(field, { maxLength: 5, autocomplete: 'off', autocapitalize: 'characters', spellcheck: false, value: typed, required: true, pattern: '[A-Za-z]{5}' });
  field.setAttribute('aria-label', say('code'));
  const form = make('form', 'view door', why ? make('p', 'line', say.refusal(why)) : '', make('h1', '', say('type_code')), field, make('button', 'choice', say('join')), make('p', 'muted small', say('anonymous')));
  form.addEventListener('submit', event => {
    event.preventDefault();
    go(field.value.toUpperCase());
  });
  main.replaceChildren(form);
  main.dataset.state = 'door';
}
