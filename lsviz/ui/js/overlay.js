// While alpha moves, the marks are drawn here on a canvas between Plotly's axes and its labels; at rest Plotly draws alone.
// All bars and scatters of a moving figure are taken over, static ones too, so that what lies over what stays as Plotly
// has it; maps that do not move lie below them all and stay with Plotly.

import { frameMaps, referencePixel } from './axes.js';
import { flushStamps } from './canvas_markers.js';
import { canDraw, drawTrace } from './canvas_marks.js';
import { drawText, extraLines, fontBox, setSvgText, svgWidth } from './canvas_text.js';
import { atStop } from './frames.js';
import { magnification } from './room.js';
import { make } from './style.js';

const RANGE = /^([xy]axis\d*)\.range$/;
const MAPS = new Set(['heatmap', 'contour']);
const ANNOTATION = /^annotations(?:\[(\d+)\])?/;

export class Overlay {
  constructor(gd, figure, frames) {
    this.gd = gd;
    this.frames = frames;
    this.cache = [];
    this.on = false;
    const paths = Object.keys(frames.layout);
    this.movedAxes = paths.map(path => RANGE.exec(path)?.[1]).filter(Boolean);
    this.movesTitle = paths.includes('title.text');
    const indices = paths.flatMap(path => {
      const found = ANNOTATION.exec(path);
      if (!found) return [];
      return found[1] === undefined ? (figure.layout.annotations ?? []).map((_, i) => i) : [Number(found[1])];
    });
    this.movedNotes = [...new Set(indices)];
  }

  /** Draw the frame at `stop`, or between two stops; false when this figure holds something only Plotly can draw. */
  draw(stop, zoomed) {
    if (!this.on && !this.enter()) return false;
    const frame = () => atStop({ data: this.traces, layout: this.layout }, this.frames, stop);
    const { data, layout } = Number.isInteger(stop) ? (this.cache[stop] ??= frame()) : frame();
    const maps = frameMaps(this.gd, layout, this.movedAxes, zoomed);
    const { font } = this.gd._fullLayout;
    for (const canvas of this.canvases) {
      const c = canvas.getContext('2d');
      c.setTransform(c.lsvizScale, 0, 0, c.lsvizScale, 0, 0);
      c.clearRect(0, 0, canvas.width, canvas.height);
      for (const i of canvas.traces) {
        const trace = data[i];
        drawTrace(c, trace, maps(trace.xaxis ?? 'x'), maps(trace.yaxis ?? 'y'), font);
      }
      flushStamps(c);
    }
    const top = this.canvases.at(-1).getContext('2d');
    for (const i of this.movedNotes) if (layout.annotations[i]) this.drawNote(top, layout.annotations[i], maps, font);
    if (this.movesTitle) {
      const title = this.gd.querySelector('.gtitle');
      if (title) setSvgText(title, layout.title.text);
    }
    return true;
  }

  /** Take the marks over from Plotly. */
  enter() {
    const full = this.gd._fullLayout;
    if (!this.possible(full)) return false;
    this.cache = [];
    this.traces = this.gd._fullData; // coerced by Plotly: every default is filled in
    this.layout = this.gd.layout;
    const order = this.drawingOrder();
    const isGl = i => this.traces[i].type === 'scattergl';
    const svg = order.filter(i => !isGl(i));
    const gl = order.filter(isGl);
    this.canvases = [this.canvas(svg)];
    this.parts = [this.canvases[0]];
    const above = this.shapesAbove();
    if (above) this.parts.push(above);
    if (gl.length || above) this.canvases.push(this.canvas(gl));
    if (this.canvases.length > 1) this.parts.push(this.canvases[1]);
    this.gd.querySelector('.gl-container').after(...this.parts);
    for (const note of this.gd.querySelectorAll('.annotation')) {
      if (this.movedNotes.includes(Number(note.dataset.index))) note.style.visibility = 'hidden';
    }
    this.gd.classList.add('lsviz-moving');
    this.on = true;
    return true;
  }

  possible(full) {
    const bars = {};
    const traces = this.gd._fullData;
    const subplot = trace => `${trace.xaxis ?? 'x'}${trace.yaxis ?? 'y'}`;
    for (const trace of traces) if (trace.type === 'bar') bars[subplot(trace)] = (bars[subplot(trace)] ?? 0) + 1;
    const hidden = name => full[name]?.visible === false;
    const plain = note => !note.showarrow && !note.textangle;
    const moves = i => this.frames.moves.some(move => move.trace === i);
    const fits = (trace, i) => (MAPS.has(trace.type) ? !moves(i) : canDraw(trace, bars[subplot(trace)], full.barmode));
    return traces.every(fits)
      && this.movedAxes.every(hidden)
      && this.movedNotes.every(i => !full.annotations[i] || plain(full.annotations[i]));
  }

  /** Plotly's order: subplot by subplot, in each bars below the rest, else as listed. */
  drawingOrder() {
    const rank = i => (this.traces[i].type === 'bar' ? 0 : 1);
    const marks = this.traces.map((_, i) => i).filter(i => !MAPS.has(this.traces[i].type));
    return marks.sort((a, b) => rank(a) - rank(b) || a - b);
  }

  canvas(traces) {
    const canvas = make('canvas', 'lsviz-canvas');
    const scale = (window.devicePixelRatio || 1) * magnification(this.gd);
    const [width, height] = [this.gd.offsetWidth, this.gd.offsetHeight];
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.traces = traces;
    // The browser moves our canvas (and Plotly's SVG) to whole device pixels, but not Plotly's WebGL canvas.
    const corner = this.gd.getBoundingClientRect();
    const isGl = traces.some(i => this.traces[i].type === 'scattergl');
    const shift = isGl ? [corner.left, corner.top].map(side => side * scale - Math.round(side * scale)) : [0, 0];
    Object.assign(canvas.getContext('2d'), { lsvizScale: scale, lsvizShift: shift });
    return canvas;
  }

  /** A copy of the shapes that lie over the (SVG) marks, to lie over the canvas too. */
  shapesAbove() {
    const main = this.gd.querySelector('.main-svg');
    const layer = main.querySelector(':scope > .layer-above');
    if (!layer?.querySelector('path, rect, line, circle')) return null;
    const copy = main.cloneNode(false);
    copy.classList.add('lsviz-canvas');
    copy.style.background = 'none';
    copy.append(layer.cloneNode(true));
    return copy;
  }

  /** A moving annotation without arrow: its box is rounded to whole pixels, as Plotly's is. */
  drawNote(c, note, maps, layoutFont) {
    if (note.visible === false || !note.text) return;
    const font = { size: note.font?.size ?? layoutFont.size, family: note.font?.family ?? layoutFont.family,
      color: note.font?.color ?? layoutFont.color, weight: note.font?.weight };
    const pad = (note.borderpad ?? 1) + (note.borderwidth ?? 1);
    const textWidth = svgWidth(note.text, font);
    const { ascent, descent } = fontBox(c, font);
    const width = Math.round(textWidth + 2 * pad); // plotly rounds the box, then its corner
    const height = Math.round(ascent + descent + extraLines(note.text) * font.size + 2 * pad);
    const x = referencePixel(this.gd, maps, note.xref ?? 'x', 'x', note.x);
    const y = referencePixel(this.gd, maps, note.yref ?? 'y', 'y', note.y);
    if (isOff(note.xref ?? 'x', x, maps) || isOff(note.yref ?? 'y', y, maps)) return;
    const left = Math.round(x + (note.xshift ?? 0) - width * anchorShare(note, 'x'));
    const top = Math.round(y - (note.yshift ?? 0) - height * anchorShare(note, 'y'));
    const align = { left: 0, right: 1 }[note.align] ?? 0.5;
    c.save();
    c.globalAlpha = note.opacity ?? 1;
    if (note.bgcolor) {
      c.fillStyle = note.bgcolor;
      c.fillRect(left + 0.5, top + 0.5, width - 1, height - 1);
    }
    drawText(c, note.text, left + pad + textWidth * align, top + pad + ascent, font, align);
    c.restore();
  }

  /** Hand the marks back; Plotly must already show the same stop. */
  leave() {
    if (!this.on) return;
    this.on = false;
    this.gd.classList.remove('lsviz-moving');
    for (const note of this.gd.querySelectorAll('.annotation')) note.style.visibility = '';
    for (const part of this.parts) part.remove();
    this.cache = [];
  }

  remove() {
    this.leave();
  }
}

/** Plotly drops an annotation whose point is off its axes. */
function isOff(reference, pixel, maps) {
  if (reference === 'paper' || reference.includes('domain')) return false;
  const map = maps(reference);
  return !(pixel >= map.start - 0.5 && pixel <= map.start + map.extent + 0.5);
}

/** Which share of the box lies before its point. "auto" goes by thirds of the paper, else the middle. */
function anchorShare(note, letter) {
  const named = { left: 0, top: 0, center: 0.5, middle: 0.5, right: 1, bottom: 1 }[note[`${letter}anchor`]];
  if (named !== undefined) return named;
  if (note[`${letter}ref`] !== 'paper') return 0.5;
  const third = note[letter] < 1 / 3 ? 0 : note[letter] > 2 / 3 ? 1 : 0.5;
  return letter === 'x' ? third : 1 - third;
}
