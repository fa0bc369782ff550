// "SVG" and "PNG": the chart as it stands, in the light theme on white, whatever the theme on screen.

import { atStop } from './frames.js';
import { shared } from './bus.js';
import { make, useStyle } from './style.js';
import { resolveTokens, themedLayout } from './theme.js';

const WHITE = '#ffffff';
const places = new WeakMap();

export async function render({ data, parentElement }) {
  await useStyle('plot');
  let place = places.get(parentElement);
  if (!place) {
    place = make('div', 'lsviz-image-buttons');
    places.set(parentElement, place);
    parentElement.append(place);
  }
  place.replaceChildren(...data.formats.map(([format, label]) => {
    const button = make('button', '', label);
    button.type = 'button';
    button.addEventListener('click', () => save(data, format));
    return button;
  }));
}

export function remove(parentElement) {
  places.get(parentElement)?.remove();
  places.delete(parentElement);
}

/** Hand the browser a file of the plot `data.plot` at the stop it shows. */
async function save({ plot, filename, light, font }, format) {
  const live = shared.plots[plot]?.lsviz;
  if (live?.save) return live.save(format, filename, { light, font }); // what is not plotly's draws itself
  if (!live?.Plotly) return;
  const { parsed, decoded, stop, gd, Plotly } = live;
  const figure = stop === null || !decoded ? parsed : atStop(parsed, decoded, stop);
  const layout = themedLayout(resolveTokens(figure.layout, light), { colors: light, font });
  const [width, height] = [gd.offsetWidth, gd.offsetHeight];
  const whole = { ...layout, width, height, autosize: false, paper_bgcolor: WHITE, plot_bgcolor: layout.plot_bgcolor };
  await Plotly.downloadImage({ data: resolveTokens(figure.data, light), layout: whole }, {
    format, filename, width: Math.round(width), height: Math.round(height), scale: format === 'png' ? 2 : 1,
  });
}
