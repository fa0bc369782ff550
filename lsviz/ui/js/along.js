// Formulas, sentences and numbers that follow alpha: their shape is sent once, the values of every stop beside it.

import { listen, nearestStop, nextFrame, position } from './bus.js';
import { make, useStyle } from './style.js';

const MATHML = 'http://www.w3.org/1998/Math/MathML';
const PLACE = /[\ue000-\uf8ff]/g; // a place for a value: the first of Unicode's private characters for the first value
const sheets = new WeakMap();

export function render({ data, parentElement }) {
  if (!sheets.has(parentElement)) sheets.set(parentElement, new Sheet(parentElement));
  return sheets.get(parentElement).show(data);
}

export function remove(parentElement) {
  sheets.get(parentElement)?.remove();
  sheets.delete(parentElement);
}

class Sheet {
  constructor(root) {
    this.place = make('div', 'lsviz-along');
    root.append(this.place);
    this.stopListening = listen('alpha', value => this.follow(value));
  }

  async show(data) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const [alpha] = await Promise.all([position('alpha'), useStyle('along')]);
    if (this.removed || turn !== this.turn) return;
    this.data = data;
    this.stop = null;
    this.open = []; // [text node, its text with places]
    this.place.replaceChildren(...data.blocks.map(([kind, what]) => this[kind](what)));
    this.follow(alpha ?? data.stops[0]);
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

  follow(value) {
    if (!this.data) return;
    const stop = nearestStop(this.data.stops, value);
    if (stop === this.stop) return;
    this.stop = stop;
    nextFrame(this, () => {
      const values = this.data.values[stop];
      for (const [node, text] of this.open) node.data = text.replace(PLACE, place => values[place.charCodeAt(0) - 0xe000]);
    });
  }

  remove() {
    this.removed = true;
    this.stopListening();
    this.place.remove();
  }
}
