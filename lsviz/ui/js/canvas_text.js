// Plotly's small HTML (<b> <i> <br> <span>, entities) drawn on a canvas or set into an SVG text. Never interpreted as markup.

const LINE_HEIGHT = 1.3; // em, plotly's
const ENTITIES = { lt: '<', gt: '>', amp: '&', quot: '"', nbsp: '\u00a0', '#39': "'" };
const parsed = new Map();

/** Lines of runs: [[{text, bold, italic, color}]]. */
export function parseText(source) {
  const key = String(source);
  if (!parsed.has(key)) {
    if (parsed.size > 5000) parsed.clear();
    parsed.set(key, key.split(/<br\s*\/?>|\n/).map(parseLine));
  }
  return parsed.get(key);
}

function parseLine(line) {
  const runs = [];
  const open = []; // the styles of the tags we are inside
  for (const piece of line.split(/(<\/?[a-zA-Z][^>]*>)/)) {
    const tag = /^<(\/?)([a-zA-Z]+)([^>]*)>$/.exec(piece);
    if (tag) {
      if (tag[1]) open.pop();
      else open.push(tagStyle(tag[2].toLowerCase(), tag[3]));
    } else if (piece) {
      runs.push({ text: piece.replace(/&(\w+|#39);/g, (all, name) => ENTITIES[name] ?? all), ...Object.assign({}, ...open) });
    }
  }
  return runs;
}

function tagStyle(name, attributes) {
  if (name === 'b') return { bold: true };
  if (name === 'i') return { italic: true };
  const color = /color:\s*([^;"']+)/.exec(attributes)?.[1];
  return color ? { color } : {};
}

const cssFont = (run, font) =>
  `${run.italic ? 'italic ' : ''}${run.bold ? 'bold ' : font.weight && font.weight !== 'normal' ? `${font.weight} ` : ''}${font.size}px ${font.family}`;

export function lineWidth(context, line, font) {
  let width = 0;
  for (const run of line) {
    context.font = cssFont(run, font);
    width += context.measureText(run.text).width;
  }
  return width;
}

const SVG = 'http://www.w3.org/2000/svg';
const widths = new Map();
let ruler = null;

/** Width of the widest line as the browser lays it out in SVG, px: what Plotly rounds the boxes of annotations by. */
export function svgWidth(source, font) {
  const key = `${source}\n${cssFont({}, font)}`;
  if (!widths.has(key)) {
    if (widths.size > 5000) widths.clear();
    if (!ruler) {
      const svg = document.createElementNS(SVG, 'svg');
      svg.style.cssText = 'position:absolute;left:0;top:0;width:0;height:0;visibility:hidden;white-space:pre';
      ruler = svg.appendChild(document.createElementNS(SVG, 'text'));
      document.body.append(svg);
    }
    ruler.style.font = cssFont({}, font);
    const measure = line => {
      fillSvgText(ruler, line);
      return ruler.getBoundingClientRect().width;
    };
    widths.set(key, Math.max(...parseText(source).map(measure)));
  }
  return widths.get(key);
}

/** Ascent and descent of the font's own box, px. */
export function fontBox(context, font) {
  context.font = cssFont({}, font);
  const box = context.measureText('M');
  return { ascent: box.fontBoundingBoxAscent, descent: box.fontBoundingBoxDescent };
}

/** Draw `source` with its first baseline at y; `align` 0 = starts at x, .5 = centred, 1 = ends at x. */
export function drawText(context, source, x, y, font, align) {
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  parseText(source).forEach((line, i) => {
    let at = x - align * lineWidth(context, line, font);
    for (const run of line) {
      context.font = cssFont(run, font);
      context.fillStyle = run.color ?? font.color;
      context.fillText(run.text, at, y + i * LINE_HEIGHT * font.size);
      at += context.measureText(run.text).width;
    }
  });
}

/** Height of all lines as multiples of the font size. */
export const linesHeight = source => (parseText(source).length - 1) * LINE_HEIGHT + 1;
export const extraLines = source => (parseText(source).length - 1) * LINE_HEIGHT;

/** Put a single line into one of Plotly's SVG text elements, keeping its place and font. */
export function setSvgText(element, source) {
  fillSvgText(element, parseText(source)[0] ?? []);
}

function fillSvgText(element, runs) {
  element.replaceChildren(...runs.map(run => {
    const span = document.createElementNS(SVG, 'tspan');
    span.textContent = run.text;
    if (run.bold) span.style.fontWeight = 'bold';
    if (run.italic) span.style.fontStyle = 'italic';
    if (run.color) span.style.fill = run.color;
    return span;
  }));
}
