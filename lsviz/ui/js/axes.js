// Data -> pixels, as Plotly places it. The one file that reads Plotly's private names: _fullLayout, _size, _offset, _length.

/** "x2" -> "xaxis2", "y" -> "yaxis". */
export const axisName = reference => `${reference[0]}axis${reference.slice(1)}`;

/** The pixel map of one axis: a function of a data value, with .start and .extent (px) of the axis. */
export function axisMap(gd, reference, place = null) {
  const axis = gd._fullLayout[axisName(reference)];
  const { offset, length, range } = place ?? { offset: axis._offset, length: axis._length, range: axis.range };
  const isLog = axis.type === 'log';
  const [from, to] = reference[0] === 'x' ? [range[0], range[1]] : [range[1], range[0]]; // pixels count down from the top
  const slope = length / (to - from);
  const base = -slope * from;
  const map = value => {
    if (value == null) return NaN;
    const pixel = base + slope * (isLog ? Math.log10(value) : value);
    return offset + Math.round(pixel * 100) / 100; // two digits, as plotly has it: labels then round to the same pixel
  };
  map.start = offset;
  map.extent = length;
  return map;
}

/** Pixel of an annotation's `value` against `reference`: an axis, "x domain", or the paper. */
export function referencePixel(gd, maps, reference, letter, value) {
  const size = gd._fullLayout._size;
  if (!reference || reference === 'paper') {
    return letter === 'x' ? size.l + size.w * value : size.t + size.h * (1 - value);
  }
  const [name, domain] = reference.split(' ');
  const map = maps(name);
  if (!domain) return map(value);
  return letter === 'x' ? map.start + map.extent * value : map.start + map.extent * (1 - value);
}

/**
 * Maps of all axes at one frame: `layout` may bring ranges of its own, `kept` names axes the reader has zoomed.
 * Equal units (scaleanchor) are honoured as Plotly does: it widens the range, or with constrain = "domain" shrinks the axis.
 */
export function frameMaps(gd, layout, movedAxes, kept) {
  const places = new Map();
  const full = gd._fullLayout;
  const moved = movedAxes.filter(name => !kept[name]);
  if (moved.length) {
    for (const name of moved) {
      const axis = full[name];
      places.set(name, { offset: axis._offset, length: axis._length, range: layout[name].range });
    }
    for (const name of Object.keys(full)) {
      if (!/^[xy]axis\d*$/.test(name) || !full[name].scaleanchor) continue;
      const other = axisName(full[name].scaleanchor);
      if (places.has(name) || places.has(other)) equalUnits(gd, layout, places, [name, other], kept);
    }
  }
  const cache = new Map();
  return reference => {
    if (!cache.has(reference)) cache.set(reference, axisMap(gd, reference, places.get(axisName(reference))));
    return cache.get(reference);
  };
}

function equalUnits(gd, layout, places, pair, kept) {
  const full = gd._fullLayout;
  const size = full._size;
  const sides = pair.map(name => {
    const axis = full[name];
    const [from, to] = axis._inputDomain ?? axis.domain;
    const isX = name[0] === 'x';
    const space = (isX ? size.w : size.h) * (to - from);
    const start = isX ? size.l + size.w * from : size.t + size.h * (1 - to);
    const range = kept[name] ? axis.range : layout[name]?.range ?? axis.range;
    return { name, axis, space, start, range, span: Math.abs(range[1] - range[0]) };
  });
  const unit = Math.min(...sides.map(side => side.space / side.span)); // px for one data unit, the tighter axis decides
  for (const { name, axis, space, start, range, span } of sides) {
    if (axis.constrain === 'domain') {
      const length = span * unit;
      const share = { left: 0, top: 0, right: 1, bottom: 1 }[axis.constraintoward] ?? 0.5;
      places.set(name, { offset: start + (space - length) * share, length, range });
    } else {
      const toward = { left: 0, bottom: 0, right: 1, top: 1 }[axis.constraintoward] ?? 0.5;
      const pin = range[0] + (range[1] - range[0]) * toward;
      const wide = (space / unit) * Math.sign(range[1] - range[0]);
      places.set(name, { offset: start, length: space, range: [pin - wide * toward, pin + wide * (1 - toward)] });
    }
  }
}
