// Dots by the ten thousand, drawn by hand: one buffer of pixels, and for every size of dot a mask made once at 4 x 4 places within a pixel.
// A pixel wholly covered is one store, one at the edge one blend. Each dot has a hair of the ground's colour around it.

const MARGIN = 24; // px around the buffer, so that a dot at the edge needs no clipping
const PLACES = 4;

export class Raster {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.stride = width + 2 * MARGIN;
    this.image = new ImageData(this.stride, height + 2 * MARGIN);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.masks = new Map();
  }

  clear(ground) {
    this.ground = ground;
    this.pixels.fill(ground);
  }

  /** The mask of dots of `radius` px with a hair of `ring` px. */
  mask(radius, ring) {
    const key = `${radius.toFixed(2)} ${ring.toFixed(2)}`;
    if (!this.masks.has(key)) {
      if (this.masks.size > 200) this.masks.clear();
      const places = [];
      for (let v = 0; v < PLACES; v++) for (let u = 0; u < PLACES; u++) places.push(this.maskAt(radius, ring, u / PLACES, v / PLACES));
      this.masks.set(key, places);
    }
    return this.masks.get(key);
  }

  maskAt(radius, ring, u, v) {
    const [inside, edge] = [[], []];
    const reach = Math.ceil(radius + ring) + 1;
    const cover = (r, distance) => Math.max(0, Math.min(1, r + 0.5 - distance));
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) {
        const distance = Math.hypot(x - u, y - v);
        const own = cover(radius, distance);
        const there = 256 - Math.round(256 * cover(radius + ring, distance)); // what stays of what is there
        if (own >= 1) inside.push(y * this.stride + x);
        else if (there < 256) edge.push(y * this.stride + x, there, Math.round(256 * own));
      }
    }
    return { inside: Int32Array.from(inside), edge: Int32Array.from(edge) };
  }

  /** A dot for each of `rows`: at (x, y) px of that row, in its slot's color. Far outside nothing is drawn. */
  dots(mask, rows, x, y, colors, slots) {
    const { pixels, stride } = this;
    const [right, bottom, first] = [this.width + MARGIN - 6, this.height + MARGIN - 6, 6 - MARGIN];
    const [backRedBlue, backGreen] = [this.ground & 0xff00ff, this.ground >>> 8 & 255];
    for (let r = 0; r < rows.length; r++) {
      const i = rows[r];
      const u = x[i];
      const v = y[i];
      if (!(u > first && v > first && u < right && v < bottom)) continue;
      const column = Math.floor(u);
      const row = Math.floor(v);
      const { inside, edge } = mask[(((v - row) * PLACES) & 3) * PLACES + (((u - column) * PLACES) & 3)];
      const at = (row + MARGIN) * stride + column + MARGIN;
      const color = colors[slots[i]];
      const redBlue = color & 0xff00ff;
      const green = color >>> 8 & 255;
      for (let k = 0; k < inside.length; k++) pixels[at + inside[k]] = color;
      for (let k = 0; k < edge.length; k += 3) {
        const place = at + edge[k];
        const there = edge[k + 1];
        const own = edge[k + 2];
        const hair = 256 - there - own;
        const old = pixels[place];
        const mixedRedBlue = Math.imul(old & 0xff00ff, there) + Math.imul(backRedBlue, hair) + Math.imul(redBlue, own);
        pixels[place] = (0xff000000 | (mixedRedBlue >>> 8 & 0xff00ff) | ((old >>> 8 & 255) * there + backGreen * hair + green * own & 0xff00)) >>> 0;
      }
    }
  }

  /** Put the buffer on a canvas of the same size. */
  show(context) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.putImageData(this.image, -MARGIN, -MARGIN, MARGIN, MARGIN, this.width, this.height);
  }
}

/** [r, g, b] of "#rrggbb" or "rgb(...)". */
export function channels(color) {
  if (color.startsWith('#')) return [1, 3, 5].map(at => parseInt(color.slice(at, at + 2), 16));
  return color.match(/\d+(\.\d+)?/g).slice(0, 3).map(Number);
}

/** The same as one number, as the buffer holds it. */
export const packed = ([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0;

export const mixed = (from, to, share) => from.map((value, i) => Math.round(value + (to[i] - value) * share));
