// Markers on a canvas. A few are drawn one by one; clouds of equal markers are stamped, pixel by pixel, from ready pictures:
// thousands of path or image calls a frame are what a canvas without a GPU is slow at.

/** Entry j of a per-point array, or the one value for all. */
export const isList = value => Array.isArray(value) || ArrayBuffer.isView(value);
export const at = (value, j) => (isList(value) ? value[j] : value);

const STAMP_FROM = 100; // markers; below, drawing each is as fast
const GL_PIXELS = 2; // plotly's plotGlPixelRatio
const PHASES = 16; // a stamp is cut for every 1/16 device pixel, so it is never off by more than 1/32

export const SHAPES = {
  circle: (c, r) => c.arc(0, 0, r, 0, 2 * Math.PI),
  square: (c, r) => c.rect(-r, -r, 2 * r, 2 * r),
  diamond: (c, r) => polygon(c, [[1.3 * r, 0], [0, 1.3 * r], [-1.3 * r, 0], [0, -1.3 * r]]),
  'triangle-up': (c, r) => polygon(c, [[-1.1547 * r, r / 2], [1.1547 * r, r / 2], [0, -r]]),
  'triangle-down': (c, r) => polygon(c, [[-1.1547 * r, -r / 2], [1.1547 * r, -r / 2], [0, r]]),
  cross: (c, r) => {
    const [w, l] = [0.4 * r, 1.2 * r];
    polygon(c, [[l, w], [w, w], [w, l], [-w, l], [-w, w], [-l, w], [-l, -w], [-w, -w], [-w, -l], [w, -l], [w, -w], [l, -w]]);
  },
  'line-ns': (c, r) => { c.moveTo(0, 1.4 * r); c.lineTo(0, -1.4 * r); },
  'line-ew': (c, r) => { c.moveTo(1.4 * r, 0); c.lineTo(-1.4 * r, 0); },
};

function polygon(c, corners) {
  corners.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
  c.closePath();
}

export const knownSymbol = symbol => SHAPES[String(symbol).replace('-open', '')] !== undefined;

export function markerRadius(marker, j) {
  const size = at(marker.size, j) ?? 6;
  if (!isList(marker.size)) return size / 2;
  const scaled = size / (marker.sizeref ?? 1);
  return Math.max(marker.sizemode === 'area' ? Math.sqrt(scaled) : scaled, marker.sizemin ?? 0) / 2;
}

/** How marker j looks. */
function lookOf(marker, j) {
  const symbol = String(at(marker.symbol, j) ?? 'circle');
  const open = symbol.endsWith('-open');
  const color = at(marker.color, j);
  const border = at(marker.line?.width, j) ?? 0;
  return {
    shape: open ? symbol.slice(0, -5) : symbol,
    radius: markerRadius(marker, j),
    fill: open || symbol.startsWith('line-') ? null : color,
    border: open ? border || 1 : border, // an open marker without a border width gets 1 px of its own colour
    stroke: open ? color : at(marker.line?.color, j),
  };
}

/** One marker around the origin of `c`. */
function drawOne(c, look) {
  c.beginPath();
  SHAPES[look.shape](c, look.radius);
  if (look.fill) {
    c.fillStyle = look.fill;
    c.fill();
  }
  if (look.border) {
    c.lineWidth = look.border;
    c.strokeStyle = look.stroke;
    c.stroke();
  }
}

/** All markers of `trace` at the pixels xs, ys (NaN = none); `clip` = [left, top, right, bottom] in CSS pixels, or null. */
export function drawMarkers(c, trace, xs, ys, clip) {
  const { marker } = trace;
  const scale = c.lsvizScale;
  const styles = [marker.symbol, marker.size, marker.color, marker.opacity, marker.line?.width, marker.line?.color];
  const isGl = trace.type === 'scattergl';
  const alpha = c.globalAlpha;
  if ((isGl || xs.length > STAMP_FROM) && !styles.some(isList)) {
    const look = { ...lookOf(marker, 0), opacity: alpha * (marker.opacity ?? 1) };
    stamp(c, isGl ? glStamps(look, scale) : svgStamps(look, scale), xs, ys, clip);
    return;
  }
  flushStamps(c);
  c.save();
  for (let j = 0; j < xs.length; j++) {
    if (xs[j] !== xs[j] || ys[j] !== ys[j]) continue;
    c.setTransform(scale, 0, 0, scale, xs[j] * scale, ys[j] * scale);
    c.globalAlpha = alpha * (at(marker.opacity, j) ?? 1);
    drawOne(c, lookOf(marker, j));
  }
  c.restore();
}

// ---- stamping ----

// The stamps of neighbouring traces are blended into one picture, the field, which is laid on the canvas when something
// else is to be drawn over them (flushStamps).

/** Blend a stamp at every point into the field of this clip. */
function stamp(c, stamps, xs, ys, clip) {
  const scale = c.lsvizScale;
  const { width, height } = c.canvas;
  const box = (clip ?? [0, 0, width, height]).map((side, i) => Math.max(0, Math.min(i % 2 ? height : width, Math.round(side * scale))));
  const field = fieldOf(c, box);
  if (!field) return;
  const { pixels, w, h } = field;
  const { reach } = stamps;
  const [shiftX, shiftY] = c.lsvizShift;
  for (let j = 0; j < xs.length; j++) {
    if (xs[j] !== xs[j] || ys[j] !== ys[j]) continue;
    const x = Math.round((xs[j] * scale + shiftX) * PHASES) - box[0] * PHASES;
    const y = Math.round((ys[j] * scale + shiftY) * PHASES) - box[1] * PHASES;
    const px = Math.floor(x / PHASES);
    const py = Math.floor(y / PHASES);
    if (px < -reach || py < -reach || px > w + reach || py > h + reach) continue;
    const { dx, dy, color } = stamps.at(x - px * PHASES, y - py * PHASES);
    const inside = px >= reach && py >= reach && px < w - reach && py < h - reach;
    for (let k = 0; k < color.length; k++) {
      const u = px + dx[k];
      const v = py + dy[k];
      if (!inside && (u < 0 || v < 0 || u >= w || v >= h)) continue;
      const place = v * w + u;
      const above = color[k];
      pixels[place] = above >= OPAQUE || pixels[place] === 0 ? above : over(above, pixels[place]);
    }
    field.grow(px - reach, py - reach, px + reach, py + reach);
  }
}

const OPAQUE = 0xff000000;

/** Colour `above` over `below`, both 0xAABBGGRR and not premultiplied, as ImageData has them. */
function over(above, below) {
  const a = above >>> 24;
  const rest = ((below >>> 24) * (255 - a)) / 255;
  const alpha = a + rest;
  const red = ((above & 255) * a + (below & 255) * rest) / alpha + 0.5;
  const green = (((above >>> 8) & 255) * a + ((below >>> 8) & 255) * rest) / alpha + 0.5;
  const blue = (((above >>> 16) & 255) * a + ((below >>> 16) & 255) * rest) / alpha + 0.5;
  return (((alpha + 0.5) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** A picture to blend stamps in. Only what was touched is copied and cleared. */
class Field {
  constructor(c, box) {
    this.box = box;
    this.w = box[2] - box[0];
    this.h = box[3] - box[1];
    this.canvas = new OffscreenCanvas(this.w, this.h);
    this.context = this.canvas.getContext('2d');
    this.image = this.context.createImageData(this.w, this.h);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.target = c;
    this.reset();
  }

  reset() {
    [this.x0, this.y0, this.x1, this.y1] = [this.w, this.h, 0, 0];
  }

  grow(x0, y0, x1, y1) {
    if (x0 < this.x0) this.x0 = Math.max(0, x0);
    if (y0 < this.y0) this.y0 = Math.max(0, y0);
    if (x1 > this.x1) this.x1 = Math.min(this.w, x1);
    if (y1 > this.y1) this.y1 = Math.min(this.h, y1);
  }

  flush() {
    const { x0, y0, target: c } = this;
    const [w, h] = [this.x1 - x0, this.y1 - y0];
    if (w <= 0 || h <= 0) return;
    this.context.putImageData(this.image, 0, 0, x0, y0, w, h);
    c.save();
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.globalAlpha = 1; // the stamps hold the opacity
    c.drawImage(this.canvas, x0, y0, w, h, this.box[0] + x0, this.box[1] + y0, w, h);
    c.restore();
    for (let y = y0; y < y0 + h; y++) this.pixels.fill(0, y * this.w + x0, y * this.w + x0 + w);
    this.reset();
  }
}

/** The open field of this canvas for this clip; one for another clip is laid down first. */
function fieldOf(c, box) {
  if (box[2] <= box[0] || box[3] <= box[1]) return null;
  const same = c.lsvizField && String(c.lsvizField.box) === String(box);
  if (!same) {
    flushStamps(c);
    c.lsvizField = new Field(c, box);
  }
  return c.lsvizField;
}

/** Lay down what was stamped on this canvas so far. */
export const flushStamps = c => c.lsvizField?.flush();

const made = new Map();

/**
 * The stamps of a look: at(column, row) gives, for a marker shifted by that many sixteenths of a pixel, its non-empty
 * pixels as offsets dx, dy and colours. `paint(c, x, y)` draws the marker with its centre at x, y of a cleared canvas.
 */
function cachedStamps(kind, look, scale, size, paint) {
  const key = `${kind}${JSON.stringify(look)}@${scale}`;
  if (!made.has(key)) {
    if (made.size > 200) made.clear();
    const reach = Math.ceil(size * scale) + 2;
    const side = 2 * reach;
    const sheet = new OffscreenCanvas(side * PHASES, side).getContext('2d', { willReadFrequently: true });
    const rows = Array(PHASES);
    const cutRow = row => {
      sheet.setTransform(1, 0, 0, 1, 0, 0);
      sheet.clearRect(0, 0, side * PHASES, side);
      for (let column = 0; column < PHASES; column++) {
        paint(sheet, side * column + reach + column / PHASES, reach + row / PHASES, side);
      }
      const pixels = new Uint32Array(sheet.getImageData(0, 0, side * PHASES, side).data.buffer);
      return Array.from({ length: PHASES }, (_, column) => cut(pixels, column * side, side, reach));
    };
    made.set(key, { reach, at: (column, row) => (rows[row] ??= cutRow(row))[column] });
  }
  return made.get(key);
}

/** The non-empty pixels of the cell that starts at `left` of a sheet. */
function cut(pixels, left, side, reach) {
  const width = side * PHASES;
  const used = [];
  for (let v = 0; v < side; v++) {
    for (let u = 0; u < side; u++) if (pixels[v * width + left + u] >>> 24) used.push([u, v]);
  }
  return {
    dx: Int16Array.from(used, ([u]) => u - reach),
    dy: Int16Array.from(used, ([, v]) => v - reach),
    color: Uint32Array.from(used, ([u, v]) => pixels[v * width + left + u]),
  };
}

function svgStamps(look, scale) {
  return cachedStamps('svg', look, scale, 1.5 * look.radius + look.border, (c, x, y) => {
    c.setTransform(scale, 0, 0, scale, x, y);
    c.miterLimit = 2;
    c.globalAlpha = look.opacity;
    drawOne(c, look);
  });
}

/**
 * WebGL circles are another picture than SVG's: sizes go in steps of 100/255 px, the border lies inside the rim, and
 * plotly draws them at two pixels to one of CSS, whatever the screen. Close to their shader, not exact: SVG scatter is, and is as fast here.
 */
function glStamps(look, scale) {
  const step = 100 / 255;
  const quantised = value => Math.round(value / step) * step;
  const size = quantised(2 * look.radius);
  const border = quantised(look.border);
  const outer = ((size + border) * scale) / 2; // device px
  const finer = Math.max(1, Math.round(GL_PIXELS / scale));
  const soft = 0.5 / finer / outer; // half a pixel of theirs
  const offsets = Array.from({ length: finer }, (_, i) => (i + 0.5) / finer);
  const inner = 1 - (2 * border) / (size + border);
  const fill = rgba(look.fill);
  const rim = border ? rgba(look.stroke) : [...fill.slice(0, 3), 0];
  const sample = (dx, dy) => {
    const radius = Math.hypot(dx, dy) / outer;
    const mix = smoothStep(inner - soft, inner + soft, radius);
    const alpha = ((fill[3] + (rim[3] - fill[3]) * mix) / 255) * (1 - smoothStep(1 - soft, 1 + soft, radius));
    return [0, 1, 2].map(i => (fill[i] + (rim[i] - fill[i]) * mix) * alpha).concat(alpha);
  };
  return cachedStamps('gl', look, scale, look.radius + look.border, (c, x, y, side) => {
    const picture = c.createImageData(side, side);
    const left = Math.floor(x / side) * side;
    for (let v = 0; v < side; v++) {
      for (let u = 0; u < side; u++) {
        const sum = [0, 0, 0, 0];
        for (const du of offsets) {
          for (const dv of offsets) sample(left + u + du - x, v + dv - y).forEach((part, i) => { sum[i] += part; });
        }
        const [red, green, blue, alpha] = sum;
        if (!alpha) continue;
        const pixel = [red / alpha, green / alpha, blue / alpha, (255 * alpha * look.opacity) / finer ** 2];
        picture.data.set(pixel.map(Math.round), 4 * (v * side + u));
      }
    }
    c.putImageData(picture, left, 0);
  });
}

function smoothStep(from, to, value) {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** A CSS colour as [red, green, blue, alpha], each 0 to 255. */
function rgba(color) {
  const c = new OffscreenCanvas(1, 1).getContext('2d');
  c.fillStyle = color;
  c.fillRect(0, 0, 1, 1);
  return [...c.getImageData(0, 0, 1, 1).data];
}
