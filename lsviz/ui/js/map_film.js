// Frames on the way to a layout: played as they come, then scrubbed.

import { make } from './style.js';

const PACE = 0.45; // frames of the film at most, in one of the screen
const EASE = 0.2;

export class Film {
  constructor(changed) {
    this.changed = changed;
    this.at = this.aim = 0;
    this.labels = [];
    this.button = make('button', 'play');
    this.button.type = 'button';
    this.button.addEventListener('click', () => (this.plays ? this.pause() : this.play()));
    this.rail = make('input');
    Object.assign(this.rail, { type: 'range', min: 0, step: 1 });
    this.rail.addEventListener('input', () => { this.pause(); this.aim = Number(this.rail.value); this.changed(); });
    this.word = make('span', 'when');
    this.place = make('div', 'film', this.button, this.rail, this.word);
    this.place.hidden = true;
  }

  /** `film` is { labels, first, start }: a word a frame, what the first frame is, and where to stand at first; null where there is none. */
  show(film, words) {
    const { labels, first, start } = film ?? { labels: [], first: null, start: 0 };
    const last = labels.length - 1;
    const atEnd = this.aim >= this.labels.length - 1;
    if (first !== this.first) this.at = this.aim = start < 0 ? 0 : start;
    if (first !== this.first ? start < 0 : atEnd) this.aim = last; // goes on with what has come
    Object.assign(this, { first, labels, words });
    this.rail.max = Math.max(0, last);
    this.rail.setAttribute('aria-label', words.scrub);
    this.place.hidden = last < 1;
    this.say();
  }

  play() {
    if (this.at >= this.labels.length - 1) this.at = 0;
    this.plays = true;
    this.aim = this.labels.length - 1;
    this.changed();
  }

  pause() {
    this.plays = false;
    this.aim = Math.round(this.at);
    this.changed();
  }

  /** Go on towards the aim; whether it still moves. */
  step(still) {
    const left = this.aim - this.at;
    if (still || Math.abs(left) < 0.01) this.at = this.aim;
    else this.at += Math.sign(left) * Math.min(Math.abs(left), this.plays || Math.abs(left) < 3 ? Math.max(0.04, Math.min(PACE, EASE * Math.abs(left))) : EASE * Math.abs(left));
    if (this.at === this.aim) this.plays = false;
    this.say();
    return this.at !== this.aim;
  }

  say() {
    const now = Math.round(this.at);
    const said = `${now} ${this.plays} ${this.labels.length} ${this.words.play}`;
    if (said === this.said) return;
    this.said = said;
    this.rail.value = now;
    this.word.textContent = this.labels[now] ?? '';
    this.rail.setAttribute('aria-valuetext', this.word.textContent);
    this.button.textContent = this.plays ? '❚❚' : '▶';
    this.button.setAttribute('aria-label', this.plays ? this.words.pause : this.words.play);
  }
}
