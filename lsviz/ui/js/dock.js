// The dock: alpha on its painted rail, and N. It owns alpha in the browser: everything on the page follows it through the bus; at
// release it is in the address, and couriers tell the server where that has something to draw for it.

import { nearestStop, publish, shared } from './bus.js';
import { CountControl } from './dock_count.js';
import { onStage } from './stage.js';
import { make, useStyle } from './style.js';
import { addressed, isNews } from './told.js';

const KEY_REST_MS = 250;
const KEY_STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -Infinity, End: Infinity };
const RAIL = 1000; // slider units over the rail, on the scale of sqrt(alpha)

const docks = new WeakMap();

export async function render(component) {
  const { parentElement } = component;
  if (!docks.has(parentElement)) docks.set(parentElement, new Dock(parentElement));
  const dock = docks.get(parentElement);
  dock.tellServer = component.setTriggerValue;
  dock.show(component.data);
  await useStyle('dock');
  dock.place.hidden = false; // unstyled it would be a heap of loose parts
}

export function remove(parentElement) {
  docks.get(parentElement)?.remove();
  docks.delete(parentElement);
}

class Dock {
  constructor(root) {
    this.place = make('div', 'lsviz-dock');
    this.place.hidden = true;
    this.output = make('output');
    this.note = make('span', 'note');
    this.way = make('button', 'way'); // stands in the note while an alpha is asked for that nobody trained: the way to train it
    this.way.addEventListener('click', () => this.tellServer('also', this.data.alpha));
    this.track = make('div', 'track');
    this.dots = make('div', 'dots');
    this.ticks = make('div', 'ticks');
    this.slider = make('input');
    Object.assign(this.slider, { type: 'range', min: 0, max: RAIL, step: 'any' });
    const box = make('div', 'box', this.track, this.dots, this.slider, this.ticks);
    this.count = new CountControl(n => this.tellServer('n', n));
    this.read = make('div', 'read', this.output, this.note);
    this.rail = make('div', 'rail', box);
    this.place.append(this.read, this.rail, this.count.place);
    root.append(this.place);

    this.slider.addEventListener('input', () => this.dragged());
    this.slider.addEventListener('change', () => this.released());
    this.slider.addEventListener('keydown', event => this.pressed(event));
    this.onSelect = event => event.detail.group === this.data?.group && this.choose(event.detail.value);
    shared.bus.addEventListener('select', this.onSelect);
    this.onBack = () => this.goBack();
    addEventListener('popstate', this.onBack);
    this.leaveStage = onStage(() => this.lock());
    this.lock();
  }

  /** While a lecture asks, alpha stays where the step has it. */
  lock() {
    this.slider.disabled = Boolean(shared.stage?.locked);
    this.place.classList.toggle('locked', this.slider.disabled);
  }

  // ---- from the server ----

  show(data) {
    const newRail = JSON.stringify([data.stops, data.ticks, data.dots]) !== this.drawn;
    this.data = data;
    if (newRail) {
      this.drawn = JSON.stringify([data.stops, data.ticks, data.dots]);
      this.paint();
    }
    this.slider.setAttribute('aria-label', data.label ?? 'alpha');
    if (isNews(data.alpha, data.heard)) shared.asked = data.alpha;
    if (shared.asked !== this.asked || newRail) {
      if (!this.holding) this.adopt(shared.asked);
    } else {
      this.label();
    }
    writeAddress(shared.asked, 'replaceState'); // an answer to an older alpha has written that one
    this.count.show(data.n);
    const hide = data.hide ?? [];
    this.rail.hidden = hide.includes('alpha'); // alpha itself is still told, and still leads the page
    this.count.place.hidden = hide.includes('n');
    this.place.classList.toggle('embedded', Boolean(data.embedded));
  }

  /** The browser's back and forward: Streamlit asks the server for the address's page, and alpha is there at once. */
  goBack() {
    const alpha = addressAlpha();
    if (alpha === undefined) return;
    addressed(alpha);
    shared.asked = alpha;
    this.adopt(alpha);
  }

  adopt(alpha) {
    this.asked = alpha;
    this.moved = false;
    this.stand(nearestStop(this.data.stops, alpha), false);
    this.settleThumb();
  }

  paint() {
    const { gradient, ticks, dots } = this.data;
    const at = (alpha, className = '', text = '') => {
      const mark = make('i', className, text);
      mark.style.left = `${100 * Math.sqrt(alpha)}%`;
      return mark;
    };
    this.track.style.background = `linear-gradient(to right, ${gradient.map(([percent, color]) => `${color} ${percent}%`).join(',')})`;
    this.ticks.replaceChildren(...ticks.map(([alpha, text, minor]) => at(alpha, minor ? 'minor' : '', text)));
    this.dots.replaceChildren(...(dots ?? []).map(alpha => at(alpha)));
  }

  // ---- from the hand ----

  dragged() {
    this.holding = true;
    this.moved = true;
    const alpha = (this.slider.valueAsNumber / RAIL) ** 2;
    this.stand(nearestStop(this.data.stops, alpha), true);
  }

  released() {
    this.settleThumb();
    this.commit();
  }

  pressed(event) {
    const step = KEY_STEPS[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.holding = true;
    this.moved = true;
    this.stand(Math.max(0, Math.min(this.data.stops.length - 1, this.index + step)), true);
    this.settleThumb();
    clearTimeout(this.keyTimer);
    this.keyTimer = setTimeout(() => this.commit(), KEY_REST_MS);
  }

  /** Another part of the page (a click on a point) asks for `alpha`. */
  choose(alpha) {
    this.moved = true;
    this.stand(nearestStop(this.data.stops, alpha), false);
    this.settleThumb();
    this.commit();
  }

  /** Stand at stop `index` and let everyone know. */
  stand(index, moving) {
    this.index = index;
    this.label();
    publish(this.data.group, this.data.stops[index], moving);
  }

  label() {
    const { labels, colors, notes, note_asked: asked } = this.data;
    this.output.textContent = labels[this.index];
    this.slider.setAttribute('aria-valuetext', `α ${labels[this.index]}`);
    this.place.style.setProperty('--lsviz-thumb', colors[this.index]);
    const missed = !this.moved && asked;
    this.way.textContent = missed ? asked.text : '';
    this.way.title = missed ? asked.offer : '';
    this.note.replaceChildren(missed ? this.way : notes[this.index]);
  }

  settleThumb() {
    this.slider.value = Math.sqrt(this.data.stops[this.index]) * RAIL;
  }

  /** Alpha has come to rest: into the address, once, and only if this is new. */
  commit() {
    clearTimeout(this.keyTimer);
    this.holding = false;
    const alpha = this.data.stops[this.index];
    publish(this.data.group, alpha, false);
    if (alpha === this.asked) return;
    this.asked = shared.asked = alpha;
    writeAddress(alpha, 'pushState');
    shared.bus.dispatchEvent(new CustomEvent('rest'));
  }

  remove() {
    clearTimeout(this.keyTimer);
    this.count.remove();
    this.leaveStage();
    removeEventListener('popstate', this.onBack);
    shared.bus.removeEventListener('select', this.onSelect);
    delete shared.pos[this.data?.group];
    this.place.remove();
  }
}

const IN_ADDRESS = /([?&]alpha=)([^&#]*)/;

function addressAlpha() {
  const alpha = parseFloat(location.search.match(IN_ADDRESS)?.[2]);
  return alpha >= 0 && alpha <= 1 ? alpha : undefined;
}

/** Alpha as the server writes it, in the address that it has given the view; `how` of history. */
function writeAddress(alpha, how) {
  if (!IN_ADDRESS.test(location.search) || addressAlpha() === alpha) return;
  const search = location.search.replace(IN_ADDRESS, `$1${Number(alpha.toPrecision(6))}`);
  history[how](history.state, '', `${location.pathname}${search}${location.hash}`);
}
