// Where a class is dense: lines around the least ground that holds a half, and four fifths, of its images.

const SHARES = [0.5, 0.8];
const CELLS = 96; // across the wider side of what a class covers

/** For each share the segments [x0, y0, x1, y1] of its line, in the coordinates of `x`, `y`; `width` is the Gaussian kernel's. */
export function outlines({ x, y }, members, width) {
  if (members.length < 3) return [];
  const [xs, ys] = [x, y].map(places => members.map(i => places[i]));
  const room = 3 * width;
  const [x0, y0] = [Math.min(...xs) - room, Math.min(...ys) - room];
  const [wide, high] = [Math.max(...xs) + room - x0, Math.max(...ys) + room - y0];
  const cell = Math.max(Math.max(wide, high) / CELLS, width / 3);
  const [columns, rows] = [Math.ceil(wide / cell) + 1, Math.ceil(high / cell) + 1];
  const dense = density(xs.map(u => (u - x0) / cell), ys.map(v => (v - y0) / cell), columns, rows, width / cell);
  const here = members.map((_, m) => dense[Math.round((ys[m] - y0) / cell) * columns + Math.round((xs[m] - x0) / cell)]).sort((a, b) => b - a);
  return SHARES.map(share => level(dense, columns, rows, here[Math.floor(share * (here.length - 1))])
    .map(([a, b, c, d]) => [x0 + a * cell, y0 + b * cell, x0 + c * cell, y0 + d * cell]));
}

function density(us, vs, columns, rows, width) {
  const dense = new Float32Array(columns * rows);
  const reach = Math.ceil(3 * width);
  us.forEach((u, m) => {
    const [c, r] = [Math.round(u), Math.round(vs[m])];
    for (let row = Math.max(0, r - reach); row <= Math.min(rows - 1, r + reach); row++) {
      for (let column = Math.max(0, c - reach); column <= Math.min(columns - 1, c + reach); column++) {
        dense[row * columns + column] += Math.exp(-((column - u) ** 2 + (row - vs[m]) ** 2) / (2 * width * width));
      }
    }
  });
  return dense;
}

/** Marching squares: segments where the grid `dense` passes `at`. */
function level(dense, columns, rows, at) {
  const found = [];
  for (let r = 0; r + 1 < rows; r++) {
    for (let c = 0; c + 1 < columns; c++) {
      const corners = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]];
      const values = corners.map(([u, v]) => dense[v * columns + u] - at);
      const cuts = [];
      for (let side = 0; side < 4; side++) {
        const next = (side + 1) % 4;
        if (values[side] > 0 === values[next] > 0) continue;
        const share = values[side] / (values[side] - values[next]);
        cuts.push(corners[side].map((from, i) => from + (corners[next][i] - from) * share));
      }
      for (let cut = 0; cut + 1 < cuts.length; cut += 2) found.push([...cuts[cut], ...cuts[cut + 1]]);
    }
  }
  return found;
}
