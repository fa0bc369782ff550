// A curve drawn by hand, on the stage and on phones: with finger or mouse, or key by key at each of its places; beside it the class's and the true one.

const SVG = 'http://www.w3.org/2000/svg';
const STEP = 0.05; // of the axis, an arrow key's

/** `axes` is {across, up}; `heights` are changed in place (shares of the axis), `changed()` after every stroke; without it they only stand there. */
export function drawing(make, axes, words, { places, heights, band, curve, changed }) {
  const box = make('div', 'box');
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 1 1');
  svg.setAttribute('preserveAspectRatio', 'none');
  box.append(svg);
  const shape = (kind, name, points) => {
    const made = document.createElementNS(SVG, kind);
    made.setAttribute('class', name);
    made.setAttribute('points', points.map(([x, y]) => `${x},${1 - Math.max(0, Math.min(1, y))}`).join(' '));
    return made;
  };
  const along = ys => ys.map((y, i) => [i / (ys.length - 1), y]);
  const draw = () => svg.replaceChildren(...[
    band && shape('polygon', 'band', [...along(band.map(([low]) => low)), ...along(band.map(([, , high]) => high)).reverse()]),
    band && shape('polyline', 'middle', along(band.map(([, middle]) => middle))),
    heights && shape('polyline', 'mine', along(heights)),
    curve && shape('polyline', 'true', along(curve)),
  ].filter(Boolean));
  const tick = (name, share, text) => {
    const made = make('span', name, text);
    made.style[name === 'across' ? 'left' : 'bottom'] = `${100 * share}%`;
    return made;
  };
  box.append(...[0, 0.5, 1].map(share => tick('across', share, String(axes.across * share))), tick('across', 0.75, words.draw_across), ...[0, 1].map(share => tick('up', share, String(axes.up * share))));
  if (changed) {
    const value = i => (axes.up * heights[i]).toFixed(2);
    const handles = heights.map((_, i) => {
      const handle = make('i', 'handle');
      Object.entries({ role: 'slider', tabindex: 0, 'aria-orientation': 'vertical', 'aria-valuemin': 0, 'aria-valuemax': axes.up, 'aria-label': `${words.draw_across} ${(axes.across * i / (places - 1)).toFixed(1)}` })
        .forEach(([name, said]) => handle.setAttribute(name, said));
      handle.style.left = `${100 * i / (places - 1)}%`;
      handle.addEventListener('keydown', event => {
        const by = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
        if (!by) return;
        event.preventDefault();
        event.stopPropagation();
        set(i, heights[i] + by);
      });
      return handle;
    });
    const place = i => {
      handles[i].style.bottom = `${100 * heights[i]}%`;
      handles[i].setAttribute('aria-valuenow', value(i));
    };
    const set = (i, y) => {
      heights[i] = Math.round(1000 * Math.max(0, Math.min(1, y))) / 1000;
      place(i);
      draw();
      changed();
    };
    let last = null; // place and height of the stroke so far
    const stroke = event => {
      const { left, top, width, height } = box.getBoundingClientRect();
      const i = Math.max(0, Math.min(places - 1, Math.round((event.clientX - left) / width * (places - 1))));
      const y = 1 - (event.clientY - top) / height;
      const [from, start] = last ?? [i, y];
      for (let k = Math.min(from, i); k <= Math.max(from, i); k++) set(k, from === i ? y : start + (y - start) * (k - from) / (i - from));
      last = [i, y];
    };
    box.addEventListener('pointerdown', event => {
      box.setPointerCapture(event.pointerId);
      stroke(event);
    });
    box.addEventListener('pointermove', event => last && stroke(event));
    for (const end of ['pointerup', 'pointercancel']) box.addEventListener(end, () => { last = null; });
    box.append(...handles);
    handles.forEach((_, i) => place(i));
  }
  draw();
  return make('div', 'drawing', make('p', 'title', words.draw_up), box);
}
