// One trace on a canvas, as Plotly draws it: bars, lines, fills, error bars, markers, text. Sizes and offsets are Plotly's.

import { at, drawMarkers, flushStamps, isList, knownSymbol, markerRadius } from './canvas_markers.js';
import { drawText, linesHeight } from './canvas_text.js';

const LINE_SHAPES = new Set(['linear', 'hv', 'vh', 'hvh', 'vhv']);
const FILLS = new Set(['none', 'toself', 'tozeroy', 'tozerox']);

const isText = value => value != null && value !== '' && !(isList(value) && !Array.prototype.some.call(value, Boolean));
const everyOne = (value, test) => (isList(value) ? Array.prototype.every.call(value, test) : test(value));

/** Whether drawTrace shows this (coerced) trace exactly as Plotly does; what it cannot is left to Plotly.update. */
export function canDraw(trace, barsInSubplot, barmode) {
  if (trace.visible === false || trace.visible === 'legendonly') return true;
  if (trace.zorder || trace.selectedpoints) return false;
  if (trace.type === 'bar') {
    const textFree = !isText(trace.text) && !trace.texttemplate;
    return textFree && trace.width != null && trace.offset == null && trace.base == null && !trace.marker?.cornerradius
      && !trace.marker?.pattern?.shape && !trace.error_y?.visible && !trace.error_x?.visible
      && everyOne(trace.marker.color, color => typeof color === 'string')
      && (barsInSubplot === 1 || barmode === 'overlay');
  }
  if (trace.type !== 'scatter' && trace.type !== 'scattergl') return false;
  const { marker, mode = '', line } = trace;
  if (trace.texttemplate || trace.stackgroup || !FILLS.has(trace.fill ?? 'none')) return false;
  if (mode.includes('lines') && (!LINE_SHAPES.has(line.shape ?? 'linear') || Number(line.backoff) > 0)) return false;
  if (!mode.includes('markers')) return true;
  const circlesOnly = trace.type === 'scattergl'; // its other symbols are drawn from textures
  return everyOne(marker.symbol ?? 'circle', symbol => (circlesOnly ? symbol === 'circle' : knownSymbol(symbol)))
    && everyOne(marker.color, color => typeof color === 'string')
    && everyOne(marker.line?.color ?? '', color => typeof color === 'string')
    && (marker.line?.dash ?? 'solid') === 'solid' && !(marker.gradient && marker.gradient.type !== 'none') && !marker.standoff && !marker.maxdisplayed;
}

/** Draw `trace` with the pixel maps X and Y. `font` is the layout's. */
export function drawTrace(c, trace, X, Y, font) {
  if (trace.visible === false || trace.visible === 'legendonly') return;
  if (trace.type === 'bar' || trace.mode !== 'markers' || trace.error_y?.visible || trace.error_x?.visible) flushStamps(c); // what was stamped lies below
  c.save();
  c.globalAlpha = trace.opacity ?? 1;
  c.miterLimit = 2;
  if (trace.type === 'bar') drawBars(c, trace, X, Y);
  else drawScatter(c, trace, X, Y, font);
  c.restore();
}

function clipToAxes(c, X, Y) {
  c.beginPath();
  c.rect(X.start, Y.start, X.extent, Y.extent);
  c.clip();
}

// ---- bars ----

function drawBars(c, trace, X, Y) {
  clipToAxes(c, X, Y);
  const flat = trace.orientation === 'h';
  const [P, V] = flat ? [Y, X] : [X, Y]; // position axis, value axis
  const [positions, values] = flat ? [trace.y, trace.x] : [trace.x, trace.y];
  const { marker } = trace;
  const zero = V(0);
  for (let j = 0; j < values.length; j++) {
    if (!values[j] && values[j] !== 0) continue;
    const half = at(trace.width, j) / 2;
    const border = at(marker.line?.width, j) ?? 0;
    const solid = border <= 0.01;
    let [p0, p1] = [P(positions[j] - half), P(positions[j] + half)];
    let [v0, v1] = [zero, V(values[j])];
    if (v0 !== v0 || v1 !== v1) continue;
    if (solid) { // Plotly widens what would vanish to whole pixels of the plot area, one edge after the other
      [v0, v1] = visibleSpan(v0, v1, V.start, true);
      [p0, p1] = visibleSpan(p0, p1, P.start, false);
    }
    c.beginPath();
    if (flat) c.rect(v0, p0, v1 - v0, p1 - p0);
    else c.rect(p0, v0, p1 - p0, v1 - v0);
    c.fillStyle = at(marker.color, j);
    c.fill();
    if (!solid) {
      c.lineWidth = border;
      c.strokeStyle = at(marker.line.color, j);
      c.stroke();
    }
  }
}

function visibleSpan(from, to, origin, hideNothing) {
  const expand = (v, other) => {
    if ((hideNothing && v === other) || Math.abs(v - other) >= 2) return v;
    return origin + (v > other ? Math.ceil(v - origin) : Math.floor(v - origin));
  };
  const first = expand(from, to);
  return [first, expand(to, first)];
}

// ---- scatter ----

function drawScatter(c, trace, X, Y, font) {
  const mode = trace.mode ?? '';
  const count = Math.min(trace.x?.length ?? 0, trace.y?.length ?? 0);
  const xs = new Float64Array(count);
  const ys = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    xs[j] = X(trace.x[j]);
    ys[j] = Y(trace.y[j]);
  }
  c.save();
  clipToAxes(c, X, Y);
  if (trace.fill && trace.fill !== 'none') drawFill(c, trace, xs, ys, X, Y);
  drawErrors(c, trace, xs, ys, X, Y);
  if (mode.includes('lines')) drawLine(c, trace, xs, ys);
  c.restore();
  const clip = trace.cliponaxis === false ? null : [X.start, Y.start, X.start + X.extent, Y.start + Y.extent];
  if (clip) clipToAxes(c, X, Y);
  if (mode.includes('markers')) drawMarkers(c, trace, xs, ys, clip);
  if (mode.includes('text')) drawLabels(c, trace, xs, ys, font, mode.includes('markers'));
}

/** Line or outline through the points; a point without value lifts the pen unless gaps are connected. */
function tracePath(c, xs, ys, shape, connectGaps) {
  let [px, py, drawing] = [0, 0, false];
  for (let j = 0; j < xs.length; j++) {
    const [x, y] = [xs[j], ys[j]];
    if (x !== x || y !== y) {
      if (!connectGaps) drawing = false;
      continue;
    }
    if (!drawing) c.moveTo(x, y);
    else {
      if (shape === 'hv') c.lineTo(x, py);
      else if (shape === 'vh') c.lineTo(px, y);
      else if (shape === 'hvh') { c.lineTo((px + x) / 2, py); c.lineTo((px + x) / 2, y); }
      else if (shape === 'vhv') { c.lineTo(px, (py + y) / 2); c.lineTo(x, (py + y) / 2); }
      c.lineTo(x, y);
    }
    [px, py, drawing] = [x, y, true];
  }
}

function drawFill(c, trace, xs, ys, X, Y) {
  c.beginPath();
  tracePath(c, xs, ys, trace.line?.shape, trace.connectgaps);
  const seen = [...xs.keys()].filter(j => xs[j] === xs[j] && ys[j] === ys[j]);
  if (seen.length && trace.fill !== 'toself') {
    const [first, last] = [seen[0], seen.at(-1)];
    if (trace.fill === 'tozeroy') { c.lineTo(xs[last], Y(0)); c.lineTo(xs[first], Y(0)); }
    else { c.lineTo(X(0), ys[last]); c.lineTo(X(0), ys[first]); }
    c.closePath();
  }
  c.fillStyle = trace.fillcolor;
  c.fill();
}

function drawLine(c, trace, xs, ys) {
  const { line } = trace;
  if (!line.width) return;
  c.save();
  c.beginPath();
  tracePath(c, xs, ys, line.shape, trace.connectgaps);
  c.strokeStyle = line.color;
  c.lineWidth = line.width;
  c.setLineDash(dashes(line.dash, line.width));
  c.stroke();
  c.restore();
}

/** Plotly's names for dashes, as lengths in px. */
function dashes(dash, width) {
  const unit = Math.max(width, 3);
  const named = { dot: [1, 1], dash: [3, 3], longdash: [5, 5], dashdot: [3, 1, 1, 1], longdashdot: [5, 2, 1, 2] };
  if (!dash || dash === 'solid') return [];
  return named[dash]?.map(n => n * unit) ?? String(dash).match(/[\d.]+/g)?.map(Number) ?? [];
}

function drawErrors(c, trace, xs, ys, X, Y) {
  for (const [name, map, along] of [['error_y', Y, 'y'], ['error_x', X, 'x']]) {
    const bar = trace[name];
    if (!bar || bar.visible === false || !bar.array) continue;
    const cap = bar.width ?? 4;
    c.save();
    c.beginPath();
    for (let j = 0; j < xs.length; j++) {
      const plus = bar.array[j];
      const minus = bar.symmetric === false || bar.arrayminus ? bar.arrayminus?.[j] : plus;
      const middle = trace[along][j];
      if (xs[j] !== xs[j] || ys[j] !== ys[j] || !(plus >= 0)) continue;
      const ends = [map(middle + plus), map(middle - (minus ?? 0))];
      const [a, b] = ends;
      if (along === 'y') {
        c.moveTo(xs[j], a); c.lineTo(xs[j], b);
        for (const end of ends) { c.moveTo(xs[j] - cap, end); c.lineTo(xs[j] + cap, end); }
      } else {
        c.moveTo(a, ys[j]); c.lineTo(b, ys[j]);
        for (const end of ends) { c.moveTo(end, ys[j] - cap); c.lineTo(end, ys[j] + cap); }
      }
    }
    c.strokeStyle = bar.color ?? trace.line?.color ?? trace.marker?.color;
    c.lineWidth = bar.thickness ?? 2;
    c.stroke();
    c.restore();
  }
}

function drawLabels(c, trace, xs, ys, font, besideMarkers) {
  const own = trace.textfont ?? {};
  for (let j = 0; j < xs.length; j++) {
    const text = at(trace.text, j);
    if (text == null || text === '' || xs[j] !== xs[j] || ys[j] !== ys[j]) continue;
    const place = at(trace.textposition, j) ?? 'middle center';
    const size = at(own.size, j) ?? font.size;
    // Plotly's own rule: beside a marker, the label stands off by its radius / .8 + 1
    const away = besideMarkers ? markerRadius(trace.marker, j) / 0.8 + 1 : 0;
    const right = place.includes('left') ? -1 : place.includes('right') ? 1 : 0;
    const down = place.includes('top') ? -1 : place.includes('bottom') ? 1 : 0;
    const baseline = ys[j] + size * 0.75 + down * away + ((down - 1) * linesHeight(text) * size) / 2;
    const look = { size, family: at(own.family, j) ?? font.family, weight: at(own.weight, j), color: at(own.color, j) ?? font.color };
    drawText(c, text, xs[j] + right * away, baseline, look, (1 - right) / 2);
  }
}
