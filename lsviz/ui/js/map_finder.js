// "Find a class": a field with the classes below it, a tree of superclasses while it is empty; and the classes that are pinned.

import { make } from './style.js';

export class Finder {
  /** `heard` is { aim(classes), pin(classes), unpin(k), next(k), outline() }: what the reader points at, keeps, gives back, asks an image of, wants lines around. */
  constructor(heard) {
    this.heard = heard;
    this.input = make('input');
    Object.assign(this.input, { type: 'text', autocomplete: 'off', spellcheck: false });
    this.list = make('ul', 'list');
    this.list.hidden = true;
    this.list.id = `lsviz-classes-${Math.random().toString(36).slice(2)}`;
    this.list.setAttribute('role', 'listbox');
    for (const [name, value] of [['role', 'combobox'], ['aria-controls', this.list.id], ['aria-expanded', 'false'], ['aria-autocomplete', 'list']]) {
      this.input.setAttribute(name, value);
    }
    this.pins = make('span', 'pins');
    this.place = make('div', 'find', make('div', 'field', this.input, this.list));
    this.input.addEventListener('input', () => this.open());
    this.input.addEventListener('focus', () => this.open());
    this.input.addEventListener('click', () => this.open());
    this.input.addEventListener('blur', () => this.close());
    this.input.addEventListener('keydown', event => this.pressed(event));
    this.list.addEventListener('pointerdown', event => {
      const row = event.target.closest('[role=option]');
      event.preventDefault(); // the field keeps the focus
      if (row) this.take(this.rows[row.dataset.at]);
    });
  }

  show({ classes, families, words }) {
    this.classes = classes;
    this.families = families;
    this.input.placeholder = words.find;
    this.input.setAttribute('aria-label', words.find);
    this.list.setAttribute('aria-label', words.find);
    this.unpinWord = words.unpin;
    this.outlineWord = words.outline;
  }

  /** Rows that answer to what is typed: [{ text, color, members, family, beside }]. */
  found() {
    const asked = this.input.value.trim().toLowerCase();
    const members = family => this.classes.flatMap((one, k) => (one.family === family ? [k] : []));
    const ofClass = k => ({ text: this.classes[k].name, color: this.classes[k].color, members: [k], beside: this.families[this.classes[k].family]?.name ?? '' });
    const ofFamily = f => ({ text: this.families[f].name, color: this.families[f].color, members: members(f), family: true, beside: '' });
    if (!asked) {
      const grown = this.families.map((_, f) => f).filter(f => members(f).length);
      return grown.length ? grown.flatMap(f => [ofFamily(f), ...members(f).map(k => ({ ...ofClass(k), beside: '', inside: true }))]) : this.classes.map((_, k) => ofClass(k));
    }
    const every = [...this.classes.map((_, k) => ofClass(k)), ...this.families.map((_, f) => ofFamily(f))];
    const rank = ({ text }) => {
      const at = text.toLowerCase().indexOf(asked);
      return at < 0 ? Infinity : (at ? 2 : 0) + text.length / 99;
    };
    return every.filter(row => rank(row) < Infinity && row.members.length).sort((a, b) => rank(a) - rank(b)).slice(0, 8);
  }

  open() {
    this.rows = this.found();
    this.at = this.input.value.trim() ? 0 : -1;
    this.list.replaceChildren(...this.rows.map((row, i) => {
      const dot = make('i');
      dot.style.background = row.color;
      const item = make('li', row.family ? 'family' : row.inside ? 'inside' : '', dot, make('span', '', row.text), make('small', '', row.beside));
      item.id = `${this.list.id}-${i}`;
      item.dataset.at = i;
      item.setAttribute('role', 'option');
      return item;
    }));
    this.list.hidden = !this.rows.length;
    this.input.setAttribute('aria-expanded', String(!this.list.hidden));
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === this.at)));
    const now = this.list.children[this.at];
    now?.scrollIntoView({ block: 'nearest' });
    if (now) this.input.setAttribute('aria-activedescendant', now.id);
    else this.input.removeAttribute('aria-activedescendant');
    this.heard.aim(this.rows[this.at]?.members ?? []);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.heard.aim([]);
  }

  pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      if (this.list.hidden) this.open();
      this.at = Math.max(0, Math.min(this.rows.length - 1, this.at + step));
      this.mark();
    } else if (event.key === 'Enter' && this.rows?.[this.at] && !this.list.hidden) {
      this.take(this.rows[this.at]);
    } else if (event.key === 'Escape') {
      this.input.value = '';
      this.close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  take(row) {
    this.input.value = '';
    this.close();
    this.heard.pin(row.members);
  }

  /** Chips of the pinned classes: its name asks for an image of it, the cross gives it back; then the switch for lines around them. */
  showPins(pinned, outlined) {
    const outline = make('button', 'outline', this.outlineWord);
    outline.type = 'button';
    outline.setAttribute('aria-pressed', String(Boolean(outlined)));
    outline.addEventListener('click', () => this.heard.outline());
    const chips = [...pinned].map(k => {
      const { name, color } = this.classes[k];
      const dot = make('i');
      dot.style.background = color;
      const open = make('button', 'next', dot, name);
      const away = make('button', 'away', '×');
      for (const button of [open, away]) button.type = 'button';
      away.setAttribute('aria-label', this.unpinWord.replace('{name}', name));
      open.addEventListener('click', () => this.heard.next(k));
      away.addEventListener('click', () => this.heard.unpin(k));
      return make('span', 'pin', open, away);
    });
    this.pins.replaceChildren(...chips, ...(chips.length ? [outline] : []));
  }
}
