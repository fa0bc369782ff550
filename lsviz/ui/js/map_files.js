// What a map is drawn from: binary files the server names, fetched once each; and layouts laid into a panel.

const fetched = new Map();

function once(url, read) {
  if (!fetched.has(url)) {
    const coming = fetch(url).then(answer => {
      if (!answer.ok) throw new Error(`${answer.status} ${url}`);
      return answer.arrayBuffer();
    }).then(read);
    coming.catch(() => fetched.delete(url)); // another try may succeed
    fetched.set(url, coming);
  }
  return fetched.get(url);
}

/** All networks' images: rows in the official file, and classes. */
export const loadImages = (url, n) => once(url, bytes => ({ index: new Uint32Array(bytes, 0, n), label: new Uint8Array(bytes, 4 * n, n) }));

/** One network's layout (x, y in turn), its answers and how sure it was of them, 0 to 255. */
export const loadPicture = (url, n) => once(url, bytes => ({
  xy: new Int16Array(bytes, 0, 2 * n), answer: new Uint8Array(bytes, 4 * n, n), sure: new Uint8Array(bytes, 5 * n, n),
}));

/** A layout on its way, x and y in turn. */
export const loadFrame = (url, n) => once(url, bytes => new Int16Array(bytes, 0, 2 * n));

/** One network's five true neighbours of every image; of fifteen, those kept and the intruders. */
export const loadNear = (url, n) => once(url, bytes => ({
  near: new Uint16Array(bytes, 0, 5 * n), kept: new Uint8Array(bytes, 10 * n, n), intruders: new Uint8Array(bytes, 11 * n, n),
}));

const AIR = 0.04; // of the panel, on each side
const OUTSIDE = 0.0075; // of the images may lie beyond what is fitted, on each side
const SAMPLE = 1200;

/** Least and most of one coordinate, but for few strays. */
function extent(xy, cos, sin) {
  const n = xy.length / 2;
  const step = Math.max(1, Math.floor(n / SAMPLE));
  const values = new Float32Array(Math.ceil(n / step));
  for (let i = 0, at = 0; i < n; i += step) values[at++] = xy[2 * i] * cos - xy[2 * i + 1] * sin;
  values.sort();
  const out = Math.floor(OUTSIDE * values.length);
  return [values[out], values[values.length - 1 - out]];
}

/** How a layout turned by `angle` fits a panel: scale in px a step, and its middle. */
function fit(xy, angle, width, height) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [left, right] = extent(xy, cos, sin);
  const [low, high] = extent(xy, sin, -cos);
  const scale = Math.min((1 - 2 * AIR) * width / (right - left), (1 - 2 * AIR) * height / (high - low));
  return { scale, cos, sin, x: (left + right) / 2, y: (low + high) / 2 };
}

/** The angle, the same for all layouts, at which they fill panels of this shape best. A map has no up. */
export function bestAngle(layouts, width, height) {
  let best = { angle: 0, size: 0 };
  for (let turn = 0; turn < 30; turn++) {
    const angle = turn * Math.PI / 30;
    const size = layouts.reduce((sum, { xy, unit }) => sum + fit(xy, angle, width, height).scale / unit, 0) * (turn ? 1 : 1.03);
    if (size > best.size) best = { angle, size };
  }
  return best.angle;
}

/** A layout in px about the panel's middle, with the same done to any other points of it. */
export function laidOut({ xy }, angle, width, height) {
  const { scale, cos, sin, x: x0, y: y0 } = fit(xy, angle, width, height);
  const n = xy.length / 2;
  const [x, y] = [new Float32Array(n), new Float32Array(n)];
  for (let i = 0; i < n; i++) {
    x[i] = (xy[2 * i] * cos - xy[2 * i + 1] * sin - x0) * scale;
    y[i] = (xy[2 * i] * sin + xy[2 * i + 1] * cos - y0) * scale;
  }
  const place = (u, v) => [(u * cos - v * sin - x0) * scale, (u * sin + v * cos - y0) * scale];
  return { x, y, place, scale };
}

const PEAK = 0.42; // width of the kernel that finds a class's densest place, in UMAP's units
const [STARTS, AMONG] = [24, 200]; // images of a class that a densest place is looked for at, and among

/** Where some images of a layout are densest: x, y, and the kernel's sum over them; the best of a few, then steps of mean shift. */
export function peaksOf({ x, y, scale }, members, unit) {
  const some = (all, most) => (all.length <= most ? all : Array.from({ length: most }, (_, i) => all[Math.floor(i * all.length / most)]));
  const among = some(members, AMONG);
  const spread = 2 * (PEAK * scale / unit) ** 2;
  const weigh = (u, v) => {
    let [sum, a, b] = [0, 0, 0];
    for (const i of among) {
      const weight = Math.exp(-((x[i] - u) ** 2 + (y[i] - v) ** 2) / spread);
      [sum, a, b] = [sum + weight, a + weight * x[i], b + weight * y[i]];
    }
    return [a / sum, b / sum, sum];
  };
  let best = [0, 0, 0];
  for (const i of some(among, STARTS)) {
    const [, , sum] = weigh(x[i], y[i]);
    if (sum > best[2]) best = [x[i], y[i], sum];
  }
  for (let step = 0; step < 4 && best[2]; step++) best = weigh(best[0], best[1]);
  return [best[0], best[1], best[2] * members.length / Math.max(1, among.length)];
}
