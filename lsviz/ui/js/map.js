// Maps of the same images side by side. A panel of several networks follows alpha, morphing from layout to layout; networks that were
// watched on their way have frames, to be played and scrubbed.

import { forgetFrame, listen, nextFrame, position, shared } from './bus.js';
import { Card } from './map_card.js';
import { bestAngle, laidOut, loadFrame, loadImages, loadNear, loadPicture, peaksOf } from './map_files.js';
import { Film } from './map_film.js';
import { Finder } from './map_finder.js';
import { Names } from './map_names.js';
import { outlines } from './map_outlines.js';
import { paint } from './map_paint.js';
import { saveMap } from './map_poster.js';
import { Raster, channels, mixed, packed } from './map_raster.js';
import { View } from './map_view.js';
import { isBehind, onStage, outOfTheWings, stageOf } from './stage.js';
import { make, useStyle } from './style.js';
import { readTheme } from './theme.js';

const EASE = 0.24; // of the way left, a frame
const ABREAST = 5; // panels in a line
const PHONE_PX = 640;
const TALLEST = 1100;
const LEAST = 300;
const LEAST_PHONE = 360;
const NARROW_PX = 320; // of a panel: no room for numbers beside its name
const TITLE_PX = 26; // above a panel that stands in a second line
const ABOVE_PX = 290; // px kept free above a map further down the page: it is seen at once, with the button and the progress above it
const BELOW_PX = 10; // px between the key and the dock
const BAR_PX = 320; // px that the find field and a pinned class want
const CLASSES_FROM = { desk: 1.9, phone: 2.6 }; // zoom from which classes are named instead of superclasses
const FEW = 20; // classes: these are named from afar too
const HAND_PX = { touch: 22, mouse: 11 };
const ABOVE = 17; // px a lit class's name stands above its place

const maps = new WeakMap();
useStyle('map');

export async function render({ data, parentElement, setTriggerValue }) {
  if (!maps.has(parentElement)) maps.set(parentElement, new Maps(parentElement));
  const both = maps.get(parentElement);
  both.tellServer = setTriggerValue;
  await useStyle('map');
  return both.show(data);
}

export function remove(parentElement) {
  maps.get(parentElement)?.remove();
  maps.delete(parentElement);
}

class Maps {
  constructor(root) {
    this.view = new View(() => this.wish());
    this.pinned = new Set();
    this.aimed = []; // classes the find field points at
    this.hover = { image: -1, name: null };
    this.image = -1; // whose card is open: its place among the images
    Object.assign(this, { frames: 0, ms: 0 }); // counted for the benchmark
    this.light = 0; // how far the rest is dimmed, eased
    this.stop = null; // where alpha stands among the right panel's networks; between two while it moves
    this.finder = new Finder({
      aim: classes => { this.aimed = classes; this.wish(); },
      pin: classes => this.pin(pinned => classes.forEach(k => pinned.add(k))),
      unpin: k => this.pin(pinned => pinned.delete(k)),
      next: k => this.openNext(k),
      outline: () => { this.outlined = !this.outlined; this.showPins(); },
    });
    this.reset = make('button', 'whole');
    this.reset.type = 'button';
    this.reset.addEventListener('click', () => this.toWhole());
    this.switch = make('div', 'switch');
    this.panels = [];
    this.film = new Film(() => this.wish());
    this.legendLine = make('p', 'key');
    this.place = make('div', 'lsviz-map', (this.bar = make('div', 'bar', this.finder.place, this.film.place, this.reset)), this.switch, (this.row = make('div', 'panels')), (this.below = make('div', 'below', this.finder.pins, this.legendLine)));
    root.append(this.place);
    this.stopListening = listen('alpha', (value, moving) => this.follow(value, moving));
    this.resizer = new ResizeObserver(() => this.fit());
    this.resizer.observe(this.place);
    const page = this.place.closest('[data-testid=stMainBlockContainer]');
    if (page) this.resizer.observe(page); // what stands above it may come later
    this.stage = null;
    this.leaveStage = onStage(() => this.takePlace());
    this.onResize = () => this.fit();
    addEventListener('resize', this.onResize);
    this.place.addEventListener('keydown', event => event.key === 'Escape' && this.toWhole());
  }

  panel(number) {
    const canvas = make('canvas');
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'img');
    const card = new Card(() => this.closeCard());
    const name = make('span', 'name');
    const read = make('span', 'read');
    const tab = make('button', 'tab');
    tab.type = 'button';
    tab.addEventListener('click', () => this.turnTo(number));
    const section = make('section', '', make('div', 'title', name, read), make('div', 'box', canvas, card.place));
    this.view.listen(canvas, number, {
      size: () => [this.width, this.height], point: (x, y, touch) => this.point(number, x, y, touch), click: (x, y, touch) => this.click(number, x, y, touch),
      leave: () => this.point(number, -1e4, -1e4),
    });
    return { number, canvas, context: canvas.getContext('2d', { alpha: false }), section, card, name, read, tab, names: new Names(), x: [], y: [], px: [], py: [] };
  }

  // ---- from the server ----

  async show(data) {
    const told = JSON.stringify({ ...data, pins: [] }) + readTheme(this.place).colors.bg;
    const pins = String(data.pins);
    if (told === this.told) { // alpha alone has moved, which we know, or the address names other pins
      if (pins !== this.toldPins) this.takePins(data.pins);
      return;
    }
    this.told = told;
    if (data.film && this.coming === data.family) { // frames come faster than they can be fetched: the newest, once those on their way are here
      this.newest = data;
      return;
    }
    this.coming = data.family;
    await this.bring(data);
    for (let next; (next = this.newest) && this.coming === next.family; ) {
      this.newest = null;
      await this.bring(next);
    }
    if (this.coming === data.family) this.coming = null;
  }

  async bring(data) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.key = data.key;
    this.takePlace();
    const alpha = await position('alpha');
    await outOfTheWings(this.place, data.key);
    try {
      const first = await this.load(data, new Set(data.panels.map(stops => stops[stops.length > 1 ? this.nearest(data, alpha ?? 0) : 0])));
      if (this.removed || turn !== this.turn) return;
      this.take(data, first);
      if (this.image >= 0) this.needNear(); // these networks are new
      await this.load(data, new Set(data.panels.flat()));
      if (this.removed || turn !== this.turn) return;
      this.fit(true);
      this.place.dataset.ready = 'true';
    } catch (error) {
      if (!this.removed && turn === this.turn) this.legendLine.textContent = data.words.unread.replace('{reason}', error.message);
    }
  }

  /** The networks that alpha chooses among: those of the panel that has several. */
  stops(data) {
    return data.panels.find(stops => stops.length > 1) ?? data.panels.at(-1);
  }

  nearest(data, alpha) {
    const far = at => Math.abs(Math.sqrt(data.networks[at].alpha) - Math.sqrt(alpha));
    const stops = this.stops(data);
    return stops.reduce((best, at, i) => (far(at) < far(stops[best]) ? i : best), 0);
  }

  /** Fetch what these networks are drawn from; where neighbours are shown, those too. */
  async load(data, which) {
    const needsNear = data.color === 'kept' || data.color === 'intruders';
    const images = await loadImages(data.images, data.count);
    await Promise.all([...which].map(async at => {
      const network = data.networks[at];
      const picture = await loadPicture(network.picture, data.count);
      if (needsNear && network.near) network.nearFile = await loadNear(network.near, data.count);
      const frames = await Promise.all((network.frames ?? []).map(([url]) => loadFrame(url, data.count)));
      Object.assign(network, { file: picture, layouts: frames.length ? frames : [picture.xy] });
    }));
    return images;
  }

  take(data, images) {
    if (this.data && this.data.family !== data.family) {
      Object.assign(this, { image: -1, stop: null, hover: { image: -1, name: null }, lastLit: null, angle: null, shownPanel: undefined });
      this.toldPins = '';
      this.pinned.clear();
      this.view.whole();
    }
    this.data = data;
    this.images = images;
    this.at = Object.fromEntries(Array.from(images.index, (row, i) => [row, i]));
    this.members = data.classes.map(() => []);
    images.label.forEach((k, i) => this.members[k].push(i));
    this.families = data.families.map((_, f) => data.classes.flatMap((one, k) => (one.family === f ? [k] : [])));
    this.finder.show(data);
    this.reset.textContent = data.words.whole;
    this.setPanels(data.panels.length);
    this.film.show(data.film, data.words);
    const now = shared.pos.alpha ?? 0;
    this.stop ??= this.nearest(data, now);
    this.aimStop = this.nearest(data, now);
    if (data.image != null) this.image = this.at[data.image] ?? -1;
    shared.plots[data.key] = this.place;
    this.place.lsviz = { maps: this, save: (format, filename, look) => saveMap(this, format, filename, look) };
    if (String(data.pins) !== this.toldPins) this.takePins(data.pins);
    else this.showPins();
    this.fit(true);
  }

  setPanels(count) {
    if (this.panels.length === count) return;
    this.panels = Array.from({ length: count }, (_, number) => this.panel(number));
    this.row.replaceChildren(...this.panels.map(panel => panel.section));
    this.switch.replaceChildren(...this.panels.map(panel => panel.tab));
    this.view.panels(count);
    this.lines = Math.ceil(count / ABREAST);
    this.place.style.setProperty('--lsviz-abreast', Math.ceil(count / this.lines));
  }

  /** The panel that is seen where one is seen at a time. */
  get front() {
    return this.shownPanel ?? this.panels.length - 1;
  }

  // ---- size and layouts ----

  /** On a lecture's stage: one map, in a box of its own; while the step asks, without names or without images. */
  takePlace() {
    if (this.removed || !this.key) return;
    const before = JSON.stringify(this.stage);
    this.stage = stageOf(this.place, this.key);
    if (JSON.stringify(this.stage) === before) return;
    const { box, scale } = this.stage ?? {};
    this.place.classList.toggle('lsviz-staged', this.stage !== null);
    const px = box ? { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, fontSize: `${14 * scale}px` } : {};
    for (const name of ['left', 'top', 'width', 'fontSize']) this.place.style[name] = px[name] ?? '';
    this.fit(true);
  }

  /** Panels as high as the screen leaves above the dock, and every layout in px for them. */
  fit(always = false) {
    if (!this.data || this.removed) return;
    const phone = this.stage !== null || innerWidth < PHONE_PX; // one map at a time
    this.place.classList.toggle('phone', phone);
    this.phone = phone;
    const main = this.place.closest('[data-testid=stMain]');
    this.lift();
    const box = this.panels[this.phone ? this.front : 0].canvas.parentElement;
    const top = this.data.lifts || this.stage ? box.getBoundingClientRect().top + (main?.scrollTop ?? 0) : ABOVE_PX;
    const dock = document.querySelector('.st-key-dockrow')?.getBoundingClientRect().top ?? innerHeight;
    const room = this.stage ? this.stage.box.height - (top - (main?.scrollTop ?? 0) - this.stage.box.top) : dock - top - this.below.offsetHeight - BELOW_PX;
    const all = Math.max(this.stage ? 0 : this.phone ? LEAST_PHONE : LEAST, Math.min(TALLEST, room));
    const tall = Math.round(this.phone || this.lines < 2 ? all : all / this.lines - TITLE_PX);
    this.place.style.setProperty('--lsviz-map-height', `${tall}px`);
    const width = box.clientWidth;
    const ratio = Math.min(2, devicePixelRatio || 1);
    if (!width || (!always && width === this.width && tall - 2 === this.height && ratio === this.ratio)) return;
    Object.assign(this, { width, height: tall - 2, ratio });
    this.raster = new Raster(Math.round(width * ratio), Math.round(this.height * ratio));
    for (const { canvas } of this.panels) Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(this.height * ratio) });
    this.layOut();
  }

  /** The bar stands beside the page's own controls, where these leave it room. */
  lift() {
    const row = document.querySelector('.st-key-local');
    const last = row?.lastElementChild?.getBoundingClientRect();
    const own = this.bar.getBoundingClientRect();
    const room = last && this.data.lifts && !this.phone && row.getBoundingClientRect().right - last.right > BAR_PX;
    this.place.classList.toggle('lifted', Boolean(room));
    if (!room) return;
    this.bar.style.setProperty('--lsviz-bar-left', `${last.right - this.place.getBoundingClientRect().left + 20}px`);
    this.bar.style.setProperty('--lsviz-bar-top', `${last.top + last.height / 2 - own.height / 2 - this.place.getBoundingClientRect().top}px`);
  }

  layOut() {
    const { data } = this;
    const known = data.networks.filter(network => network.layouts);
    if (!data.film || this.angle == null) this.angle = bestAngle(known.map(({ layouts, frames, unit }) => ({ xy: layouts.at(-1), unit: frames?.at(-1)[1] ?? unit })), this.width, this.height);
    for (const network of known) network.laid = network.layouts.map(() => null);
    const n = this.images.label.length;
    for (const panel of this.panels) if (panel.px.length !== n) Object.assign(panel, { room: [new Float32Array(n), new Float32Array(n)], x: new Float32Array(n), y: new Float32Array(n), px: new Float32Array(n), py: new Float32Array(n) });
    this.painter = paint(data.color, { ...data, label: this.images.label });
    this.sized = new Map();
    const theme = readTheme(this.place);
    const ground = channels(theme.colors.bg);
    this.theme = { ground, dark: ground[0] < 128, ink: theme.colors.text, muted: theme.colors.muted, font: theme.font, css: theme.colors.bg };
    this.wish();
  }

  /** Where a panel stands between two of its networks, as [lower, upper, share]; of one that has not come yet, its neighbour. */
  between(number) {
    const { panels, networks } = this.data;
    const stops = panels[number];
    const at = stops.length > 1 ? this.stop : 0;
    const low = Math.min(Math.floor(at), stops.length - 1);
    const high = Math.min(low + 1, stops.length - 1);
    const [a, b] = [networks[stops[low]], networks[stops[high]]];
    if (!a.laid) return [b, b, 0];
    return b.laid ? [a, b, at - low] : [a, a, 0];
  }

  /** The network a panel stands for now. */
  shown(number) {
    const [a, b, share] = this.between(number);
    return share < 0.5 ? a : b;
  }

  /** One layout of a network in px, with the places of names; each is laid out when it is first looked at. */
  laidAt(network, frame) {
    const at = Math.max(0, Math.min(network.layouts.length - 1, frame));
    if (!network.laid[at]) {
      const unit = network.frames?.[at][1] ?? network.unit;
      const laid = laidOut({ xy: network.layouts[at] }, this.angle, this.width, this.height);
      const placed = peaks => peaks.map(([x, y, dense]) => [...laid.place(x / unit, y / unit), dense]);
      const found = groups => groups.map(members => peaksOf(laid, members, unit));
      laid.names = network.peaks ? { class: placed(network.peaks), family: placed(network.family_peaks) }
        : { class: found(this.members), family: found(this.families.map(classes => classes.flatMap(k => this.members[k]))) };
      network.laid[at] = laid;
    }
    return network.laid[at];
  }

  /** The first map as it ends: what others are said to have moved from. */
  get firstLaid() {
    return this.laidAt(this.data.networks[this.data.panels[0][0]], Infinity);
  }

  // ---- alpha ----

  follow(alpha, moving) {
    if (!this.data) return;
    const { data } = this;
    const alphas = this.stops(data).map(at => Math.sqrt(data.networks[at].alpha));
    const at = Math.sqrt(alpha);
    const next = alphas.findIndex(stop => stop >= at);
    const within = next < 0 ? alphas.length - 1 : next === 0 ? 0 : next - 1 + (at - alphas[next - 1]) / (alphas[next] - alphas[next - 1]);
    this.aimStop = moving ? within : this.nearest(data, alpha);
    this.held = moving;
    this.wish();
  }

  // ---- what is lit ----

  lit() {
    const classes = new Set([...this.pinned, ...this.aimed]);
    if (this.hover.image >= 0 && !this.counts) classes.add(this.images.label[this.hover.image]);
    if (this.hover.name?.startsWith('c')) classes.add(Number(this.hover.name.slice(1)));
    if (this.hover.name?.startsWith('f') && !classes.size) return { classes, family: Number(this.hover.name.slice(1)), all: new Set(this.families[Number(this.hover.name.slice(1))]) };
    return classes.size ? { classes, family: -1, all: classes } : null;
  }

  /** Whether colour says something of each image, not of its class. */
  get counts() {
    return !['class', 'superclass'].includes(this.data.color);
  }

  point(number, x, y, touch) {
    if (!this.data) return;
    const panel = this.panels[number];
    const name = panel.names.at(x, y);
    const image = name ? -1 : this.imageAt(panel, x, y, touch ? HAND_PX.touch : HAND_PX.mouse);
    if (image === this.hover.image && name === this.hover.name) return;
    this.hover = { image, name };
    if (image >= 0 && this.counts) this.needNear();
    this.wish();
  }

  imageAt({ px, py }, x, y, reach) {
    let [best, found] = [(reach * this.ratio) ** 2, -1];
    for (let i = 0; i < px.length; i++) {
      const far = (px[i] - x * this.ratio) ** 2 + (py[i] - y * this.ratio) ** 2;
      if (far < best) [best, found] = [far, i];
    }
    return found;
  }

  click(number, x, y, touch) {
    this.point(number, x, y, touch);
    const { image, name } = this.hover;
    if (name) {
      const classes = name.startsWith('f') ? this.families[Number(name.slice(1))] : [Number(name.slice(1))];
      const all = classes.every(k => this.pinned.has(k));
      this.pin(pinned => classes.forEach(k => (all ? pinned.delete(k) : pinned.add(k))));
    } else if (image >= 0) {
      this.pin(pinned => pinned.add(this.images.label[image]));
      this.open(image);
    } else {
      this.closeCard();
    }
  }

  /** Change what is pinned, here and in the address. */
  pin(change) {
    const before = String([...this.pinned]);
    change(this.pinned);
    const pins = [...this.pinned].sort((a, b) => a - b);
    this.toldPins = String(pins);
    if (before !== String([...this.pinned])) this.tellServer('pinned', pins);
    this.showPins();
  }

  /** Pins that come with the address. */
  takePins(pins) {
    this.toldPins = String(pins);
    this.pinned = new Set(pins);
    this.showPins();
  }

  showPins() {
    this.finder.showPins(this.pinned, this.outlined);
    this.wish();
  }

  toWhole() {
    this.pin(pinned => pinned.clear());
    this.closeCard();
    this.view.whole();
  }

  // ---- one image ----

  open(image) {
    this.image = image;
    this.needNear();
    this.tellServer('picked', this.images.index[image]);
    this.wish();
  }

  /** The next image of class `k` after the one that is open. */
  openNext(k) {
    const members = this.members[k];
    this.open(members[(members.indexOf(this.image) + 1) % members.length]);
  }

  closeCard() {
    if (this.image < 0) return;
    this.image = -1;
    this.tellServer('picked', -1);
    this.wish();
  }

  /** Fetch the neighbours of the two networks shown, if they are not there. */
  async needNear() {
    const { data } = this;
    const missing = [...new Set(this.panels.map(({ number }) => this.shown(number)))].filter(network => network.near && !network.nearFile);
    if (!missing.length) return;
    await Promise.all(missing.map(async network => { network.nearFile = await loadNear(network.near, data.count); }));
    this.sized?.clear();
    this.wish();
  }

  cardOf(network) {
    const { label, index } = this.images;
    const i = this.image;
    const near = network.nearFile;
    const rows = near && Array.from(near.near.subarray(5 * i, 5 * i + 5));
    return {
      number: index[i], label: label[i], answer: network.file.answer[i], sure: Math.round(network.file.sure[i] / 2.55), kept: near?.kept[i],
      nearest: rows?.map(row => ({ row: index[row], label: label[row] })), pictures: this.data.pictures,
    };
  }

  // ---- one frame ----

  wish() {
    if (this.data && this.raster && !this.removed && !isBehind(this.place, this.key)) nextFrame(this, () => this.frame());
  }

  frame() {
    if (this.removed || !this.raster || this.panels.some(({ number }) => !this.shown(number).laid)) return;
    const began = performance.now();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const ease = still ? 1 : EASE;
    shared.draws += 1;
    let more = this.towardsStop(still ? 1 : this.held ? 0.6 : 0.19);
    more = this.film.step(still) || more;
    this.morph();
    more = this.view.step(this.panels, this.width, this.height, Math.min(1, 1.6 * ease)) || more;
    const lit = this.lit();
    const wanted = lit ? 1 : this.hover.image >= 0 || this.image >= 0 ? (this.counts ? 0.6 : 0) : 0;
    this.light += (wanted - this.light) * Math.min(1, 1.5 * ease);
    if (Math.abs(wanted - this.light) < 0.02) this.light = wanted;
    else more = true;
    if (lit) this.lastLit = lit;
    for (const panel of this.panels) more = this.drawPanel(panel, lit, ease) || more;
    this.say();
    this.ms += performance.now() - began;
    this.frames += 1;
    if (more) this.wish();
  }

  towardsStop(ease) {
    const left = this.aimStop - this.stop;
    this.stop = Math.abs(left) < 0.003 ? this.aimStop : this.stop + left * ease;
    const now = this.panels.map(({ number }) => this.shown(number).id).join();
    if (now !== this.lastShown) {
      this.lastShown = now;
      if (this.counts || this.image >= 0) this.needNear();
    }
    return this.stop !== this.aimStop;
  }

  /** Every panel's places at zoom 1, on their way between two layouts: two networks', or two frames of one. */
  morph() {
    for (const panel of this.panels) {
      const [one, other, share] = this.between(panel.number);
      const { at } = this.film;
      const low = Math.floor(at);
      const [a, b, s] = one.frames ? [this.laidAt(one, low), this.laidAt(one, low + 1), at - low] : [this.laidAt(one, Infinity), this.laidAt(other, Infinity), share];
      const t = s * s * (3 - 2 * s);
      panel.mixed = [a, b, t];
      if (!t || a === b) {
        Object.assign(panel, { x: a.x, y: a.y });
        continue;
      }
      const [x, y] = panel.room;
      for (let i = 0; i < x.length; i++) {
        x[i] = a.x[i] + (b.x[i] - a.x[i]) * t;
        y[i] = a.y[i] + (b.y[i] - a.y[i]) * t;
      }
      Object.assign(panel, { x, y });
    }
  }

  /** Slots of every image of a network, and the images of each kind in the order they are drawn. */
  slotsOf(network) {
    const key = network.id;
    if (!this.sized.has(key)) {
      const slots = this.painter.slots({ picture: network.file, near: network.nearFile, laid: this.laidAt(network, Infinity), first: this.firstLaid });
      const kinds = this.painter.kinds.map(kind => {
        const rows = [];
        for (let i = 0; i < slots.length; i++) if (kind.has(slots[i])) rows.push(i);
        return { size: kind.size, rows: Int32Array.from(rows) };
      });
      this.sized.set(key, { slots, kinds });
    }
    return this.sized.get(key);
  }

  radius() {
    const n = this.images.label.length;
    const base = Math.sqrt(this.width * this.height * 0.42 / n) * 0.355;
    return Math.max(1.25, Math.min(7, base * this.view.now.zoom ** 0.42)) * this.ratio;
  }

  /** Draw what has changed: while alpha moves, the map that stands still costs nothing. Whether a name is still on its way. */
  drawPanel(panel, lit, ease) {
    const { ratio, raster, theme } = this;
    const { zoom, left, top } = this.view.transform(panel.number, this.width, this.height);
    const network = this.shown(panel.number);
    const { slots, kinds } = this.slotsOf(network);
    const seen = [
      ...panel.mixed, zoom, left, top, network, network.nearFile, slots, this.light, lit ? `${lit.family} ${[...lit.all]}` : '', this.hover.image, this.image,
      this.outlined, this.stage?.veiled, this.phone,
    ];
    if (!panel.moves && panel.seen?.every((one, i) => one === seen[i])) return false;
    panel.seen = seen;
    const { px, py, x, y, context } = panel;
    for (let i = 0; i < px.length; i++) {
      px[i] = (left + x[i] * zoom) * ratio;
      py[i] = (top + y[i] * zoom) * ratio;
    }
    const colors = this.painter.table.map(packed);
    const grey = theme.dark ? [90, 96, 106] : [190, 194, 200];
    const dims = this.painter.table.map(color => packed(mixed(this.counts ? color : mixed(color, grey, 0.75 * this.light), theme.ground, 0.67 * this.light)));
    const among = this.light > 0 ? (lit ?? this.lastLit) : null;
    const isLit = new Uint8Array(this.data.classes.length);
    for (const k of among?.all ?? []) isLit[k] = 1;
    const radius = this.radius();
    const hair = this.images.label.length > 6000 && zoom < 2 ? 0.25 : 0.8 * ratio;
    const dimmed = this.light > 0.001;
    const { label } = this.images;
    raster.clear(packed(theme.ground));
    for (const pass of this.stage?.veiled === 'marks' ? [] : dimmed ? [0, 1] : [0]) {
      for (const { size, rows } of kinds) {
        const mask = pass ? raster.mask(Math.max(radius * size, 2.2 * ratio) * 1.22, 1.1 * ratio) : raster.mask(radius * size, hair);
        const shown = dimmed ? rows.filter(i => isLit[label[i]] === pass) : rows;
        raster.dots(mask, shown, px, py, dimmed && !pass ? dims : colors, slots);
      }
    }
    raster.show(context);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (this.outlined) this.drawOutlines(panel, zoom, left, top);
    this.drawNeighbours(panel, network, radius);
    panel.names.place(this.stage?.veiled ? [] : this.wanted(panel, lit), this.width, this.height, lit ? this.dotsOf(panel, lit.all) : []);
    panel.moves = panel.names.step(ease);
    panel.names.draw(context, ratio, theme.muted);
    return panel.moves;
  }

  dotsOf({ px, py }, classes) {
    const { ratio } = this;
    return [...classes].flatMap(k => this.members[k].slice(0, 150).map(i => ({ x: px[i] / ratio, y: py[i] / ratio })));
  }

  /** Lines from the image that is pointed at, or open, to where its five true neighbours lie. */
  drawNeighbours({ px, py, context }, network, radius) {
    const image = this.hover.image >= 0 && this.counts ? this.hover.image : this.image >= 0 ? this.image : -1;
    const ring = this.hover.image >= 0 ? this.hover.image : image;
    const { ratio, theme } = this;
    const at = i => [px[i] / ratio, py[i] / ratio];
    const r = radius / ratio;
    if (image >= 0 && network.nearFile) {
      const near = network.nearFile.near.subarray(5 * image, 5 * image + 5);
      for (const [width, color] of [[4, theme.css], [1.6, theme.ink]]) {
        Object.assign(context, { lineWidth: width, strokeStyle: color, lineCap: 'round' });
        context.beginPath();
        for (const other of near) {
          context.moveTo(...at(image));
          context.lineTo(...at(other));
        }
        context.stroke();
      }
      for (const other of near) this.disc(context, ...at(other), r + 1.6, this.data.classes[this.images.label[other]].color);
    }
    for (const i of new Set([image, ring])) if (i >= 0) this.disc(context, ...at(i), 1.22 * r + 2.6, this.data.classes[this.images.label[i]].color, 2.2);
  }

  /** Around each pinned class, the least ground that holds half and four fifths of it. */
  drawOutlines(panel, zoom, left, top) {
    const { context } = panel;
    for (const k of this.pinned) {
      for (const [width, color] of [[3.6, this.theme.css], [1.5, this.data.classes[k].ink[this.theme.dark ? 1 : 0]]]) {
        Object.assign(context, { lineWidth: width, strokeStyle: color, lineJoin: 'round', lineCap: 'round' });
        for (const lines of outlines(panel, this.members[k], 0.024 * this.width)) {
          context.beginPath();
          for (const [x0, y0, x1, y1] of lines) {
            context.moveTo(left + x0 * zoom, top + y0 * zoom);
            context.lineTo(left + x1 * zoom, top + y1 * zoom);
          }
          context.stroke();
        }
      }
    }
  }

  disc(context, x, y, radius, color, line = 1.6) {
    Object.assign(context, { fillStyle: color, strokeStyle: this.theme.ink, lineWidth: line });
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.fill();
    context.stroke();
  }

  /** The names a panel wants: superclasses from afar, classes from near, what is lit before all others. */
  wanted(panel, lit) {
    const { data, theme, phone } = this;
    const { zoom, left, top } = this.view.transform(panel.number, this.width, this.height);
    const [a, b, t] = panel.mixed;
    const deep = data.classes.length <= FEW || !data.families.length || zoom >= CLASSES_FROM[phone ? 'phone' : 'desk'];
    const out = [];
    const add = (kind, k, rank, size, weight, ink, fade) => {
      const one = (kind === 'c' ? data.classes : data.families)[k];
      const [from, to] = [a, b].map(each => each.names[kind === 'c' ? 'class' : 'family'][k]);
      if (!from?.[2] || !to?.[2]) return;
      const x = left + (from[0] + (to[0] - from[0]) * t) * zoom;
      const y = top + (from[1] + (to[1] - from[1]) * t) * zoom - (kind === 'c' && rank >= 1e4 ? ABOVE : 0);
      if (x < -30 || y < -16 || x > this.width + 30 || y > this.height + 16) return;
      const text = (kind === 'f' && one.short) || one.name;
      const own = this.counts ? theme.ink : one.ink[theme.dark ? 1 : 0];
      out.push({ id: `${kind}${k}`, text, x, y, rank, fade, leads: rank >= 1, look: { size: size * (this.stage ? 1.2 * this.stage.scale : 1), weight, ink: ink ?? own, ground: theme.css, font: theme.font, ratio: this.ratio } });
    };
    for (const k of lit?.classes ?? []) add('c', k, 1e4, phone ? 14.5 : 16, 700, theme.ink);
    if (lit?.family >= 0) add('f', lit.family, 1e5, phone ? 15 : 17, 700, theme.ink);
    const isLit = lit?.all ?? new Set();
    const weight = this.counts ? 600 : 650;
    const [kind, peaks, size] = deep ? ['c', a.names.class, phone ? 13 : 14] : ['f', a.names.family, phone ? 12.5 : 14.5];
    peaks.forEach(([, , dense], k) => {
      if (deep ? isLit.has(k) : k === lit?.family) return;
      add(kind, k, lit ? dense / 1e6 : 1 + dense, size, weight, undefined, lit ? 0.34 : 1);
    });
    return out;
  }

  // ---- words beside the maps ----

  say() {
    const { data } = this;
    const { words } = data;
    for (const panel of this.panels) {
      const network = this.shown(panel.number);
      const read = this.readOut(network);
      if (panel.said !== `${network.id}${read}`) {
        panel.said = `${network.id}${read}`;
        panel.name.textContent = panel.tab.textContent = network.name;
        panel.canvas.setAttribute('aria-label', `${network.name}. ${words.canvas}`);
        panel.name.className = `name ${network.alpha == null ? '' : network.alpha ? 'soft' : 'hard'}`;
        panel.read.textContent = read;
      }
      if (panel.front !== (panel.number === this.front)) panel.tab.setAttribute('aria-pressed', String((panel.front = panel.number === this.front)));
      panel.section.classList.toggle('away', this.phone && panel.number !== this.front);
      const card = this.image >= 0 ? `${this.image} ${network.id} ${Boolean(network.nearFile)} ${Boolean(data.pictures)}` : '';
      if (card !== panel.carded) {
        panel.carded = card;
        if (this.image < 0) panel.card.hide();
        else panel.card.show(this.cardOf(network), data.classes, words);
      }
      if (this.image >= 0) panel.card.standAside(panel.px[this.image] / this.ratio, panel.py[this.image] / this.ratio, this.width, this.height);
    }
    const whole = this.view.isWhole && !this.pinned.size && this.image < 0;
    if (this.reset.hidden !== whole) this.reset.hidden = whole;
    const key = data.color in data.ramps ? data.color : 'plain';
    if (this.keyed !== `${data.key}${key}${this.phone}${data.words.whole}`) {
      this.keyed = `${data.key}${key}${this.phone}${data.words.whole}`;
      this.legendLine.replaceChildren(...this.legend());
    }
  }

  readOut(network) {
    const { hover, data, images } = this;
    const { words } = data;
    if (hover.image >= 0) {
      const label = data.classes[images.label[hover.image]].name;
      if (this.counts && network.nearFile) return words.read_kept.replace('{name}', label).replace('{count}', network.nearFile.kept[hover.image]);
      const answer = data.classes[network.file.answer[hover.image]].name;
      return (answer === label ? words.read_right : words.read_wrong).replace('{name}', label).replace('{answer}', answer);
    }
    return this.stage?.veiled || this.width < NARROW_PX ? '' : network.said; // it may be what is asked
  }

  /** What the colours mean, where they count something: [low, high, colours from low to high]. */
  ramp() {
    const { ramps, fifteen, color } = this.data;
    const [low, high, colors] = ramps[color] ?? [];
    return low && [low, high, colors ?? fifteen];
  }

  legend() {
    const { words } = this.data;
    if (!this.ramp()) return [this.phone ? words.hint_phone : words.hint];
    const [low, high, colors] = this.ramp();
    const ramp = make('i', 'ramp');
    const share = i => Math.round(100 * i / colors.length);
    ramp.style.background = colors.length > 2 ? `linear-gradient(90deg, ${colors.join(',')})`
      : `linear-gradient(90deg, ${colors.map((color, i) => `${color} ${share(i)}% ${share(i + 1)}%`).join(',')})`;
    return [low, ramp, high, make('span', 'hint', words.hint_lines)];
  }

  /** On phones one map is seen at a time; place and zoom stay. */
  turnTo(number) {
    this.shownPanel = number;
    this.view.source = number;
    this.fit();
    this.wish();
  }

  remove() {
    this.removed = true;
    forgetFrame(this);
    this.stopListening();
    this.leaveStage();
    this.resizer.disconnect();
    removeEventListener('resize', this.onResize);
    if (shared.plots[this.data?.key] === this.place) delete shared.plots[this.data.key];
    this.place.remove();
  }
}
