// The phones' page: a code in its address opens the room, over a stream of events; without one it is the door.

import { learn, logo, make } from './kit.js';
import { Phone, door } from './phone.js';

const RETRY_MS = 2000;
const STALE_MS = 20_000; // without a word, when the phone wakes up

class Stream {
  constructor(phone, code) {
    this.phone = phone;
    this.code = code;
    addEventListener('online', () => this.connect());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && (this.source.readyState === EventSource.CLOSED || Date.now() - this.heardAt > STALE_MS)) this.connect();
    });
  }

  connect() {
    this.close();
    this.heardAt = Date.now();
    const address = `${this.code}/events?device=${this.phone.kept.device}`;
    const source = this.source = new EventSource(address);
    source.addEventListener('mine', event => this.phone.meet(JSON.parse(event.data)));
    source.addEventListener('message', event => {
      this.heardAt = Date.now();
      this.phone.hear(JSON.parse(event.data));
    });
    source.addEventListener('error', () => {
      this.phone.lose();
      if (source.readyState === EventSource.CLOSED) this.askWhy(address);
    });
  }

  /** The browser does not tell why a stream was refused. */
  async askWhy(address) {
    const stop = new AbortController();
    try {
      const answer = await fetch(address, { signal: stop.signal, cache: 'no-store' });
      if ([403, 404, 409, 410].includes(answer.status)) return this.phone.turnAway((await answer.json()).code);
    } catch { /* no connection at all */ } finally {
      stop.abort();
    }
    this.again = setTimeout(() => this.connect(), RETRY_MS);
  }

  async vote(said) {
    const answer = await fetch(`${this.code}/vote`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(said) });
    if (answer.status >= 500 || answer.status === 429 || answer.status === 403) throw Error(String(answer.status));
    return answer.ok ? '' : (await answer.json()).code;
  }

  close() {
    this.source?.close();
    clearTimeout(this.again);
  }

  figure = address => `../${address}`;
  room = code => location.assign(code);
}

learn(JSON.parse(document.getElementById('words').textContent));
const code = location.pathname.match(/\/room\/([a-z]{5})$/i)?.[1].toUpperCase();
const place = { header: document.querySelector('header'), main: document.querySelector('main') };
if (code) {
  place.header.replaceChildren(make('div', 'top', logo(), make('b', '', code)));
  new Phone(place, code, phone => new Stream(phone, code));
} else {
  door(place, '', '', typed => location.assign(typed));
}
