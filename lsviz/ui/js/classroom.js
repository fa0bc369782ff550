// The class in a lecture: a room is opened for it, its screen brings phones in, and what they answer comes back to the stage.

import { AskingLine, openRoom as askForRoom, qrCode } from './asking.js';
import { appBase } from './bus.js';
import { bolded, nameOf, secondsLeft, time } from './kit.js';
import { Line, openRoom, reachable } from './line.js';
import { make } from './style.js';

const KEPT = 'lsviz-classroom'; // in the tab: a lecture that is loaded again finds its room
const [LATEST, LATEST_ASKED] = [35, 10]; // words on the room's screen, where there are more
let posting = 0; // words on their way, also a bar's that the next page has replaced
const HERE = /^(localhost|127\.|\[::1\])/;

export class Classroom {
  /** `changed()` when anything is to be drawn anew, `follow(step)` when another window has turned the step. */
  constructor(changed, follow) {
    Object.assign(this, { changed, follow, heardStep: null });
    this.opener = this.button('open', () => this.open());
    this.ticket = this.button('ticket', () => this.turnScreen());
    this.tally = make('span', 'tally');
    this.clock = this.button('clock', () => this.say('stop', this.step));
    this.ticking = setInterval(() => this.drawClock(), 250);
    this.screen = make('section', 'hall');
    this.screen.hidden = true;
  }

  button(name, act, text = '') {
    const made = make('button', name, text);
    made.type = 'button';
    made.addEventListener('click', event => {
      act();
      if (event.detail) made.blur();
    });
    return made;
  }

  get root() {
    return new URL('room/', appBase()).href;
  }

  /** The address as it is typed. */
  get address() {
    return (this.room?.asked ? `${appBase()}?join=${this.room.code}` : this.root).replace(/^https?:\/\/|\/$/g, '');
  }

  /** The room's state if it is on this step. */
  on(step) {
    return this.state?.step === step && this.line ? this.state : null;
  }

  /** What the lecture is, from the server; nothing for students. */
  meet(classroom, step) {
    this.data = classroom;
    this.step = step;
    this.draw();
    if (!classroom || this.line) return;
    const kept = recall();
    if (kept?.scene === classroom.scene) this.enter(kept);
  }

  // ---- opening, and the line ----

  async open() {
    if (this.coming) return;
    this.coming = true;
    try {
      const { scene, language } = this.data;
      const asked = !await reachable(this.root);
      const lecture = { scene, language, step: this.step };
      this.enter({ ...await (asked ? askForRoom(lecture) : openRoom(this.root, lecture)), scene, asked });
    } catch (refused) {
      this.wrong = refused?.say ?? this.data.words.no_room;
    } finally {
      this.coming = false;
    }
    this.turnScreen(true);
    this.draw();
  }

  enter(room) {
    this.room = room;
    this.wrong = '';
    remember(room);
    this.line = new (room.asked ? AskingLine : Line)(this.root, room, state => this.hear(state), code => this.trouble(code));
  }

  hear(state) {
    this.state = state;
    this.away = false;
    if (state.ended) return this.trouble('ended');
    if (state.step !== this.heardStep) {
      this.heardStep = state.step;
      if (!posting && state.step !== this.step) this.follow(state.step);
    }
    this.draw();
    this.changed();
  }

  /** While it is away the lecture goes on; a room that is over is forgotten. */
  trouble(code) {
    this.away = true;
    if (code !== 'away') {
      this.line?.close();
      this.line = this.state = null;
      this.heardStep = null;
      remember(null);
      this.turnScreen(false);
    }
    this.draw();
    this.changed();
  }

  async say(act, step) {
    if (!this.line) return;
    posting += 1;
    await this.line.say(act, step);
    posting -= 1;
  }

  /** The lecture stands at a step. */
  turn(step) {
    this.step = step;
    if (this.line && this.state?.step !== step) this.say('step', step);
  }

  end() {
    this.say('end', this.step);
  }

  // ---- in the strip ----

  draw() {
    const { data, state, room } = this;
    this.opener.hidden = !data || Boolean(this.line);
    this.ticket.hidden = !this.line;
    this.tally.hidden = !this.line;
    if (!data) return;
    const { words } = data;
    this.opener.textContent = words.open_room;
    if (!this.line) return this.drawScreen();
    this.ticket.replaceChildren(make('span', '', this.address), make('b', '', room.code));
    this.ticket.title = this.ticket.ariaLabel = words.room_screen;
    const vote = state && data.rounds[state.round - 1];
    this.tally.replaceChildren(...this.away ? [words.no_line]
      : !state?.asks || !state.present ? []
      : [`${vote} `, ...bolded(words.answered.replace('{count}', state.answered).replace('{present}', state.present))]);
    this.clock.title = words.stop_clock;
    this.drawClock();
    this.drawScreen();
  }

  drawClock() {
    const left = this.line && this.state?.asks ? secondsLeft(this.state) : null;
    const closed = this.line && this.state?.asks && (this.state.closed || left === 0);
    this.clock.textContent = closed ? this.data.words.closed : left == null ? '' : time(left);
    this.clock.hidden = !this.clock.textContent;
    this.clock.disabled = Boolean(closed);
  }

  // ---- the room's screen ----

  turnScreen(open = this.screen.hidden) {
    this.screen.hidden = !open;
    this.drawScreen();
  }

  drawScreen() {
    if (this.screen.hidden || !this.data) return;
    const { words, title } = this.data;
    const head = make('div', 'head', make('i', 'logo'), make('b', '', title), make('span', '', words.nothing_to_install), this.button('leave', () => this.turnScreen(false), '×'));
    head.lastChild.title = head.lastChild.ariaLabel = words.close_screen;
    if (!this.line) return this.screen.replaceChildren(head, make('p', 'wrong', this.wrong ?? ''));
    const { code, secret, asked } = this.room;
    if (this.qr?.dataset.code !== code) {
      this.qr = make('img', 'qr');
      this.qr.dataset.code = code;
      this.qr.alt = words.qr_alt;
      this.qr.src = asked ? '' : `${this.root}${code}/qr.svg?at=${encodeURIComponent(this.root)}`;
      if (asked) qrCode(code, appBase()).then(src => { this.qr.src = src; }, () => {});
    }
    const address = make('p', 'address', this.address);
    address.style.setProperty('--letters', this.address.length);
    const present = this.state?.words ?? [];
    const most = asked ? LATEST_ASKED : LATEST;
    const told = present.length > most + 7 ? present.slice(-most) : present;
    const people = make('div', 'people', ...told.map((place, i) => make(i === told.length - 1 ? 'b' : 'span', '', nameOf(this.data.names, place))));
    this.screen.replaceChildren(head,
      make('div', 'door', this.qr),
      make('div', 'way',
        make('p', '', words.point), address, make('p', '', words.and_code),
        make('div', 'tiles', ...[...code].map(letter => make('b', '', letter))),
        asked ? make('p', 'limit', words.asked) : '',
        HERE.test(location.host) ? make('p', 'here', words.localhost) : '',
        make('div', 'in', make('p', '', ...bolded(words.are_in.replace('{count}', present.length)), make('span', '', words.own_word)), people)),
      make('div', 'deeds',
        this.button('', () => open(`${asked ? `${appBase()}?join=${code}` : `${this.root}desk`}#${code}.${secret}`, '_blank', 'noopener'), words.second_window),
        this.button('', () => this.line.save(), words.save_votes),
        this.button('', () => this.line.save('summary.html'), words.save_summary),
        this.button('', () => this.end(), words.end_room)));
  }

  /** What a key does here, or nothing: V, 2, T, S and Q; the room's screen takes the next key. */
  meaning(key) {
    if (!this.screen.hidden) return () => this.turnScreen(false);
    if (!this.line) return key === 'q' && this.data ? () => this.open() : null;
    return { q: () => this.turnScreen(), v: () => this.say('show', this.step), 2: () => this.say('again', this.step), t: () => this.say('time', this.step), s: () => this.say('stop', this.step) }[key] ?? null;
  }

  remove() {
    clearInterval(this.ticking);
    this.line?.close();
  }
}

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

function remember(room) {
  try {
    if (room) sessionStorage.setItem(KEPT, JSON.stringify(room));
    else sessionStorage.removeItem(KEPT);
  } catch { /* then the room lasts as long as the page */ }
}
