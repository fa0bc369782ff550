// Linked panels: the same image shown in two charts is ringed in one while the pointer is on it in the other.

import { shared } from './bus.js';
import { axisMap } from './axes.js';
import { make } from './style.js';

const PREFIX = 'linked:';

export class LinkedPoints {
  constructor(plot) {
    this.plot = plot;
    this.ring = make('div', 'lsviz-ring');
    this.hear = event => this.show(event.detail);
    shared.bus.addEventListener('link', this.hear);
    plot.gd.on('plotly_hover', event => this.tell(event.points?.[0]));
    plot.gd.on('plotly_unhover', () => this.tell(null));
  }

  /** Pass on which point the pointer is on; null when it left. */
  tell(point) {
    const meta = point?.data.meta;
    const linked = typeof meta === 'string' && meta.startsWith(PREFIX) && point.customdata != null;
    const detail = { from: this, group: linked ? meta : null, id: linked ? String(point.customdata) : null };
    shared.bus.dispatchEvent(new CustomEvent('link', { detail }));
  }

  show({ from, group, id }) {
    this.hide();
    if (from === this || id === null || this.plot.moving || !this.plot.gd._fullLayout) return;
    for (const trace of this.plot.gd.data) {
      if (trace.meta !== group || !trace.customdata) continue;
      const index = Array.prototype.findIndex.call(trace.customdata, own => String(own) === id);
      if (index < 0) continue;
      const { gd } = this.plot;
      this.ring.style.left = `${axisMap(gd, trace.xaxis ?? 'x')(trace.x[index])}px`;
      this.ring.style.top = `${axisMap(gd, trace.yaxis ?? 'y')(trace.y[index])}px`;
      gd.append(this.ring);
      return;
    }
  }

  hide() {
    this.ring.remove();
  }

  remove() {
    this.hide();
    shared.bus.removeEventListener('link', this.hear);
  }
}
