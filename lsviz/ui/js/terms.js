// A glossary term's card: a link to the glossary whose title holds name, sentence and formula shows them beside it, on a tap, a hand that rests, or focus.

import { make, useStyle } from './style.js';

const TERM = 'a[href*="glossary#"][title], a.lsviz-term';
const REST_MS = 300;
const titles = new WeakMap();
let words = null;
let open = null; // {term, card, pinned}
let timer = null;

/** From now on terms open their cards in `place`; `glossary` names their last line's link. */
export function showTerms(place, glossary) {
  const first = !words;
  words = { place, glossary };
  if (!first) return;
  useStyle('terms');
  const term = event => event.target.closest?.(TERM);
  document.addEventListener('pointerover', event => {
    if (event.pointerType !== 'mouse' || open?.pinned) return;
    const over = term(event) ?? (open?.card.contains(event.target) ? open.term : null);
    if (over) untitled(over);
    later(over !== open?.term, () => (over ? show(over) : close()));
  });
  document.addEventListener('focusin', event => {
    if (term(event)?.matches(':focus-visible')) show(term(event));
    else if (!open?.card.contains(event.target)) close();
  });
  document.addEventListener('click', event => {
    const pressed = term(event);
    if (pressed && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      show(pressed, true);
    } else if (!open?.card.contains(event.target)) close();
  }, true);
  document.addEventListener('keydown', keys, true);
  for (const what of ['scroll', 'resize']) addEventListener(what, () => open && place_(), { capture: true, passive: true });
}

function later(changes, what) {
  clearTimeout(timer);
  if (changes) timer = setTimeout(what, REST_MS);
}

/** What the title says; it is taken off, as the browser would show it a second time. */
function untitled(term) {
  if (term.title) {
    titles.set(term, term.title);
    term.removeAttribute('title');
    term.classList.add('lsviz-term');
  }
  return titles.get(term).split('\u2003');
}

function show(term, pinned = false) {
  clearTimeout(timer);
  if (open?.term === term) return void (open.pinned ||= pinned);
  close();
  const [name, sentence, formula] = untitled(term);
  const more = Object.assign(make('a', '', words.glossary), { href: entry(term), target: '_blank', rel: 'noopener' });
  const card = make('div', 'lsviz-card', make('strong', '', name), make('span', '', sentence), ...(formula ? [make('span', 'formula', formula)] : []), more);
  card.setAttribute('role', 'dialog');
  card.setAttribute('aria-label', name);
  words.place.append(card);
  open = { term, card, pinned };
  place_();
}

/** The address of its entry, with this view's query: an address that the app completes loses its #entry. */
function entry(term) {
  const address = new URL(term.href);
  const query = new URLSearchParams(location.search);
  for (const name of ['scene', 'step', 'open']) query.delete(name);
  return Object.assign(address, { search: query });
}

function place_() {
  const { term, card } = open;
  const at = term.getClientRects()[0];
  const floor = document.querySelector('[data-testid=stBottom]')?.getBoundingClientRect().top ?? innerHeight;
  if (!term.isConnected || !at || at.bottom < 0 || at.top > floor) return close();
  if (innerWidth <= 640) return void (card.style.bottom = `${innerHeight - floor}px`);
  const below = at.bottom + 8 + card.offsetHeight <= floor;
  card.style.left = `${Math.max(8, Math.min(at.left - 16, innerWidth - card.offsetWidth - 8))}px`;
  card.style.top = `${below ? at.bottom + 8 : at.top - 8 - card.offsetHeight}px`;
}

function close() {
  clearTimeout(timer);
  open?.card.remove();
  open = null;
}

/** Escape closes; Tab goes from the term into its card and from there on behind the term. */
function keys(event) {
  if (!open || !['Escape', 'Tab'].includes(event.key)) return;
  const inside = open.card.contains(document.activeElement);
  const { term, card } = open;
  if (event.key === 'Escape') {
    if (inside) term.focus();
    event.stopPropagation();
    return close();
  }
  if (!inside && document.activeElement === term && !event.shiftKey) {
    event.preventDefault();
    card.querySelector('a').focus();
  } else if (inside) {
    term.focus({ preventScroll: true }); // what follows a term in the page follows its card
    if (event.shiftKey) event.preventDefault();
    else close();
  }
}
