// The finding as a sentence, and a second one below it, for every stop; or a caption alone. Redrawn in the browser while alpha moves.

import { Follower, mounting } from './follow.js';
import { make } from './style.js';

class Headline extends Follower {
  constructor(root) {
    super(root, 'lsviz-finding', 'headline');
    this.head = make('h1');
    this.sub = make('p');
  }

  build({ heads, look }) {
    if (!this.place.children.length) this.place.append(...(heads ? [this.head, this.sub] : [this.sub]));
    if (look) this.place.classList.add(look);
  }

  draw(stop) {
    const { heads, subs, terms } = this.data;
    if (heads) this.head.replaceChildren(...heads[stop].map(piece => part(piece)));
    this.sub.replaceChildren(...subs[stop].map(piece => part(piece, terms)));
  }
}

function part([text, className, term], terms) {
  if (!term) return make('span', className, text);
  return Object.assign(make('a', className, text), { href: `glossary#${term}`, title: terms[term], target: '_blank' });
}

export const { render, remove } = mounting(Headline);
