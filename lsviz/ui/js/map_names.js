// Names on a map: at the densest place of a class, moved aside so that none covers another, with a halo instead of a box.

const ASIDE = [
  [0, 0], [0, -0.8], [0, 0.8], [0.5, -0.35], [-0.5, -0.35], [0.5, 0.35], [-0.5, 0.35], [0.55, -1], [-0.55, -1], [0.55, 1], [-0.55, 1],
  [0, -1.6], [0, 1.6], [0.9, 0], [-0.9, 0], [0.7, -1.8], [-0.7, -1.8], [0.7, 1.8], [-0.7, 1.8],
];
const HALO = 4.5;
const PAD = 4;
const LEADER = 15; // px from its place, beyond which a name points back at it
const sprites = new Map(); // words are shaped once

/** A word as a picture: `look` is { size, weight, ink, ground, font, ratio }. */
function sprite(text, look) {
  const key = JSON.stringify([text, look]);
  if (!sprites.has(key)) {
    if (sprites.size > 600) sprites.clear();
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    const { ratio } = look;
    const font = `${look.weight} ${look.size * ratio}px ${look.font}`;
    context.font = font;
    const width = Math.ceil(context.measureText(text).width + 2 * PAD * ratio);
    canvas.width = width;
    canvas.height = Math.ceil((1.25 * look.size + 2 * PAD) * ratio);
    Object.assign(context, { font, textBaseline: 'middle', lineJoin: 'round', strokeStyle: look.ground, fillStyle: look.ink });
    context.lineWidth = HALO * ratio;
    context.globalAlpha = 0.9;
    context.strokeText(text, PAD * ratio, canvas.height / 2);
    context.globalAlpha = 1;
    context.fillText(text, PAD * ratio, canvas.height / 2);
    sprites.set(key, { canvas, width: width / ratio, height: canvas.height / ratio });
  }
  return sprites.get(key);
}

export class Names {
  constructor() {
    this.shown = new Map(); // id -> where a name is and where it is going
  }

  /**
   * Find a place for each of `wanted`, the more important first: { id, text, x, y, rank, fade, look }, px in a panel of `width` x `height`.
   * Names below rank 1 keep off the dots `avoid` as well. A name that finds no place is left out.
   */
  place(wanted, width, height, avoid = []) {
    const boxes = [];
    const kept = new Set();
    const meets = (a, b) => Math.abs(a.x - b.x) < (a.w + b.w) / 2 && Math.abs(a.y - b.y) < (a.h + b.h) / 2;
    for (const want of [...wanted].sort((a, b) => b.rank - a.rank)) {
      const picture = sprite(want.text, want.look);
      const [w, h] = [picture.width - PAD - 1, picture.height - 2 * PAD];
      const before = this.shown.get(want.id);
      const tries = before ? [ASIDE[before.aside], ...ASIDE] : ASIDE;
      const found = tries.map(([u, v]) => ({
        x: Math.max(w / 2 + 3, Math.min(width - w / 2 - 3, want.x + u * w)), y: Math.max(h / 2 + 3, Math.min(height - h / 2 - 3, want.y + v * h)), w, h,
        aside: ASIDE.findIndex(([a, b]) => a === u && b === v),
      })).find(box => !boxes.some(other => meets(box, other)) && !(want.rank < 1 && avoid.some(dot => meets(box, { ...dot, w: 8, h: 4 }))));
      if (!found) continue;
      boxes.push(found);
      kept.add(want.id);
      const entry = before ?? { dx: found.x - want.x, dy: found.y - want.y, opacity: 0 };
      Object.assign(entry, { want, picture, aside: found.aside, toX: found.x - want.x, toY: found.y - want.y, toOpacity: want.fade ?? 1, box: found });
      this.shown.set(want.id, entry);
    }
    for (const [id, entry] of this.shown) if (!kept.has(id)) entry.toOpacity = 0;
  }

  /** Go on towards their places by `ease` (1: at once); whether any still moves. */
  step(ease) {
    let moves = false;
    for (const [id, entry] of this.shown) {
      entry.dx += (entry.toX - entry.dx) * ease;
      entry.dy += (entry.toY - entry.dy) * ease;
      entry.opacity += (entry.toOpacity - entry.opacity) * Math.min(1, 1.3 * ease);
      const left = Math.abs(entry.toX - entry.dx) + Math.abs(entry.toY - entry.dy);
      if (left > 0.4 || Math.abs(entry.opacity - entry.toOpacity) > 0.02) moves = true;
      else Object.assign(entry, { dx: entry.toX, dy: entry.toY, opacity: entry.toOpacity });
      if (!entry.toOpacity && entry.opacity < 0.02) this.shown.delete(id);
    }
    return moves;
  }

  draw(context, ratio, line) {
    const snap = value => Math.round(value * ratio) / ratio;
    for (const { want, picture, dx, dy, opacity } of this.shown.values()) {
      context.globalAlpha = opacity;
      if (Math.hypot(dx, dy) > LEADER + picture.height / 2 && want.leads) {
        context.strokeStyle = line;
        context.lineWidth = 1;
        context.beginPath();
        context.moveTo(want.x, want.y);
        context.lineTo(want.x + dx - Math.sign(dx) * Math.min(Math.abs(dx), picture.width / 2 - PAD), want.y + dy - Math.sign(dy) * (picture.height / 2 - PAD));
        context.stroke();
      }
      context.drawImage(picture.canvas, snap(want.x + dx - picture.width / 2), snap(want.y + dy - picture.height / 2), picture.width, picture.height);
    }
    context.globalAlpha = 1;
  }

  /** The id of the name at (x, y), if one is shown there. */
  at(x, y) {
    for (const [id, { want, dx, dy, opacity, box }] of this.shown) {
      if (opacity > 0.5 && Math.abs(want.x + dx - x) < box.w / 2 && Math.abs(want.y + dy - y) < box.h / 2) return id;
    }
    return null;
  }

  /** Boxes on screen once all is at rest: for tests that none meet. */
  boxes() {
    return [...this.shown].filter(([, entry]) => entry.toOpacity).map(([id, { box, want }]) => ({ id, text: want.text, ...box }));
  }
}
