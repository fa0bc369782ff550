// The lecturer's second window: notes, pace, votes as they come, what is next, and the things to do.

import { LETTERS, badge, bars, bolded, button, counted, logo, make, marked, ownLanguage, paragraphs, secondsLeft, speaker, time } from './kit.js';

const [FEW_RIGHT, MANY_RIGHT] = [25, 70]; // percent: below, explain first; above, go on; between them talking helps
const LEAST_VOTES = 3; // for advice
const ON_PLAN_S = 30;
let header;
let main;
let footer;
let line;
let say;
let state;
let trouble = '';

const since = name => state[name] + (performance.now() - state.heardAt) / 1000;

function draw() {
  document.title = `${state.code} · ${state.title}`;
  document.documentElement.lang = state.language;
  say = speaker(state.language);
  header.replaceChildren(
    make('div', 'top', logo(), make('span', 'serif', state.title), trouble ? make('span', 'line', say.refusal(trouble)) : '',
      make('span', 'muted', say('room')), make('b', 'code', state.code), make('span', '', ...bolded(say('in_room', { count: state.present })))),
    plan());
  const round = say(state.round > 1 ? 'second_vote' : 'first_vote');
  main.replaceChildren(
    make('div', '',
      make('p', 'small', make('span', '', say('now', { step: state.step, page: say.page(state.page_name) }), state.asks ? `, ${round}` : ''), make('span', 'of-step')),
      make('h1', '', ...paragraphs(state.ask.length ? state.ask : state.say)),
      make('div', 'notes', ...paragraphs(state.notes)),
      state.asks ? votes() : ''),
    make('div', '',
      make('div', 'sees', make('p', 'small', say('room_sees')), screen()),
      make('div', 'next', ...following()),
      advice()));
  footer.replaceChildren(...deeds());
  tick();
}

/** The hour as planned: a segment a step, the needle is now. */
function plan() {
  const planned = state.minutes.map(minutes => minutes || 0);
  const list = make('ol', '', ...planned.map((minutes, i) => {
    const item = make('li', i + 1 < state.step ? 'past' : i + 1 === state.step ? 'now' : '', String(i + 1));
    item.style.flexGrow = minutes || 1;
    return item;
  }));
  return make('div', 'plan', list, ...(planned.some(Boolean) ? [make('i', 'needle'), make('span', 'pace')] : []));
}

/** What the clock moves, without building anything anew. */
function tick() {
  if (!state || state.ended) return;
  const seconds = state.minutes.map(minutes => 60 * (minutes || 0));
  const [open, step, whole] = [since('since_open'), since('since_step'), seconds.reduce((a, b) => a + b, 0)];
  const before = seconds.slice(0, state.step - 1).reduce((a, b) => a + b, 0);
  const own = seconds[state.step - 1];
  const place = main.querySelector('.of-step');
  if (place) place.textContent = own ? say('of_minutes', { time: time(step), minutes: own / 60 }) : time(step);
  const [clock, left] = [main.querySelector('.clock'), secondsLeft(state)];
  if (clock) clock.textContent = state.closed || left === 0 ? say('no_closed') : left == null ? '' : time(left);
  const pace = header.querySelector('.pace');
  if (!pace) return;
  const off = open < before - ON_PLAN_S ? open - before : open > before + own + ON_PLAN_S ? open - before - own : 0;
  const words = !off ? say('on_plan') : off < 0 ? say('ahead', { time: time(-off) }) : say('behind', { time: time(off) });
  pace.replaceChildren(...bolded(say('of', { count: time(open), all: time(whole) })), `, ${words}`);
  const at = Math.min(1, open / whole);
  for (const element of [pace, header.querySelector('.needle')]) element.style.left = `${100 * at}%`;
  pace.classList.toggle('left', at > 0.6);
}

function votes() {
  const names = state.order.length || state.draw ? [say('is_right'), say('not_right')] : state.pick ? ['too_low', 'met', 'too_high'].map(key => say(key)) : state.choices.map((_, i) => LETTERS[i]);
  return make('div', 'votes',
    make('p', 'told', make('span', '', ...bolded(say('have_answered', { count: state.answered, present: state.present }))), make('b', 'clock'), make('span', 'small', say('only_you'))),
    make('div', 'each', ...names.map((name, i) => {
      const right = i + 1 === state.right;
      const head = make('span', '', state.pick || state.order.length || state.draw ? make('span', 'small', name) : badge(name), right && !state.order.length && !state.draw ? make('span', 'small', say('is_right')) : '', counted(state.tallies, i));
      return make('div', right ? 'one right' : 'one', head, bars(state.tallies, i));
    })));
}

/** In words what stands on the screen in front. */
function screen() {
  const choices = state.choices.map((choice, i) => make('p', 'choice', badge(LETTERS[i], state.revealed && i + 1 === state.right ? 'on' : ''), make('span', '', ...marked(choice))));
  choices.push(...(state.right_order ?? state.order.map((_, i) => i + 1)).map(number => make('p', '', ...marked(state.order[number - 1]))));
  const learned = state.learned.map(pieces => make('p', '', ...marked(pieces)));
  return make('div', 'screen', ...paragraphs(state.say), make('div', 'serif', ...paragraphs(state.ask)), ...choices, ...learned,
    state.revealed && state.reveal?.length ? make('div', 'serif answer', ...paragraphs(state.reveal)) : '');
}

function following() {
  const next = state.following;
  if (!next) return [make('p', 'small', say('last_step'))];
  const minutes = next.minutes ? `, ${say('minutes', { minutes: next.minutes })}` : '';
  return [make('p', 'small', say('following', { step: state.step + 1, steps: state.steps, page: say.page(next.page_name) }) + minutes), make('div', 'serif', ...paragraphs(next.ask))];
}

/** What is advised by how many are right, the name of a deed; nothing with hardly any vote. */
function advised() {
  if (!state.asks || state.revealed || state.share == null || state.answered < LEAST_VOTES) return '';
  return state.share >= FEW_RIGHT && state.share <= MANY_RIGHT && state.again ? 'again' : 'reveal';
}

function advice() {
  const deed = advised();
  if (!deed) return '';
  const words = state.share < FEW_RIGHT ? 'advise_explain' : deed === 'again' ? 'advise_again' : 'advise_reveal';
  return make('p', 'advice', make('b', '', say('are_right', { share: state.share })), ' ', say(words));
}

function deeds() {
  const deed = (name, key, enabled, act) => {
    const made = button(advised() === name ? 'advised' : '', act, say(name === 'time' && state.left != null ? 'more_time' : `do_${name}`), make('kbd', '', key));
    made.disabled = !enabled;
    made.dataset.deed = name;
    return made;
  };
  return [
    deed('show', 'V', state.asks && !state.shown && !state.revealed, () => line.say('show', state.step)),
    deed('again', '2', state.again, () => line.say('again', state.step)),
    deed('time', 'T', state.asks && !state.shown && !state.revealed, () => line.say('time', state.step)),
    ...(state.left > 0 ? [deed('stop', 'S', true, () => line.say('stop', state.step))] : []),
    deed('reveal', 'R', state.ask.length > 0 && !state.revealed, () => line.say('reveal', state.step)),
    deed('next', '→', state.step < state.steps, () => line.say('step', state.step + 1)),
    saves(),
  ];
}

addEventListener('keydown', event => {
  if (event.altKey || event.ctrlKey || event.metaKey || !state) return;
  const press = name => { event.preventDefault(); footer.querySelector(`[data-deed=${name}]`)?.click(); };
  const key = event.key.toLowerCase();
  if (key === 'v') press('show');
  else if (key === '2') press('again');
  else if (key === 'r') press('reveal');
  else if (key === 't') press('time');
  else if (key === 's') press('stop');
  else if (['arrowright', 'pagedown'].includes(key)) press(state.ask.length && !state.revealed ? 'reveal' : 'next');
  else if (['arrowleft', 'pageup'].includes(key) && state.step > 1) line.say('step', state.step - 1);
});

function over(reason) {
  header.replaceChildren(make('div', 'top', logo(), make('span', 'serif', state?.title ?? 'lsviz')));
  main.replaceChildren(make('h1', '', say.refusal(reason)));
  footer.replaceChildren(...(state ? [saves()] : []));
}

const saves = () => make('div', '', button('quiet', () => line.save(), say('save')), button('quiet', () => line.save('summary.html'), say('save_summary')));

/** In `place`, which has header, main and footer; `lined(hear, trouble)` makes the line to the room of `code`. */
export function openDesk(place, code, lined) {
  ({ header, main, footer } = place);
  say = speaker(ownLanguage());
  if (!code) return over('secret');
  line = lined(told => {
    const before = state;
    state = told;
    trouble = '';
    if (told.ended) over('ended');
    else if (!before || before.number !== told.number || before.closed !== told.closed) draw();
  }, reason => {
    trouble = reason;
    if (reason !== 'away' || !state) over(reason);
    else draw();
  });
  setInterval(tick, 1000);
}
