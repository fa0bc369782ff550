// The live plot: one Plotly chart that keeps its DOM, follows alpha by itself, and is drawn on a canvas while it moves.

import { firstTurn, forgetFrame, inTurn, listen, nearestStop, nextFrame, position, shared } from './bus.js';
import { asUpdate, assign, atStop, blankLabels, decodeArrays, readFrames, withFirstFrame } from './frames.js';
import { LINKED, LinkedPoints, countMarked, mark, withMarks } from './linked.js';
import { Overlay } from './overlay.js';
import { loadPlotly } from './plotly_source.js';
import { isBehind, onStage, outOfTheWings, stageOf } from './stage.js';
import { make, useStyle } from './style.js';
import { readTheme, resolveTokens, themedLayout } from './theme.js';

const SELECT_ALPHA = 'select-alpha'; // meta of a trace whose points stand for alphas
const REST_MS = 120; // without a move for this long, the hand is taken to rest ...
const SLOW_REST_MS = 400; // ... or this long, where plotly takes its time and would be in the way of the next key
const SLOW_UPDATE_MS = 50;
const GLIDE_MS = 260; // from one stop to the next, or over several
const PHONE_PX = 640;
const AXIS_RANGE = /^([xy]axis\d*)\.range/;

const plots = new WeakMap();
useStyle('plot'); // on its way before the first figure asks

export function render({ data, parentElement, setTriggerValue }) {
  if (!plots.has(parentElement)) plots.set(parentElement, new LivePlot(parentElement));
  const plot = plots.get(parentElement);
  plot.tellServer = setTriggerValue;
  return plot.show(data);
}

export function remove(parentElement) {
  plots.get(parentElement)?.remove();
  plots.delete(parentElement);
}

class LivePlot {
  constructor(root) {
    this.gd = make('div', 'lsviz-plot');
    this.gd.setAttribute('role', 'img');
    root.append(this.gd);
    this.stage = null;
    this.stop = null; // index of the frame on screen; null = the figure as it was delivered
    this.ownRelayout = 0; // > 0 while we change the layout ourselves, so that it is not taken for a zoom
    this.zoomed = {}; // axis -> range the reader chose; frames leave these axes alone until a double click
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(this.gd);
    this.onScreen = true;
    this.watcher = new IntersectionObserver(entries => { this.onScreen = entries.at(-1).isIntersecting; }, { rootMargin: '100px' });
    this.watcher.observe(this.gd);
    this.leaveStage = onStage(() => this.takePlace());
  }

  // ---- a figure from the server ----

  async show(data) {
    if (this.glide && this.drawn === this.turn && isSameFigure(data, this.data)) return; // the server's answer to a move still on its way
    const turn = (this.turn = (this.turn ?? 0) + 1); // loading takes time: only the newest figure is drawn
    const isStale = () => this.removed || turn !== this.turn;
    this.key = data.key;
    this.takePlace();
    if (!this.data) {
      this.takeRoom(this.stage ? this.stage.box.height / this.stage.scale : data.height ?? 400); // keep the place free until plotly draws
      this.gd.setAttribute('aria-label', data.alt[0] ?? ''); // and say what will stand there
    }
    try {
      const [Plotly] = await Promise.all([loadPlotly(data.source, data.basic), useStyle('plot')]);
      const alpha = data.frames ? await position(data.frames.group) : undefined;
      if (!this.drawn) await outOfTheWings(this.gd, this.key);
      if (!this.drawn) await firstTurn(this.gd);
      if (isStale()) return;
      this.finishMoving();
      this.drawWith(Plotly, data.basic);
      this.read(data);
      this.stop = this.startingStop(alpha);
      this.layoutPass = this.layoutPass ? this.layoutPass.then(() => isStale() || this.draw()) : this.draw();
      await this.layoutPass;
      if (isStale()) return;
      this.drawn = turn;
      this.attachOnce();
      this.gd.dataset.ready = 'true';
      const now = data.frames && shared.pos[data.frames.group];
      if (now != null) this.follow(now); // alpha may have moved while plotly drew
    } catch (error) {
      if (isStale()) return;
      this.gd.textContent = error.message;
    }
  }

  /** Take in a figure: tokens become this theme's colours, arrays numbers. Parsing is kept while the figure stays. */
  read(data) {
    if (data.figure !== this.data?.figure) this.bare = decodeArrays(JSON.parse(data.figure));
    if (data.frames !== this.data?.frames) this.decoded = data.frames && readFrames(data.frames);
    this.parsed = this.decoded ? { ...this.bare, data: withFirstFrame(this.bare.data, this.decoded) } : this.bare;
    if (this.data?.lasso && !data.lasso) mark(null);
    this.data = data;
    this.theme = readTheme(this.gd);
    this.figure = resolveTokens(this.parsed, this.theme.colors);
    if (data.frames) this.figure.data = this.figure.data.map(keepEveryPoint).map(blankLabels);
    this.figure.layout = this.fitted(themedLayout(this.figure.layout, this.theme));
    this.frames = this.decoded && {
      ...this.decoded,
      moves: this.decoded.moves.map(move => (move.values ? { ...move, values: resolveTokens(move.values, this.theme.colors) } : move)),
      layout: resolveTokens(this.decoded.layout, this.theme.colors),
    };
    if (data.lasso) Object.assign(this, withMarks(this, this.theme.colors.line));
    this.sayMarked();
    this.overlay?.remove();
    this.overlay = this.frames?.overlay ? new Overlay(this.gd, this.figure, this.frames) : null;
    shared.plots[data.key] = this.gd;
    this.gd.lsviz = this; // for image export
  }

  /** Keep to the Plotly that drew us; the basic one gives way when the figure now holds what it cannot draw. */
  drawWith(Plotly, basic) {
    if (this.Plotly && !basic && this.Plotly !== Plotly) {
      this.Plotly.purge(this.gd);
      this.links?.remove();
      this.attached = false;
      this.Plotly = null;
    }
    this.Plotly ??= Plotly;
  }

  startingStop(alpha) {
    if (!this.frames) return null;
    if (alpha == null) return this.data.default ?? null;
    return nearestStop(this.frames.stops, alpha);
  }

  /** The figure at its stop through Plotly.react, which keeps DOM, hover and selection. */
  async draw() {
    this.updated = this.stop;
    const figure = this.stop === null ? this.figure : atStop(this.figure, this.frames, this.stop);
    const layout = resolveTokens(figure.layout, {}); // plotly writes into the layout it is given: hand it a copy
    layout.uirevision = this.data.key;
    layout.selectionrevision = this.draws = (this.draws ?? 0) + 1; // plotly's own marks end; ours are in all linked charts
    if (this.data.lasso) layout.dragmode = 'lasso';
    if (this.data.brush && !isTouched()) Object.assign(layout, { dragmode: 'select', selectdirection: 'h' });
    for (const [axis, range] of Object.entries(this.zoomed)) if (layout[axis]) assign(layout, `${axis}.range`, [...range]);
    const config = { displaylogo: false, displayModeBar: false, responsive: false, ...this.data.config };
    this.takeRoom(layout.height);
    await this.changing(() => this.Plotly.react(this.gd, figure.data.map(trace => resolveTokens(trace, {})), layout, config));
    this.speak();
  }

  // ---- size ----

  /** `layout` at the size of the place: phones have their own height and a few changes of layout. */
  fitted(layout) {
    const { height, narrow, square } = this.data;
    this.isNarrow = this.stage !== null || innerWidth < PHONE_PX;
    const width = this.gd.offsetWidth;
    this.width = width;
    const out = { ...layout, autosize: true, width: undefined };
    const phone = this.isNarrow ? narrow ?? {} : {};
    for (const [path, value] of Object.entries({ ...phone.layout, ...(this.stage ? this.data.stage : {}) })) {
      assign(out, path, resolveTokens(value, this.theme.colors));
    }
    const tall = this.stage ? this.stage.box.height / this.stage.scale : phone.height || height || layout.height || 400;
    out.height = square ? Math.round(Math.min(tall, width * square)) : tall;
    return out;
  }

  /** On a lecture's stage the plot lies in a box of its own, larger than laid out; else where the page has it. */
  takePlace() {
    if (this.removed || !this.key) return;
    const before = JSON.stringify([this.stage?.box, this.stage?.scale]);
    this.stage = stageOf(this.gd, this.key);
    const { box, scale, veiled } = this.stage ?? {};
    for (const what of ['marks', 'words']) this.gd.classList.toggle(`lsviz-without-${what}`, veiled === what);
    if (JSON.stringify([box, scale]) === before && !(this.stale && !isBehind(this.gd, this.key))) return;
    this.stale = false;
    this.gd.classList.toggle('lsviz-staged', this.stage !== null);
    const px = box ? { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width / scale}px`, transform: `scale(${scale})` } : {};
    for (const name of ['left', 'top', 'width', 'transform']) this.gd.style[name] = px[name] ?? '';
    if (this.drawn) this.repaint();
  }

  takeRoom(height) {
    if (this.stage) this.gd.style.top = `${this.stage.box.top + (this.stage.box.height - height * this.stage.scale) / 2}px`;
    this.gd.style.height = `${height}px`;
    this.gd.style.setProperty('--lsviz-height', `${height}px`);
  }

  resize() {
    if (this.data && this.gd.offsetWidth && this.gd.offsetWidth !== this.width) this.repaint();
  }

  /** Draw the same figure again: its place or its marks have changed. */
  repaint() {
    cancelAnimationFrame(this.repainting);
    this.repainting = requestAnimationFrame(() => {
      if (this.removed || !this.data) return;
      this.finishMoving();
      this.read(this.data);
      this.draw();
    });
  }

  /** A line in the corner: how many images are marked here, and how to end it. */
  sayMarked() {
    const count = this.data.lasso ? countMarked(this.figure.data) : null;
    this.marker?.remove();
    if (count === null) return;
    this.marker = make('div', 'lsviz-marked', this.data.lasso.replace('{count}', count));
    this.marker.setAttribute('role', 'status');
    this.gd.append(this.marker);
  }

  // ---- following alpha ----

  attachOnce() {
    if (!this.stopListening && this.frames) this.stopListening = listen(this.frames.group, value => this.follow(value));
    if (this.attached) return;
    this.attached = true;
    this.gd.on('plotly_relayout', change => this.noteZoom(change));
    this.gd.on('plotly_doubleclick', () => this.resetZoom());
    this.gd.on('plotly_click', event => this.select(event));
    this.gd.on('plotly_selected', event => this.data.brush && event?.range && this.tellServer('brushed', event.range.x));
    this.links = new LinkedPoints(this);
  }

  /** Alpha stands at `value`: draw its stop in the next animation frame, and come to rest when no more moves come. */
  follow(value) {
    if (!this.frames) return;
    const stop = nearestStop(this.frames.stops, value);
    if (stop === this.stop && !this.moving) return;
    if (isBehind(this.gd, this.key)) {
      this.stop = stop; // drawn when the page is shown again
      this.stale = true;
      return;
    }
    if (stop !== this.stop) this.glide = this.glideTo(stop);
    this.stop = stop;
    nextFrame(this, () => this.drawMoving());
  }

  /** The way to `stop` from where the marks are now; null where they jump. */
  glideTo(stop) {
    const glides = this.frames.glides && this.overlay && this.stop !== null && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    return glides ? { from: this.place(), to: stop, start: performance.now() } : null;
  }

  /** Where the marks are: a stop, or on the way between stops. Fast at first, gentle at the end. */
  place() {
    if (!this.glide) return this.stop;
    const { from, to, start } = this.glide;
    const left = 1 - Math.min(1, (performance.now() - start) / GLIDE_MS);
    if (!left) this.glide = null;
    return left ? to + (from - to) * left ** 3 : to;
  }

  drawMoving() {
    if (this.removed || !this.gd._fullLayout) return;
    this.moving = true;
    shared.draws += 1; // counted for the benchmark
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => this.rest(), this.updateMs > SLOW_UPDATE_MS ? SLOW_REST_MS : REST_MS);
    if (!this.onScreen) {
      this.glide = null; // nobody sees it move: `rest` draws it once
      return;
    }
    if (this.overlay?.draw(this.place(), this.zoomed)) {
      this.links?.hide();
      if (this.glide) nextFrame(this, () => this.drawMoving());
      return;
    }
    this.glide = null;
    if (this.updated !== this.stop) this.update(); // plotly takes its time: only where there is something new
  }

  /** Plotly itself draws the stop; while one update runs, only the newest wish is kept. */
  async update() {
    if (this.updating) {
      this.again = true;
      return this.updating;
    }
    this.updated = this.stop;
    const { traces, layout, indices } = asUpdate(this.frames, this.stop);
    for (const path of Object.keys(layout)) if (this.zoomed[AXIS_RANGE.exec(path)?.[1]]) delete layout[path];
    const started = performance.now();
    this.updating = this.changing(() => this.Plotly.update(this.gd, traces, layout, indices));
    this.updateMs = performance.now() - started; // its work is done before it returns
    try {
      await this.updating;
    } finally {
      this.updating = null;
    }
    if (this.again && !this.removed) {
      this.again = false;
      await this.update();
    }
  }

  /** The hand rests: Plotly draws the stop, the canvas goes. Chart after chart, so that a key can come in between. */
  rest() {
    this.restTimer = null;
    inTurn(async () => {
      if (this.removed || !this.moving || this.restTimer) return; // a timer: the hand went on meanwhile
      this.moving = false;
      await this.update();
      if (this.moving || this.removed) return; // a new drag began while plotly drew and is on the canvas
      this.overlay?.leave();
      this.speak();
    });
  }

  /** End a move at once, before the figure or its size changes. */
  finishMoving() {
    clearTimeout(this.restTimer);
    this.restTimer = null;
    forgetFrame(this);
    this.glide = null;
    this.moving = false;
    this.overlay?.leave();
  }

  /** Alternative text of the stop on screen; only at rest, so that a screen reader is not flooded. */
  speak() {
    const { alt } = this.data;
    this.gd.setAttribute('aria-label', (alt.length > 1 ? alt[this.stop ?? 0] : alt[0]) ?? '');
  }

  // ---- the reader's own doings ----

  async changing(work) {
    this.ownRelayout += 1;
    try {
      return await work();
    } finally {
      this.ownRelayout -= 1;
    }
  }

  noteZoom(change) {
    if (this.ownRelayout) return;
    for (const name of Object.keys(change)) {
      const axis = /^([xy]axis\d*)\.(range|autorange)/.exec(name)?.[1];
      if (axis) this.zoomed[axis] = [...this.gd.layout[axis].range];
    }
  }

  async resetZoom() {
    await Promise.resolve(); // let plotly finish its own reset first
    this.zoomed = {};
    if (this.frames) await this.update();
  }

  /** A click on a point that stands for an alpha chooses that alpha; on an image, tells the server where it wants to know. */
  select(event) {
    const point = event.points?.[0];
    if (this.data.picks && String(point?.data.meta).startsWith(LINKED) && point.customdata != null) {
      this.tellServer('picked', Number(point.customdata));
      return;
    }
    if (point?.data.meta !== SELECT_ALPHA || point.customdata == null) return;
    const value = Number([point.customdata].flat()[0]);
    shared.bus.dispatchEvent(new CustomEvent('select', { detail: { group: 'alpha', value } }));
  }

  remove() {
    this.removed = true;
    this.finishMoving();
    this.stopListening?.();
    this.links?.remove();
    this.resizer.disconnect();
    this.watcher.disconnect();
    this.leaveStage();
    cancelAnimationFrame(this.repainting);
    if (shared.plots[this.data?.key] === this.gd) delete shared.plots[this.data.key];
    this.Plotly?.purge(this.gd);
    this.gd.remove();
  }
}

/** Whether a finger points: it scrolls the page, and chooses a stretch below the figure. */
function isTouched() {
  return matchMedia('(pointer: coarse)').matches;
}

/** Whether the server has sent what is drawn already. */
function isSameFigure(data, drawn) {
  return data.figure === drawn.figure && data.lasso === drawn.lasso && JSON.stringify(data.frames) === JSON.stringify(drawn.frames);
}

/** Plotly thins out the points of a line by a tolerance of its own; the canvas draws them all, so Plotly must too. */
function keepEveryPoint(trace) {
  return trace.type === 'scatter' ? { ...trace, line: { ...trace.line, simplify: false } } : trace;
}
