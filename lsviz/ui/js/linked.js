// Linked panels: an image under the pointer is ringed wherever else it is shown; images marked with a lasso keep their colour.

import { shared } from './bus.js';
import { axisMap } from './axes.js';
import { make } from './style.js';

export const LINKED = 'linked:';

const isLinked = trace => typeof trace?.meta === 'string' && trace.meta.startsWith(LINKED) && trace.customdata != null;

export class LinkedPoints {
  constructor(plot) {
    this.plot = plot;
    this.rings = [];
    this.hear = event => this.show(event.detail);
    this.hearMarks = () => this.plot.repaint();
    shared.bus.addEventListener('link', this.hear);
    shared.bus.addEventListener('marked', this.hearMarks);
    plot.gd.on('plotly_hover', event => this.tell(event.points?.[0]));
    plot.gd.on('plotly_unhover', () => this.tell(null));
    plot.gd.on('plotly_selected', event => event?.points?.length && this.mark(event.points));
    plot.gd.on('plotly_deselect', () => mark(null));
  }

  /** Pass on which point the pointer is on; null when it left. */
  tell(point) {
    const linked = isLinked(point?.data) && point.customdata != null;
    const detail = { from: this, curve: point?.curveNumber, group: linked ? point.data.meta : null, id: linked ? String(point.customdata) : null };
    shared.bus.dispatchEvent(new CustomEvent('link', { detail }));
  }

  show({ from, curve, group, id }) {
    this.hide();
    if (id === null || this.plot.moving || !this.plot.gd._fullLayout) return;
    const { gd } = this.plot;
    gd.data.forEach((trace, number) => {
      if (trace.meta !== group || !trace.customdata || (from === this && number === curve)) return;
      const index = Array.prototype.findIndex.call(trace.customdata, own => String(own) === id);
      if (index < 0) return;
      const ring = make('div', 'lsviz-ring');
      ring.style.left = `${axisMap(gd, trace.xaxis ?? 'x')(trace.x[index])}px`;
      ring.style.top = `${axisMap(gd, trace.yaxis ?? 'y')(trace.y[index])}px`;
      gd.append(ring);
      this.rings.push(ring);
    });
  }

  hide() {
    this.rings.splice(0).forEach(ring => ring.remove());
  }

  mark(points) {
    const linked = points.filter(point => isLinked(point.data) && point.customdata != null);
    if (linked.length) mark(new Set(linked.map(point => String(point.customdata))));
  }

  remove() {
    this.hide();
    shared.bus.removeEventListener('link', this.hear);
    shared.bus.removeEventListener('marked', this.hearMarks);
  }
}

/** From now on these images (a Set of ids) stand out in every linked chart; null: all look alike again. */
export function mark(images) {
  if (!images && !shared.marked) return;
  shared.marked = images;
  shared.bus.dispatchEvent(new CustomEvent('marked'));
}

/** How many of the marked images are in a chart of these traces; null when nothing is marked. */
export function countMarked(traces) {
  if (!shared.marked) return null;
  const here = new Set(traces.filter(isLinked).flatMap(trace => Array.from(trace.customdata, String)));
  return [...shared.marked].filter(id => here.has(id)).length;
}

/** Figure and frames with every linked image that is not marked in `pale`; as they are when nothing is marked. */
export function withMarks({ figure, frames }, pale) {
  const { marked } = shared;
  if (!marked) return { figure, frames };
  const keep = figure.data.map(trace => isLinked(trace) && Array.from(trace.customdata, id => marked.has(String(id))));
  const painted = (curve, color) => keep[curve].map((kept, i) => (kept ? (Array.isArray(color) ? color[i] : color) : pale));
  const data = figure.data.map((trace, curve) =>
    keep[curve] ? { ...trace, marker: { ...trace.marker, color: painted(curve, trace.marker.color) } } : trace);
  const moves = frames?.moves.map(move =>
    keep[move.trace] && move.attr === 'marker.color' ? { ...move, values: move.values.map(color => painted(move.trace, color)) } : move);
  return { figure: { ...figure, data }, frames: frames && { ...frames, moves } };
}
