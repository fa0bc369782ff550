// Formulas, sentences and numbers that follow alpha: their shape is sent once, the values of every stop beside it.

import { Follower, mounting } from './follow.js';
import { make } from './style.js';

const MATHML = 'http://www.w3.org/1998/Math/MathML';
const FIRST = 0xe000; // the first of Unicode's private characters: a place for the first value
const PLACE = /[\ue000-\uf8ff]/g;

class Sheet extends Follower {
  constructor(root) {
    super(root, 'lsviz-along', 'along');
  }

  build({ blocks }) {
    this.open = []; // [text node, its text with places]
    this.place.replaceChildren(...blocks.map(([kind, what]) => this[kind](what)));
  }

  formula(tree) {
    const math = this.node(['math', tree]);
    math.setAttribute('display', 'block');
    return math;
  }

  sentence(pieces) {
    return make('p', '', ...pieces.map(([text, name]) => make('span', name, this.text(text))));
  }

  numbers(pairs) {
    return make('dl', '', ...pairs.map(([name, value]) => make('div', '', make('dt', '', name), make('dd', '', this.text(value)))));
  }

  node([tag, ...children]) {
    const made = document.createElementNS(MATHML, tag);
    made.append(...children.map(child => (typeof child === 'string' ? this.text(child) : this.node(child))));
    if (tag === 'mspace') made.setAttribute('width', '2em');
    return made;
  }

  text(text) {
    const made = document.createTextNode(text);
    if (text.match(PLACE)) this.open.push([made, text]);
    return made;
  }

  draw(stop) {
    const values = this.data.values[stop];
    for (const [node, text] of this.open) node.data = text.replace(PLACE, place => values[place.charCodeAt(0) - FIRST]);
  }
}

export const { render, remove } = mounting(Sheet);
