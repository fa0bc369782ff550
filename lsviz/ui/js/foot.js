// What a figure's menu opens below it is brought into view, above the dock, and the focus goes back to the menu's button.

const WAIT_MS = 8000; // for the page to be run
const OPENS = /st-key-(?:how|table)_(\S+)/;
let listening = false;

export function showWhatOpens() {
  if (listening) return;
  listening = true;
  document.addEventListener('click', ({ target }) => {
    const [, key] = OPENS.exec(target.closest?.('[data-testid=stPopoverBody] [class*=st-key-]')?.className) ?? [];
    if (key) bring(CSS.escape(key));
  }, true);
}

function bring(key) {
  const before = document.querySelector(`.st-key-below_${key}`)?.childElementCount ?? 0;
  const look = new MutationObserver(() => {
    const below = document.querySelector(`.st-key-below_${key}`);
    const count = below?.childElementCount ?? 0;
    if (count === before || document.querySelector(`.st-key-menu_${key}`)) return;
    stop();
    if (count > before) below.scrollIntoView({ block: 'nearest' });
    document.querySelector(`.st-key-more_${key} button`)?.focus({ preventScroll: true });
  });
  const stop = () => (look.disconnect(), clearTimeout(timer));
  const timer = setTimeout(stop, WAIT_MS);
  look.observe(document.body, { childList: true, subtree: true });
}
