// N, the number of classes: any whole number with presets (closed forms), or one of those that were trained.

import { make } from './style.js';

const STEP_REST_MS = 300;

export class CountControl {
  constructor(tell) {
    this.tell = tell;
    this.field = make('span', 'field');
    const name = make('span', 'name', make('i', '', 'N'), ' =');
    name.setAttribute('aria-hidden', 'true');
    this.place = make('div', 'count', name, this.field);
  }

  show(n) {
    const kind = JSON.stringify([n.options, n.free, n.min, n.max, n.label]);
    this.n = n;
    if (kind !== this.kind) {
      this.kind = kind;
      if (n.free) this.buildFree();
      else this.buildSelect();
    }
    const editing = this.timer || (n.free && document.activeElement === this.input && this.input.value !== String(this.shown));
    if (n.value !== this.shown && !editing) this.input.value = n.value;
    this.shown = n.value;
    if (this.presets) this.presets.value = '';
  }

  buildSelect() {
    this.input = options(this.n.options);
    this.input.setAttribute('aria-label', this.n.label);
    this.input.addEventListener('change', () => this.commit());
    this.presets = null;
    this.field.replaceChildren(this.input, make('span', 'chevron'));
    this.field.className = 'field select';
    this.shown = undefined;
  }

  buildFree() {
    const { min, max, label } = this.n;
    this.input = make('input');
    Object.assign(this.input, { type: 'number', min, max, step: 1, inputMode: 'numeric' });
    this.input.setAttribute('aria-label', label);
    this.input.addEventListener('change', () => this.commitSoon());
    this.input.addEventListener('keydown', event => event.key === 'Enter' && this.commit());
    this.input.addEventListener('blur', () => this.commit());
    // A native list of presets over the chevron. (A datalist would offer only what matches the number already there.)
    this.presets = options(this.n.options);
    this.presets.className = 'presets';
    this.presets.setAttribute('aria-label', label);
    this.presets.addEventListener('change', () => {
      this.input.value = this.presets.value;
      this.commit();
    });
    const button = (sign, by) => {
      const made = make('button', 'step', sign);
      made.type = 'button';
      made.setAttribute('aria-label', `${label} ${sign}1`);
      made.addEventListener('click', () => this.step(by));
      return made;
    };
    this.field.replaceChildren(button('\u2212', -1), this.input, button('+', 1), make('span', 'chevron'), this.presets);
    this.field.className = 'field free';
    this.shown = undefined;
  }

  step(by) {
    this.input.value = this.clamped(Number(this.input.value) + by);
    this.commitSoon();
  }

  clamped(value) {
    const { min, max } = this.n;
    return Number.isFinite(value) ? Math.max(min, Math.min(max, Math.round(value))) : this.shown;
  }

  commitSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(), STEP_REST_MS);
  }

  commit() {
    clearTimeout(this.timer);
    this.timer = null;
    const text = this.input.value.trim();
    const value = text === '' ? this.shown : this.clamped(Number(text));
    this.input.value = value;
    if (value === this.shown) return;
    this.shown = value;
    this.tell(value);
  }

  remove() {
    clearTimeout(this.timer);
  }
}

function options(values) {
  const select = make('select');
  for (const value of values) {
    const option = make('option', '', String(value));
    option.value = value;
    select.append(option);
  }
  return select;
}
