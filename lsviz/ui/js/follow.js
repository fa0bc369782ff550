// What follows alpha without the server: a place that holds something for every stop and draws the one that is asked for.

import { listen, nearestStop, nextFrame, position } from './bus.js';
import { make, useStyle } from './style.js';

/** A kind of place has `build(data)` and `draw(stop)`. Its data have `stops`. */
export class Follower {
  constructor(root, name, style) {
    this.place = make('div', name);
    root.append(this.place);
    this.style = style;
    this.stopListening = listen('alpha', value => this.follow(value));
  }

  async show(data) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const [alpha] = await Promise.all([position('alpha'), useStyle(this.style)]);
    if (this.removed || turn !== this.turn) return;
    this.data = data;
    this.stop = null;
    this.build(data);
    this.follow(alpha ?? data.stops[0]);
  }

  follow(value) {
    if (!this.data) return;
    const stop = nearestStop(this.data.stops, value);
    if (stop === this.stop) return;
    this.stop = stop;
    nextFrame(this, () => this.draw(stop));
  }

  remove() {
    this.removed = true;
    this.stopListening();
    this.place.remove();
  }
}

/** `render` and `remove` of a component that has one `Kind` in each of its places. */
export function mounting(Kind) {
  const placed = new WeakMap();
  return {
    render({ data, parentElement }) {
      if (!placed.has(parentElement)) placed.set(parentElement, new Kind(parentElement));
      return placed.get(parentElement).show(data);
    },
    remove(parentElement) {
      placed.get(parentElement)?.remove();
      placed.delete(parentElement);
    },
  };
}
