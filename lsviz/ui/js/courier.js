// Tells the server of alpha where it draws something for one: at once while that place is on screen, and always before anything else is
// done that it will answer. What nobody asks the server for, it does not hear.

import { shared } from './bus.js';
import { sending, unheard, untold } from './told.js';

const BEFORE = ['click', 'keydown', 'input', 'change', 'drop'];
const APART = '.lsviz-dock .rail, a[href]'; // alpha's own control; and what turns the page, where couriers compare anew
const couriers = new WeakMap();

export function render(component) {
  const { parentElement } = component;
  if (!couriers.has(parentElement)) couriers.set(parentElement, new Courier(parentElement));
  couriers.get(parentElement).show(component);
}

export function remove(parentElement) {
  couriers.get(parentElement)?.remove();
  couriers.delete(parentElement);
}

class Courier {
  constructor(root) {
    this.root = root;
    this.onRest = () => this.hurry();
    this.onDeed = event => event.target.closest?.(APART) || this.catchUp();
  }

  show({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    this.data = data;
    this.sent = undefined;
    if (!this.kind) {
      this.kind = data.kind;
      const box = this.kind === 'kept' ? '[class*=st-key-at_alpha_]' : '[data-testid=stElementContainer]';
      this.root.closest(box)?.style.setProperty('position', 'absolute'); // no gap where nothing is seen
      if (this.kind === 'kept') {
        shared.catchUp = () => this.catchUp(); // before a component of ours tells anything
        for (const name of BEFORE) addEventListener(name, this.onDeed, { capture: true, passive: true });
      } else shared.bus.addEventListener('rest', this.onRest);
      if (this.kind === 'place') {
        this.watch = new IntersectionObserver(([{ isIntersecting }]) => {
          this.seen = isIntersecting;
          this.hurry();
        });
        this.place = this.root.closest('[class*=st-key-at_alpha_]') ?? this.root.parentElement;
        this.watch.observe(this.place);
      }
    }
    if (this.kind === 'kept' && unheard(data.heard)) this.send(shared.asked); // it was lost on the way to another page
    if (this.place) this.place.inert = false;
    this.hurry();
  }

  /** What stands here was drawn for another alpha than the dock's: have it drawn anew. */
  hurry() {
    const { asked } = shared;
    if (this.kind === 'kept' || asked === undefined || asked === this.data.alpha || asked === this.sent) return;
    if (this.kind === 'place' && !this.seen) return;
    if (this.place) this.place.inert = true; // no file for an alpha that is not on screen
    this.send(asked);
  }

  catchUp() {
    if (untold()) this.send(shared.asked);
  }

  send(alpha) {
    this.sent = alpha;
    this.tell('told', [alpha, sending(alpha)]);
  }

  remove() {
    if (this.kind === 'kept') delete shared.catchUp;
    this.watch?.disconnect();
    shared.bus.removeEventListener('rest', this.onRest);
    for (const name of BEFORE) removeEventListener(name, this.onDeed, { capture: true });
  }
}
