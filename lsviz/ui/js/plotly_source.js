// plotly.js, from the first place that has it. One load of each bundle for all charts of the page.
//
// Bars and scatters need a quarter of plotly.js: that bundle lies beside this module, starts as soon as this module is
// here, and is kept by the browser (Streamlit lets nothing of ours be cached). Whatever else a chart holds needs a whole one.

import { appBase } from './bus.js';

const BASIC = new URL('vendor/plotly-basic.min.js', import.meta.url).href;
const STORE = 'lsviz';
const IDLE_MS = 1000;

let wholeLoading = null;
let line = Promise.resolve(); // one bundle after the other: each leaves its Plotly in the same global

/** Resolves with a Plotly that draws everything, or with `basic` one for bars and scatters alone where that is to be had.
 *  `sources` = [[kind, address relative to the app], ...] of whole ones, in order of preference. */
export async function loadPlotly(sources, basic) {
  const small = basic && (await basicLoading);
  if (small) return small;
  wholeLoading ??= basicLoading.then(idle).then(() => inLine(() => tryInTurn(sources)));
  const whole = await wholeLoading;
  if (whole) return whole;
  wholeLoading = null;
  throw new Error('plotly.js could not be loaded. Check the connection to the server and reload the page.');
}

const basicLoading = inLine(runKept);

/** Resolves once the browser has nothing to do: reading the whole plotly takes it a third of a second, and what the basic one draws is to be seen before. */
function idle() {
  return new Promise(resolve => (window.requestIdleCallback ? requestIdleCallback(resolve, { timeout: IDLE_MS }) : setTimeout(resolve, IDLE_MS)));
}

function inLine(load) {
  return (line = line.then(() => fresh(load)));
}

/** The Plotly that `load` brings, or null. What another one left in the global is not taken for it. */
async function fresh(load) {
  const before = window.Plotly;
  window.Plotly = undefined;
  try {
    await load();
  } catch {
    // the next place may have it
  }
  // Streamlit answers a missing file with its start page and status 200, so only this proves that it came.
  const came = window.Plotly?.react ? window.Plotly : null;
  window.Plotly ??= before;
  return came;
}

async function tryInTurn(sources) {
  for (const [kind, address] of sources) {
    const url = new URL(address, appBase()).href;
    try {
      if (kind === 'module') await import(url);
      else await runScript(url);
    } catch {
      continue;
    }
    if (window.Plotly?.react) return;
  }
}

/** Run the basic bundle out of the browser's own store, where an earlier visit has left it. */
async function runKept() {
  const kept = await keptResponse(BASIC).catch(() => fetch(BASIC)); // no store: a private window, or plain http
  const script = URL.createObjectURL(await kept.blob());
  try {
    await runScript(script);
  } finally {
    URL.revokeObjectURL(script);
  }
}

/** The response of `url`, whose address changes with its content; older ones are thrown away. */
async function keptResponse(url) {
  const store = await caches.open(STORE);
  const known = await store.match(url);
  if (known) return known;
  const answer = await fetch(url);
  if (answer.ok && /javascript/.test(answer.headers.get('content-type'))) {
    for (const old of await store.keys()) await store.delete(old);
    await store.put(url, answer.clone());
  }
  return answer;
}

function runScript(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}
