// A figure and its frames, as sent by lsviz.figures.live: decode, look up one stop, write it into a figure.

const ARRAY_TYPES = {
  i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array,
  f4: Float32Array, f8: Float64Array,
};
const EMPTY = -32768; // int16 stand-in for "no value"

function bytes(base64) {
  const text = atob(base64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** Parsed figure JSON with plotly's {dtype, bdata} arrays decoded (1-D ones; the overlay reads them as numbers). */
export function decodeArrays(value) {
  if (Array.isArray(value)) return value.map(decodeArrays);
  if (!value || typeof value !== 'object') return value;
  if (typeof value.bdata === 'string' && ARRAY_TYPES[value.dtype] && !value.shape) {
    return new ARRAY_TYPES[value.dtype](bytes(value.bdata).buffer);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decodeArrays(item)]));
}

/** One array of all stops, stops x n, as numbers; NaN where there is no value. */
function decodeMove(move) {
  const raw = new ARRAY_TYPES[move.dtype](bytes(move.data).buffer);
  if (move.dtype !== 'i2') return raw;
  const out = new Float32Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw[i] === EMPTY ? NaN : move.offset + move.scale * raw[i];
  return out;
}

// Plotly removes the node of an empty label and never makes it anew, so a label that comes and goes is blank, not empty.
const blank = text => (Array.isArray(text) ? text.map(blank) : text === '' || text == null ? ' ' : text);
export const blankLabels = trace => (trace.mode?.includes('text') && trace.text != null ? { ...trace, text: blank(trace.text) } : trace);

/** One list of words for every stop, from the words and each point's place among them. */
function decodeWords({ words, dtype, data, n }) {
  const places = new ARRAY_TYPES[dtype](bytes(data).buffer);
  return Array.from({ length: places.length / n }, (_, stop) => Array.from(places.subarray(stop * n, (stop + 1) * n), place => words[place]));
}

/** The frames with their arrays decoded once. */
export function readFrames(frames) {
  const moves = frames.set.map(move => {
    const values = move.words ? decodeWords(move) : move.values;
    return { ...move, array: move.data && !move.words ? decodeMove(move) : null, values: move.attr === 'text' ? values?.map(blank) : values };
  });
  return { ...frames, moves, layout: frames.layout ?? {} };
}

/** The traces with every column that was left out because the first frame holds it. */
export function withFirstFrame(traces, frames) {
  const whole = traces.map(trace => ({ ...trace }));
  for (const move of frames.moves) {
    const long = move.n !== undefined && lookUp(whole[move.trace], move.attr) === undefined;
    if (long) assign(whole[move.trace], move.attr, moveValue(move, 0));
  }
  return whole;
}

/** Between two neighbouring stops: numbers are mixed, anything else is that of the nearer stop. */
function mixed(a, b, share) {
  if (typeof a === 'number' && typeof b === 'number') return a + (b - a) * share;
  const numbers = value => ArrayBuffer.isView(value) || (Array.isArray(value) && value.every(item => typeof item === 'number'));
  if (!numbers(a) || !numbers(b) || a.length !== b.length) return share < 0.5 ? a : b;
  const out = new Float32Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = a[i] + (b[i] - a[i]) * share;
  return ArrayBuffer.isView(a) ? out : Array.from(out);
}

function valueAt(at, value) {
  const low = Math.floor(at);
  return at === low ? value(low) : mixed(value(low), value(low + 1), at - low);
}

/** Value of one move at `stop`: a column, or the lines of a map. */
export function moveValue(move, stop) {
  if (move.array) {
    const column = move.array.subarray(stop * move.n, (stop + 1) * move.n);
    return move.columns ? Array.from({ length: move.n / move.columns }, (_, i) => column.subarray(i * move.columns, (i + 1) * move.columns)) : column;
  }
  const value = move.values[stop];
  const scalarPoint = (move.attr === 'x' || move.attr === 'y') && !Array.isArray(value);
  return scalarPoint ? [value] : value;
}

const steps = path => path.replace(/\[(\d+)\]/g, '.$1').split('.');

/** Write `value` at `path` ("annotations[1].text"), copying every object on the way so that the original stays. */
export function assign(target, path, value) {
  const names = steps(path);
  const last = names.pop();
  let place = target;
  for (const name of names) place = place[name] = Array.isArray(place[name]) ? [...place[name]] : { ...place[name] };
  place[last] = value;
  return target;
}

/** `path` of a nested object, or undefined. */
export const lookUp = (target, path) => steps(path).reduce((place, name) => place?.[name], target);

/** The traces and the layout at `stop`, which may lie between two: shallow copies of `data` and `layout` with the frame written in. */
export function atStop({ data, layout }, frames, stop) {
  const traces = data.map(trace => ({ ...trace }));
  const moved = { ...layout };
  if (frames) {
    for (const move of frames.moves) assign(traces[move.trace], move.attr, valueAt(stop, at => moveValue(move, at)));
    for (const path in frames.layout) assign(moved, path, valueAt(stop, at => frames.layout[path][at]));
  }
  return { data: traces, layout: moved };
}

/** The same frame as arguments for Plotly.update(gd, traces, layout, indices). */
export function asUpdate(frames, stop) {
  const indices = [...new Set(frames.moves.map(move => move.trace))].sort((a, b) => a - b);
  const traces = {};
  for (const move of frames.moves) {
    const row = (traces[move.attr] ??= Array(indices.length).fill(undefined)); // undefined = leave as it is
    row[indices.indexOf(move.trace)] = moveValue(move, stop);
  }
  const layout = Object.fromEntries(Object.entries(frames.layout).map(([path, values]) => [path, values[stop]]));
  return { traces, layout, indices };
}
