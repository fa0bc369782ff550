// The finding as a sentence, and a second one below it, for every stop; or a caption alone. Redrawn in the browser while alpha moves.

import { listen, nearestStop, nextFrame, position } from './bus.js';
import { make, useStyle } from './style.js';

const headlines = new WeakMap();

export function render({ data, parentElement }) {
  if (!headlines.has(parentElement)) headlines.set(parentElement, new Headline(parentElement));
  return headlines.get(parentElement).show(data);
}

export function remove(parentElement) {
  headlines.get(parentElement)?.remove();
  headlines.delete(parentElement);
}

class Headline {
  constructor(root) {
    this.head = make('h1');
    this.sub = make('p');
    this.place = make('div', 'lsviz-finding');
    root.append(this.place);
    this.stopListening = listen('alpha', value => this.follow(value));
  }

  async show(data) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const [alpha] = await Promise.all([position('alpha'), useStyle('headline')]);
    if (this.removed || turn !== this.turn) return;
    this.data = data;
    this.stop = null;
    if (!this.place.children.length) this.place.append(...(data.heads ? [this.head, this.sub] : [this.sub]));
    if (data.look) this.place.classList.add(data.look);
    this.follow(alpha ?? data.stops[0]);
  }

  follow(value) {
    if (!this.data) return;
    const stop = nearestStop(this.data.stops, value);
    if (stop === this.stop) return;
    this.stop = stop;
    nextFrame(this, () => {
      if (this.data.heads) this.head.replaceChildren(...this.data.heads[stop].map(piece => part(piece)));
      this.sub.replaceChildren(...this.data.subs[stop].map(piece => part(piece, this.data.terms)));
    });
  }

  remove() {
    this.removed = true;
    this.stopListening();
    this.place.remove();
  }
}

function part([text, className, term], terms) {
  if (!term) return make('span', className, text);
  return Object.assign(make('a', className, text), { href: `glossary#${term}`, title: terms[term], target: '_blank' });
}
