// What phones, the second window and the stage share of a class: words, elements, votes as bars.

import { make } from './style.js';

export { make };

let texts = {};

/** Take the words to speak, by language. */
export const learn = words => { texts = words; };
export const LETTERS = 'ABCD';
const MANY = 60; // votes, above which shares are told

/** The word of a phone, by its place in the order of coming. */
export const nameOf = (names, place) => names[place % names.length] + (place >= names.length ? ` ${Math.floor(place / names.length) + 1}` : '');

/** The words of a language, {placeholders} filled: say('few', {count: 3}). */
export function speaker(language) {
  const words = texts[language] ?? texts.en;
  const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  say.nameOf = place => nameOf(words.names, place);
  say.page = page => words.pages[page] ?? page;
  say.refusal = code => words[`no_${code}`] ?? words.no_away;
  return say;
}

/** The first language of the browser's that there are words for. */
export const ownLanguage = () => (navigator.languages ?? []).map(tag => tag.split('-')[0]).find(tag => texts[tag]) ?? 'en';

/** A sentence in which **this** is bold. */
export const bolded = text => text.split('**').map((part, i) => i % 2 ? make('b', '', part) : part);

export function button(className, act, ...children) {
  const made = make('button', className, ...children);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

/** A piece of marked text, [text, classes]; numbers stay with their signs. */
const piece = ([text, className]) => make('span', className, text.replace(/ (?=[−+=·×%])|(?<=[−+=·×]) /g, '\u00a0').replace(/(?<=[%)])(?=[가-힣])/g, '\u2060'));
export const marked = pieces => pieces.map(piece);
export const paragraphs = lines => lines.map(pieces => make('p', '', ...marked(pieces)));

export const logo = () => make('i', 'logo');
export const badge = (letter, className = '') => make('b', `badge ${className}`, letter);
export const alphaText = alpha => `α = ${Number(alpha).toFixed(2)}`;

/** "0:42". */
export const time = seconds => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** Seconds that are left of a state's countdown, whole ones; null where none runs. Only the time since it was heard counts, by no clock that can be wrong. */
export const secondsLeft = state => state?.left == null ? null : Math.max(0, Math.ceil(state.left - (performance.now() - state.heardAt) / 1000));

/** "8 → 21", or shares where many voted; nothing where too few did. */
export function counted(counts, place) {
  const told = counts.filter(Boolean).map(votes => {
    const all = votes.reduce((a, b) => a + b, 0);
    return all > MANY ? `${Math.round(100 * votes[place] / all)} %` : String(votes[place]);
  });
  return make('span', 'count', ...told.flatMap((text, i) => [i ? ' → ' : '', i === told.length - 1 ? make('b', '', text) : text]));
}

/** One bar a vote, as long as its share of the vote: the first outlined where there is a second. */
export function bars(counts, place) {
  const told = counts.map((votes, i) => [votes, i]).filter(([votes]) => votes);
  return make('span', 'bars', ...told.map(([votes, i]) => {
    const all = votes.reduce((a, b) => a + b, 0) || 1;
    const bar = make('i', i < counts.length - 1 ? 'first' : 'last');
    bar.style.width = `${100 * votes[place] / all}%`;
    return bar;
  }));
}

/** What the outlined and the filled bar are, where there are both. */
export const barsKey = (counts, say) => counts.filter(Boolean).length > 1
  ? make('p', 'key', make('i', 'first'), say('first_vote'), make('i', 'last'), say('second_vote')) : '';
