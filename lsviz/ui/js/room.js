// Larger type for the back row: text grows with the root's font size, charts as a whole, so that their proportions stay.

import { useStyle } from './style.js';

const LARGER = 1.3;
const root = document.documentElement;

export async function render({ data }) {
  await useStyle('room');
  root.classList.toggle('lsviz-large', data.large);
  root.style.setProperty('--lsviz-larger', LARGER);
}

export function remove() {
  root.classList.remove('lsviz-large');
}

/** How many times larger than laid out charts stand on the screen. */
export const magnification = () => (root.classList.contains('lsviz-large') ? LARGER : 1);
