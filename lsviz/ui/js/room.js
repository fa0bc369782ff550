// What holds for the whole page: its language, for screen readers and line breaks, and in Streamlit's own words; captions dark enough to read; larger type for the back row. Text grows with the root's font size, charts as a whole, so that their proportions stay.

import { showWhatOpens } from './foot.js';
import { sayInstead } from './host_words.js';
import { useStyle } from './style.js';
import { showTerms } from './terms.js';

const LARGER = 1.3;
const PAPER = 680; // px between the margins of A4 and of Letter
const root = document.documentElement;

export async function render({ data, parentElement }) {
  await useStyle('room');
  const theme = getComputedStyle(parentElement); // Streamlit sets its variables inside components alone
  root.style.setProperty('--lsviz-muted', theme.getPropertyValue('--st-gray-text-color'));
  root.style.setProperty('--lsviz-text', theme.getPropertyValue('--st-text-color'));
  root.style.setProperty('--lsviz-font', theme.getPropertyValue('--st-font'));
  root.style.setProperty('--lsviz-ground', theme.getPropertyValue('--st-background-color'));
  root.lang = data.language;
  sayInstead(data.instead);
  showWhatOpens();
  showTerms(parentElement, data.glossary);
  root.classList.toggle('lsviz-large', data.large);
  root.style.setProperty('--lsviz-larger', LARGER);
}

// Paper is narrower than a screen: the page is printed as it is laid out, smaller, so that no figure is cut off or drawn anew.
// And it is white: browsers leave a dark ground out, and pale words would stand on nothing.
addEventListener('beforeprint', () => {
  root.classList.toggle('lsviz-was-dark', getComputedStyle(document.querySelector('[data-testid=stApp]') ?? root).colorScheme === 'dark');
  const block = document.querySelector('[data-testid=stMainBlockContainer]');
  const { paddingLeft, paddingRight } = getComputedStyle(block ?? root);
  const width = (block ?? root).clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  root.style.setProperty('--lsviz-width', `${width}px`);
  root.style.setProperty('--lsviz-print', Math.min(1, PAPER / width));
});

export function remove() {
  root.classList.remove('lsviz-large');
}

/** How many times larger than laid out a chart stands on the screen. */
export const magnification = gd => gd.lsviz?.stage?.scale ?? (root.classList.contains('lsviz-large') ? LARGER : 1);
