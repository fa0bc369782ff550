// What one image is: its class, what this network answers and how surely, and its five nearest before flattening, each named.

import { make } from './style.js';

export class Card {
  constructor(close) {
    this.place = make('aside', 'card');
    this.place.hidden = true;
    this.close = close;
  }

  hide() {
    this.place.hidden = true;
  }

  /** `image`: { number, label, answer, sure, nearest, kept, pictures }; classes by place; `words` with places in braces. */
  show({ number, label, answer, sure, nearest, kept, pictures }, classes, words) {
    const right = answer === label;
    const dot = k => {
      const mark = make('i');
      mark.style.background = classes[k].color;
      return mark;
    };
    const thumb = row => {
      if (!pictures?.[row]) return [];
      const image = make('img');
      Object.assign(image, { src: pictures[row], alt: '' });
      return [image];
    };
    const cross = make('button', 'cross', '×');
    cross.type = 'button';
    cross.setAttribute('aria-label', words.close);
    cross.addEventListener('click', () => this.close());
    const said = words[right ? 'answers_right' : 'answers_wrong'].replace('{answer}', classes[answer].name).replace('{sure}', `${sure}\u00a0%`);
    const lines = nearest?.map(({ row, label: k }) => make('li', k === label ? 'same' : '', ...thumb(row), dot(k), make('span', '', classes[k].name))) ?? [];
    this.place.replaceChildren(
      cross, ...thumb(number), make('p', 'what', dot(label), make('strong', '', classes[label].name), ` ${words.image.replace('{number}', number + 1)}`),
      make('p', right ? '' : 'wrong', said), ...(lines.length ? [make('p', 'muted', words.nearest), make('ol', '', ...lines)] : []),
      ...(kept === undefined ? [] : [make('p', 'muted', words.kept_of.replace('{count}', kept))]),
    );
    this.place.hidden = false;
  }

  /** Into the corner of its panel that is furthest from the image at (x, y). */
  standAside(x, y, width, height) {
    this.place.classList.toggle('right', x < width / 2);
    this.place.classList.toggle('low', y < height / 2);
  }
}
