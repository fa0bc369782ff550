// The page of a phone, or of the lecturer's second window, inside Streamlit: it asks every few seconds.

import { AskingLine } from './asking.js';
import { openDesk } from './desk.js';
import { learn } from './kit.js';
import { Phone, door } from './phone.js';
import { ask } from './relay.js';
import { appBase } from './bus.js';
import { make, useStyle } from './style.js';

const PACE_MS = 5000;
let place;

class Asking {
  constructor(phone, code) {
    this.phone = phone;
    this.code = code;
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.connect(); });
  }

  /** Now, and every few seconds from now on. */
  async connect() {
    clearTimeout(this.later);
    if (this.closed) return;
    try {
      const { refused, told, mine } = await ask({ ask: 'look', code: this.code, device: this.phone.kept.device });
      if (refused && !['away', 'fast'].includes(refused)) return this.phone.turnAway(refused);
      if (refused) throw Error(refused);
      if (!this.met) this.phone.meet(mine);
      this.met = true;
      this.phone.hear(told);
    } catch {
      this.phone.lose();
    }
    clearTimeout(this.later);
    if (!this.closed) this.later = setTimeout(() => this.connect(), PACE_MS);
  }

  async vote(said) {
    const { refused } = await ask({ ask: 'vote', code: this.code, ...said });
    if (['away', 'fast', 'stranger'].includes(refused)) throw Error(refused);
    this.connect();
    return refused ?? '';
  }

  close() {
    this.closed = true;
    clearTimeout(this.later);
  }

  figure(address) {
    const [page, query] = address.split('?');
    return `${appBase()}?visit=${page}&${query}`;
  }

  room = code => location.assign(`${appBase()}?join=${code}`);
}

export async function render({ data, parentElement }) {
  if (place) return;
  learn(data.words);
  const [, code, secret] = location.hash.match(/^#([A-Z]{5})\.([\w-]+)$/) ?? [];
  place = { header: make('header'), main: make('main'), footer: make('footer') };
  const body = make('div', secret ? 'desk' : 'phone', place.header, place.main, secret ? place.footer : '');
  place.main.setAttribute('aria-live', 'polite');
  await useStyle('hall');
  const whole = make('div', 'guest', body);
  parentElement.append(whole);
  if (secret) return openDesk(place, code, (hear, trouble) => new AskingLine('', { code, secret }, hear, trouble));
  const go = typed => location.assign(`${appBase()}?join=${typed}`);
  if (/^[A-Z]{5}$/.test(data.code)) new Phone(place, data.code, phone => new Asking(phone, data.code));
  else door(place, '', '', go);
}

export function remove() {}
