// What colours the images: a table of colours, each image's place in it, and which kinds are drawn last and larger.

import { channels } from './map_raster.js';

const STEPS = 32; // of the server's shades, pale to deep
const FAR = 1.5; // of the maps' spread: from there on an image has moved as far as any colour says
const FIFTEEN = [{ from: 9, upTo: 15, size: 0.85 }, { from: 4, upTo: 8, size: 1.05 }, { from: 0, upTo: 3, size: 1.3 }]; // few neighbours kept: large, and drawn on top

/**
 * `what` is class, superclass, right, confidence, moved, kept or intruders. Gives { table, slots(image data), kinds }: `kinds` are
 * [{ has(slot), size }], drawn in this order.
 */
export function paint(what, data) {
  const all = [{ has: () => true, size: 1 }];
  const { label, classes, families } = data;
  const shades = data.shades.map(channels);
  if (what === 'right') {
    const slots = ({ picture }) => picture.answer.map((answer, i) => Number(answer !== label[i]));
    return { table: data.answer_colors.map(channels), slots, kinds: [{ has: slot => slot === 0, size: 0.9 }, { has: slot => slot === 1, size: 1.1 }] };
  }
  if (what === 'confidence') return { table: shades, slots: ({ picture }) => picture.sure.map(sure => sure >> 3), kinds: all };
  if (what === 'moved') return { table: shades, slots: moved, kinds: all };
  if (what === 'kept' || what === 'intruders') {
    const slots = ({ near }) => (!near ? new Uint8Array(label.length).fill(15) : what === 'kept' ? near.kept : near.intruders.map(count => 15 - count));
    const kinds = FIFTEEN.map(({ from, upTo, size }) => ({ has: slot => slot >= from && slot <= upTo, size }));
    return { table: data.fifteen.map(channels), slots, kinds };
  }
  const family = what === 'superclass' && families.length;
  const table = (family ? families : classes).map(one => channels(one.color));
  return { table, slots: () => (family ? label.map(k => classes[k].family) : label), kinds: all };
}

/** How far each image lies from its place in the first map, both in units of their spread. */
function moved({ laid, first }) {
  const spread = ({ x, y }) => Math.sqrt(x.reduce((sum, u, i) => sum + u * u + y[i] * y[i], 0) / x.length) || 1;
  const [own, other] = [spread(laid), spread(first)];
  return Uint8Array.from(laid.x, (u, i) => {
    const way = Math.hypot(u / own - first.x[i] / other, laid.y[i] / own - first.y[i] / other);
    return Math.min(STEPS - 1, Math.round((STEPS - 1) * way / FAR));
  });
}
