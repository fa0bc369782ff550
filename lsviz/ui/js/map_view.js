// Where maps are looked at: one zoom and one middle for all, by wheel, drag, pinch and keys. Zoomed in, the others follow the
// images, not the coordinates: they show where those under the hand lie there.

const MOST = 24;
const FOLLOWS = [1.15, 2.35]; // zoom from which the other map begins to follow, and does so wholly
const UNDER_HAND = 0.15; // of the panel's width: whose images the other map follows
const CLICK_PX = 4;
const KEYS = { '+': 1.5, '=': 1.5, '-': 1 / 1.5 };
const PANS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class View {
  constructor(changed) {
    this.changed = changed;
    this.source = 0; // the panel the hand is in
    this.focus = [0.5, 0.5];
    this.aim = { zoom: 1, x: 0, y: 0 }; // px at zoom 1, about the panel's middle
    this.now = { ...this.aim };
    this.panels(2);
  }

  panels(count) {
    this.source = 0;
    this.shifts = Array.from({ length: count }, () => [0, 0]);
  }

  /** Move towards the aim by `ease`; `panels` hold x, y of every image at zoom 1. Whether it still moves. */
  step(panels, width, height, ease) {
    let moves = false;
    for (const what of ['zoom', 'x', 'y']) {
      const left = this.aim[what] - this.now[what];
      const still = Math.abs(left) < (what === 'zoom' ? 0.002 : 0.05);
      this.now[what] = still ? this.aim[what] : this.now[what] + left * ease;
      moves ||= !still;
    }
    this.shifts.forEach((shift, number) => {
      const wanted = number === this.source ? null : this.following(panels, number, width, height);
      for (const i of [0, 1]) {
        if (!wanted) {
          if (this.now.zoom < FOLLOWS[0]) shift[i] *= 1 - ease;
          continue;
        }
        if (Math.abs(wanted[i] - shift[i]) > 0.1) moves = true;
        shift[i] += (wanted[i] - shift[i]) * Math.min(1, 1.3 * ease);
      }
    });
    return moves;
  }

  /** How far panel `number` is to be shifted: as the images under the hand are, on average. */
  following(panels, number, width, height) {
    const share = Math.max(0, Math.min(1, (this.now.zoom - FOLLOWS[0]) / (FOLLOWS[1] - FOLLOWS[0])));
    const own = this.shifts[this.source];
    if (!share) return [0, 0];
    const [from, to] = [panels[this.source], panels[number]];
    const spread = 2 * (UNDER_HAND * width / this.now.zoom) ** 2;
    const x = this.now.x + own[0] + (this.focus[0] - 0.5) * width / this.now.zoom;
    const y = this.now.y + own[1] + (this.focus[1] - 0.5) * height / this.now.zoom;
    let [weights, dx, dy] = [1e-6, 0, 0];
    for (let i = 0; i < from.x.length; i++) {
      const u = from.x[i] - x;
      const v = from.y[i] - y;
      const weight = Math.exp(-(u * u + v * v) / spread);
      weights += weight;
      dx += weight * (to.x[i] - from.x[i]);
      dy += weight * (to.y[i] - from.y[i]);
    }
    return [own[0] + share * dx / weights, own[1] + share * dy / weights];
  }

  /** From px at zoom 1 about the middle to px in panel `number`: scale and offsets. */
  transform(number, width, height) {
    const { zoom, x, y } = this.now;
    const [dx, dy] = this.shifts[number];
    return { zoom, left: width / 2 - (x + dx) * zoom, top: height / 2 - (y + dy) * zoom };
  }

  zoomAt(number, x, y, factor, width, height) {
    this.source = number;
    this.focus = [x / width, y / height];
    const before = this.aim.zoom;
    this.aim.zoom = Math.max(1, Math.min(MOST, before * factor));
    this.moveBy((x - width / 2) * (1 / before - 1 / this.aim.zoom), (y - height / 2) * (1 / before - 1 / this.aim.zoom), width, height);
  }

  /** Move the middle by px at zoom 1, never so far that nothing is seen. */
  moveBy(dx, dy, width, height) {
    const free = 1 - 1 / this.aim.zoom;
    const within = (value, most) => Math.max(-most, Math.min(most, value));
    this.aim.x = within(this.aim.x + dx, 0.6 * free * width);
    this.aim.y = within(this.aim.y + dy, 0.6 * free * height);
    this.changed();
  }

  whole() {
    this.aim = { zoom: 1, x: 0, y: 0 };
    this.changed();
  }

  get isWhole() {
    return this.aim.zoom < 1.02;
  }

  /** Look at a place: px at zoom 1 in panel `number`. */
  lookAt(number, x, y, zoom) {
    this.source = number;
    this.focus = [0.5, 0.5];
    this.aim = { zoom, x: x - this.shifts[number][0], y: y - this.shifts[number][1] };
    this.changed();
  }

  /** Hear the hand on a canvas: `point(x, y, touch)` while it hovers, `click(x, y, touch)`, `leave()`; `size()` is the panel's. */
  listen(canvas, number, { size, point, click, leave }) {
    const hands = new Map();
    let travelled = 0;
    const where = event => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    canvas.addEventListener('wheel', event => {
      event.preventDefault();
      this.zoomAt(number, ...where(event), Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)), ...size());
    }, { passive: false });
    canvas.addEventListener('pointerdown', event => {
      canvas.setPointerCapture(event.pointerId);
      hands.set(event.pointerId, where(event));
      travelled = hands.size > 1 ? CLICK_PX + 1 : 0;
    });
    canvas.addEventListener('pointermove', event => {
      const [x, y] = where(event);
      const before = hands.get(event.pointerId);
      if (!before) return point(x, y, false);
      const [width, height] = size();
      const [dx, dy] = [x - before[0], y - before[1]];
      if (hands.size === 2) {
        const other = [...hands].find(([id]) => id !== event.pointerId)[1];
        const apart = hand => Math.hypot(hand[0] - other[0], hand[1] - other[1]);
        this.zoomAt(number, (x + other[0]) / 2, (y + other[1]) / 2, apart([x, y]) / Math.max(1, apart(before)), width, height);
      } else {
        travelled += Math.abs(dx) + Math.abs(dy);
        if (travelled > CLICK_PX) {
          canvas.classList.add('dragged');
          this.source = number;
          this.focus = [x / width, y / height];
          this.moveBy(-dx / this.aim.zoom, -dy / this.aim.zoom, width, height);
          Object.assign(this.now, { x: this.aim.x, y: this.aim.y });
        }
      }
      hands.set(event.pointerId, [x, y]);
    });
    const lift = event => {
      if (!hands.delete(event.pointerId)) return;
      canvas.classList.remove('dragged');
      if (event.type === 'pointerup' && travelled <= CLICK_PX) click(...where(event), event.pointerType === 'touch');
    };
    canvas.addEventListener('pointerup', lift);
    canvas.addEventListener('pointercancel', lift);
    canvas.addEventListener('pointerleave', () => hands.size || leave());
    canvas.addEventListener('dblclick', () => this.whole());
    canvas.addEventListener('keydown', event => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const [width, height] = size();
      if (KEYS[event.key]) this.zoomAt(number, width / 2, height / 2, KEYS[event.key], width, height);
      else if (PANS[event.key] && !this.isWhole) this.moveBy(...PANS[event.key].map(by => by * 0.15 * width / this.aim.zoom), width, height);
      else if (event.key === '0') this.whole();
      else return;
      event.preventDefault();
    });
  }
}
