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
    const [inside, edge, ground, dot] = [[], [], [], []];
    const reach = Math.ceil(radius + ring) + 1;
    const cover = (r, distance) => Math.max(0, Math.min(1, r + 0.5 - distance));
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) {
        const distance = Math.hypot(x - u, y - v);
        const all = cover(radius + ring, distance);
        const own = cover(radius, distance);
        if (all <= 0) continue;
        if (own >= 1) {
          inside.push(y * this.stride + x);
        } else {
          edge.push(y * this.stride + x);
          ground.push(256 - Math.round(256 * all)); // what stays of what is there
          dot.push(Math.round(256 * own));
        }
      }
    }
    return { inside: Int32Array.from(inside), edge: Int32Array.from(edge), ground: Int32Array.from(ground), dot: Int32Array.from(dot) };
  }

  /** One dot at (x, y) px. Far outside nothing is drawn. */
  dot(mask, x, y, color) {
    if (!(x > 6 - MARGIN && y > 6 - MARGIN && x < this.width + MARGIN - 6 && y < this.height + MARGIN - 6)) return;
    const u = x + MARGIN;
    const v = y + MARGIN;
    const column = Math.floor(u);
    const row = Math.floor(v);
    const { inside, edge, ground, dot } = mask[(((v - row) * PLACES) & 3) * PLACES + (((u - column) * PLACES) & 3)];
    const { pixels, ground: back } = this;
    const at = row * this.stride + column;
    for (let i = 0; i < inside.length; i++) pixels[at + inside[i]] = color;
    for (let i = 0; i < edge.length; i++) {
      const place = at + edge[i];
      const there = ground[i];
      const own = dot[i];
      const old = pixels[place];
      const hair = 256 - there - own;
      const redBlue = Math.imul(old & 0xff00ff, there) + Math.imul(back & 0xff00ff, hair) + Math.imul(color & 0xff00ff, own);
      const green = (old >>> 8 & 255) * there + (back >>> 8 & 255) * hair + (color >>> 8 & 255) * own;
      pixels[place] = (0xff000000 | (redBlue >>> 8 & 0xff00ff) | (green & 0xff00)) >>> 0;
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
