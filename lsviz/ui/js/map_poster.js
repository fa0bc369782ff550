// Both maps as they stand, for a slide: an SVG, or a PNG of 3840 x 2160, in the light theme, with names, caption and where it comes from.

import { make } from './style.js';

const [WIDE, HIGH, EDGE] = [1920, 1080, 48];
const SCALE = 2; // of the PNG
const GAP = 24;
const TOP = 158;
const ROOM = 800;
const TITLE = 44; // above a line of panels
const [RAMP, RAMP_WORDS] = [220, 150]; // of the key: its colours, and room for what their end means
const SERIF = "'Source Serif', Georgia, serif";

/** Hand the browser a file of the maps `both` shows; `look` is { light, font }. */
export function saveMap(both, format, filename, { light, font }) {
  const pen = format === 'svg' ? new SvgPen(light.bg) : new CanvasPen(light.bg);
  draw(both, pen, light, font);
  pen.blob().then(blob => {
    const link = make('a');
    link.href = URL.createObjectURL(blob);
    link.download = `${filename}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}

function draw(both, pen, light, font) {
  const head = [...document.querySelectorAll('.lsviz-finding h1')].map(each => each.textContent)[0] ?? '';
  const { data, width, height, images } = both;
  const abreast = Math.ceil(both.panels.length / both.lines);
  const [cell, line] = [(WIDE - 2 * EDGE + GAP) / abreast - GAP, ROOM / both.lines - (both.lines > 1 ? TITLE : 0)];
  const scale = Math.min(cell / width, line / height);
  pen.text(head, EDGE, 78, { size: 40, weight: 600, color: light.text, font: SERIF });
  const lit = both.lit();
  for (const panel of both.panels) {
    const network = both.shown(panel.number);
    const [x0, y0] = [EDGE + panel.number % abreast * (width * scale + GAP), TOP + Math.floor(panel.number / abreast) * (height * scale + TITLE)];
    pen.text([network.name, ...(abreast < 3 ? [network.said] : [])].join('   '), x0, y0 - 16, { size: 24, weight: 650, color: network.alpha ? light.soft : light.hard, font });
    const { zoom, left, top } = both.view.transform(panel.number, width, height);
    const { slots, kinds } = both.slotsOf(network);
    const colors = both.painter.table.map(([r, g, b]) => `#${[r, g, b].map(value => value.toString(16).padStart(2, '0')).join('')}`);
    pen.clip(x0, y0, width * scale, height * scale, light.line);
    for (const pass of lit ? [false, true] : [true]) {
      for (const { size, rows } of kinds) {
        const r = both.radius() / both.ratio * size * scale * (lit && pass ? 1.22 : 1);
        for (const i of rows) {
          if (lit && lit.all.has(images.label[i]) !== pass) continue;
          const [x, y] = [left + panel.x[i] * zoom, top + panel.y[i] * zoom];
          if (x > -8 && y > -8 && x < width + 8 && y < height + 8) pen.dot(x0 + x * scale, y0 + y * scale, r, pass ? colors[slots[i]] : '#d8dade');
        }
      }
    }
    for (const { want, dx, dy, opacity } of panel.names.shown.values()) {
      if (opacity < 0.5) continue;
      const ink = both.counts ? light.text : (want.id[0] === 'c' ? data.classes : data.families)[Number(want.id.slice(1))].ink[0];
      pen.text(want.text, x0 + (want.x + dx) * scale, y0 + (want.y + dy) * scale, { size: want.look.size * scale, weight: 650, color: ink, font, halo: light.bg, middle: true });
    }
    pen.unclip();
  }
  const small = { size: 20, weight: 400, color: light.muted, font };
  pen.text(data.caption, EDGE, HIGH - 34, small);
  if (!both.ramp()) return;
  const [low, high, colors] = both.ramp();
  const right = WIDE - EDGE - RAMP_WORDS;
  pen.text(low, right - RAMP - 14, HIGH - 34, { ...small, end: true });
  colors.forEach((color, i) => pen.box(right - RAMP + i * RAMP / colors.length, HIGH - 50, RAMP / colors.length + 0.5, 18, color));
  pen.text(high, right + 14, HIGH - 34, small);
}

class CanvasPen {
  constructor(ground) {
    this.canvas = document.createElement('canvas');
    Object.assign(this.canvas, { width: WIDE * SCALE, height: HIGH * SCALE });
    this.context = this.canvas.getContext('2d');
    this.context.scale(SCALE, SCALE);
    this.context.fillStyle = this.ground = ground;
    this.context.fillRect(0, 0, WIDE, HIGH);
  }

  dot(x, y, r, color) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, r, 0, 7);
    Object.assign(context, { fillStyle: color, strokeStyle: this.ground, lineWidth: 0.6 });
    context.fill();
    context.stroke();
  }

  box(x, y, width, height, color) {
    this.context.fillStyle = color;
    this.context.fillRect(x, y, width, height);
  }

  text(text, x, y, { size, weight, color, font, halo, middle, end }) {
    const { context } = this;
    Object.assign(context, { font: `${weight} ${size}px ${font}`, textAlign: middle ? 'center' : end ? 'right' : 'left', textBaseline: middle ? 'middle' : 'alphabetic', lineJoin: 'round' });
    if (halo) {
      Object.assign(context, { strokeStyle: halo, lineWidth: size / 3 });
      context.strokeText(text, x, y);
    }
    context.fillStyle = color;
    context.fillText(text, x, y);
  }

  clip(x, y, width, height, line) {
    const { context } = this;
    Object.assign(context, { strokeStyle: line, lineWidth: 1 });
    context.strokeRect(x, y, width, height);
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
  }

  unclip() {
    this.context.restore();
  }

  blob() {
    return new Promise(resolve => this.canvas.toBlob(resolve, 'image/png'));
  }
}

const escaped = text => String(text).replace(/[<>&"]/g, sign => `&#${sign.charCodeAt(0)};`);

class SvgPen {
  constructor(ground) {
    this.ground = ground;
    this.parts = [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDE} ${HIGH}"><rect width="${WIDE}" height="${HIGH}" fill="${ground}"/>`];
    this.clips = 0;
  }

  dot(x, y, r, color) {
    this.parts.push(`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r.toFixed(2)}" fill="${color}"/>`);
  }

  box(x, y, width, height, color) {
    this.parts.push(`<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}" fill="${color}"/>`);
  }

  text(text, x, y, { size, weight, color, font, halo, middle, end }) {
    const around = halo ? ` stroke="${halo}" stroke-width="${(size / 3).toFixed(1)}" stroke-linejoin="round" paint-order="stroke"` : '';
    const about = middle ? ' text-anchor="middle" dominant-baseline="central"' : end ? ' text-anchor="end"' : '';
    this.parts.push(`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-family="${escaped(font)}" font-size="${size.toFixed(1)}" font-weight="${weight}" fill="${color}"${around}${about}>${escaped(text)}</text>`);
  }

  clip(x, y, width, height, line) {
    this.clips += 1;
    const box = `x="${x}" y="${y}" width="${width}" height="${height}"`;
    this.parts.push(`<clipPath id="c${this.clips}"><rect ${box}/></clipPath><rect ${box} fill="none" stroke="${line}"/><g clip-path="url(#c${this.clips})" stroke="${this.ground}" stroke-width="0.5">`);
  }

  unclip() {
    this.parts.push('</g>');
  }

  async blob() {
    return new Blob([...this.parts, '</svg>'], { type: 'image/svg+xml' });
  }
}
