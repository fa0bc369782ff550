// Brings one element below the lecture's bar, with the heading it stands under, and keeps it there while the page above it still grows.

const KEEP_MS = 6000;
const HEADING_PX = 260; // a heading further above belongs to something else
const GAP_PX = 14;
const TAKEN = ['wheel', 'touchmove', 'keydown', 'pointerdown']; // the reader scrolls or does something: hands off

/** Forget the aim. */
export let release = () => {};

/**
 * Scroll to the element of Streamlit's key `key`; '' is the top of the page. Where the bar does not stay in view, on phones, the page
 * stays at its top: the question comes first. `missed` is called where there is no such element in the end.
 */
export function aim(key, bar, missed) {
  release();
  const main = document.querySelector('[data-testid=stMain]');
  const page = main?.querySelector('[data-testid=stMainBlockContainer]');
  if (!page) return;
  const held = getComputedStyle(bar.closest('.st-key-lecture_bar').parentElement);
  if (!key || held.position !== 'sticky') {
    main.scrollTo(0, 0);
    return;
  }
  const place = () => {
    const found = page.querySelector(`.st-key-${CSS.escape(key)}`);
    if (found) main.scrollBy(0, top(found, page) - parseFloat(held.top) - bar.offsetHeight - GAP_PX);
    return found;
  };
  const listeners = new AbortController();
  const grown = new ResizeObserver(place);
  const timer = setTimeout(() => {
    if (!place()) missed();
    release();
  }, KEEP_MS);
  release = () => {
    listeners.abort();
    grown.disconnect();
    clearTimeout(timer);
  };
  const taken = event => /^Page/.test(event.key) || release(); // the clicker's keys are the bar's
  for (const what of TAKEN) window.addEventListener(what, taken, { capture: true, passive: true, signal: listeners.signal });
  grown.observe(page);
  grown.observe(bar);
}

function top(found, page) {
  const at = found.getBoundingClientRect().top;
  const above = [...page.querySelectorAll('h2, h3')].map(heading => heading.getBoundingClientRect().top).filter(y => y <= at && y > at - HEADING_PX);
  return above.length ? Math.max(...above) : at;
}
