// What a step asks: choices to press or an alpha to set, with replies and the right answer once it is shown.

import { listen, shared } from './bus.js';
import { drawing } from './drawing.js';
import { bars, barsKey, counted } from './kit.js';
import { ordering, placed } from './ordering.js';
import { make } from './style.js';

const LETTERS = 'ABCD';
const TOO_LOW = 0;
const MET = 1;
const TOO_HIGH = 2;

export class Question {
  /** `answered()` is called when an answer was given. */
  constructor(answered) {
    this.answered = answered;
    this.place = make('div', 'question');
    this.place.setAttribute('role', 'group');
    this.alpha = shared.pos.alpha;
    this.stopListening = listen('alpha', value => {
      this.alpha = value;
      if (this.taker) this.sayAlpha();
    });
  }

  /** Show a step's question; `given` is {answer, shown} of this step, which outlives going on and back; `room` is where a class answers. */
  show(data, given, room = null) {
    Object.assign(this, { data, given, room });
    this.taker = null;
    if (data.choices.length) this.showChoices();
    else if (data.pick) this.showPick();
    else if (data.order.length) this.showOrder();
    else if (data.draw) this.showDrawing();
    else this.place.replaceChildren();
    this.place.hidden = !this.place.firstChild;
    this.place.classList.toggle('shown', given.shown);
    this.place.classList.toggle('sorting', data.order.length > 0);
    this.place.classList.toggle('sketching', Boolean(data.draw));
    this.place.style.setProperty('--rows', data.order.length);
  }

  showChoices() {
    const { choices, replies, answer } = this.data;
    const { shown, answer: chosen } = this.given;
    this.place.replaceChildren(...choices.map((choice, i) => {
      const number = i + 1;
      const row = make('button', 'choice', make('b', 'letter', LETTERS[i]), make('span', 'words', ...choice.map(piece)));
      row.type = 'button';
      row.setAttribute('aria-pressed', String(chosen === number));
      row.classList.toggle('right', shown && answer === number);
      row.classList.toggle('chosen', chosen === number);
      if (this.room) row.append(...this.votes(i));
      else if (shown && replies.length && (answer === number || chosen === number)) row.append(make('span', 'reply', ...replies[i].map(piece)));
      row.addEventListener('click', event => {
        this.choose(number);
        if (!event.detail) this.place.children[i].focus(); // a key's: the row is a new one now
      });
      return row;
    }));
    if (this.room?.counts) this.place.append(barsKey(this.room.counts, key => this.data.words[key]));
  }

  /** The class's votes for a choice, once they may be seen. */
  votes(place) {
    const { counts } = this.room;
    return counts?.some(Boolean) ? [bars(counts, place), counted(counts, place)] : [];
  }

  /** Choice `number`; after the answer is shown, another one shows its reply. */
  choose(number) {
    if (number > this.data.choices.length || (this.room && !this.given.shown)) return; // the class answers
    this.given.answer = number;
    this.answered();
  }

  showPick() {
    const { words, replies, answer } = this.data;
    const { shown, answer: chosen } = this.given;
    if (!shown) {
      this.taker = make('button', 'take');
      this.taker.type = 'button';
      this.taker.addEventListener('click', () => {
        this.given.answer = this.alpha;
        this.answered();
      });
      this.place.replaceChildren(make('p', 'set', words.set), this.taker);
      this.sayAlpha();
      return;
    }
    const line = (className, text, alpha) => make('p', className, text.replace('{alpha}', said(alpha)));
    const lines = [line('right', words.right, answer)];
    if (chosen != null) lines.unshift(line('chosen', words.yours, chosen));
    if (this.room?.counts?.some(Boolean)) {
      const each = ['too_low', 'met', 'too_high'].map((key, place) => [`${words[key]} `, counted(this.room.counts, place)]);
      lines.push(make('p', 'classes', ...each.flatMap((one, i) => i ? [' · ', ...one] : one)));
    }
    if (replies.length && !this.room) lines.push(make('p', 'reply', ...replies[chosen == null ? MET : this.judged(chosen)].map(piece)));
    this.place.replaceChildren(...lines);
  }

  showOrder() {
    const { words, order, right_order: right } = this.data;
    const { shown } = this.given;
    const rows = order.map(pieces => pieces.map(piece));
    const places = this.room?.places;
    if (shown || this.room) {
      const whole = this.room?.counts?.at(-1);
      const told = shown && whole ? words.was_right.replace('{count}', whole[0]).replace('{all}', whole[0] + whole[1]) : '';
      const yours = shown && this.given.answer ? words.own_order.replace('{order}', this.given.answer.map(number => right.indexOf(number) + 1).join(' ')) : '';
      this.place.replaceChildren(placed(make, rows, shown ? right : order.map((_, i) => i + 1), places, shown), make('p', 'classes', told || yours));
      return;
    }
    this.given.laid ??= order.map((_, i) => i + 1);
    const take = make('button', 'take', words.answer);
    take.type = 'button';
    take.addEventListener('click', () => {
      this.given.answer = this.given.laid;
      this.answered();
    });
    this.place.replaceChildren(ordering(make, rows, this.given.laid, words, () => {}), make('p', 'set', words.arrange), take);
  }

  showDrawing() {
    const { words, draw, curve } = this.data;
    const { shown } = this.given;
    const show = what => drawing(make, draw, words, { places: draw.places, ...what });
    if (shown || this.room) {
      const whole = shown && this.room?.counts?.at(-1);
      const told = whole ? words.near.replace('{count}', whole[0]).replace('{all}', whole[0] + whole[1]) : '';
      this.place.replaceChildren(show({ heights: this.given.answer, band: this.room?.band, curve: shown ? curve : null }), make('p', 'classes', told));
      return;
    }
    const take = make('button', 'take', words.answer);
    take.type = 'button';
    take.disabled = !this.given.drawn;
    const heights = this.given.drawn ?? Array(draw.places).fill(0.5);
    take.addEventListener('click', () => {
      this.given.answer = heights;
      this.answered();
    });
    const changed = () => {
      this.given.drawn = heights;
      take.disabled = false;
    };
    this.place.replaceChildren(show({ heights, changed }), take, make('p', 'set', words.sketch));
  }

  judged(alpha) {
    const off = alpha - this.data.answer;
    return Math.abs(off) <= this.data.within + 1e-9 ? MET : off < 0 ? TOO_LOW : TOO_HIGH;
  }

  sayAlpha() {
    this.taker.disabled = this.alpha === undefined; // until the dock has come
    this.taker.textContent = this.data.words.take.replace('{alpha}', said(this.alpha ?? 0));
  }

  remove() {
    this.stopListening();
  }
}

const said = alpha => `α = ${alpha.toFixed(Math.abs(alpha * 100 - Math.round(alpha * 100)) > 1e-6 ? 3 : 2)}`;

/** A piece of marked text; formulas and numbers with their signs stay on one line. */
export const piece = ([text, className]) => make('span', className, text.replace(/ (?=[−+=·×%])|(?<=[−+=·×]) /g, '\u00a0').replace(/(?<=[%)])(?=[가-힣])/g, '\u2060'));
