// plotly.js, from the first place that has it. One load for all charts of the page.

import { appBase } from './bus.js';

let loading = null;

/** Resolves with Plotly. `sources` = [[kind, address relative to the app], ...] in order of preference. */
export function loadPlotly(sources) {
  loading ??= tryInTurn(sources).catch(error => { loading = null; throw error; });
  return loading;
}

async function tryInTurn(sources) {
  for (const [kind, address] of sources) {
    const url = new URL(address, appBase()).href;
    try {
      if (kind === 'module') await import(url);
      else await runScript(url);
    } catch {
      continue; // the next place may have it
    }
    // Streamlit answers a missing file with its start page and status 200, so only this proves that it came.
    if (window.Plotly?.react) return window.Plotly;
  }
  throw new Error('plotly.js could not be loaded. Check the connection to the server and reload the page.');
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
