// A lecture's stage: which figure stands on it, where, and how much of it may be seen. All other plots wait behind it.
// shared.stage is undefined before the lecture has come, null while the whole page is shown.

import { shared } from './bus.js';

/** Give the stage to the figure `key` ('' is the page's first) in a box {left, top, width, height} px, `scale` times larger than laid out. */
export function setStage(stage) {
  shared.stage = stage;
  shared.bus.dispatchEvent(new CustomEvent('stage'));
}

/** Call `hear()` whenever the stage changes; returns the function that stops it. */
export function onStage(hear) {
  shared.bus.addEventListener('stage', hear);
  return () => shared.bus.removeEventListener('stage', hear);
}

/** The stage if it is this plot's. */
export function stageOf(gd, key) {
  const { stage } = shared;
  if (!stage) return null;
  return (stage.key ? stage.key === key : document.querySelector('[data-testid=stMain] .lsviz-plot') === gd) ? stage : null;
}

/** Whether a plot stands behind the stage, where nobody sees it. */
export const isBehind = (gd, key) =>
  shared.stage === undefined ? document.querySelector('.st-key-lecture_bar') !== null : Boolean(shared.stage) && !stageOf(gd, key);

/** Resolves once a plot may be drawn. */
export async function outOfTheWings(gd, key) {
  while (gd.isConnected && isBehind(gd, key)) {
    await new Promise(resolve => shared.bus.addEventListener('stage', resolve, { once: true }));
  }
}
