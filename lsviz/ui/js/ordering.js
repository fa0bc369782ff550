// What is to be put in order, on the stage and on phones: rows that are dragged, or moved by buttons; and where a class put them.

/** A list of `rows` (nodes each, by number from 1) in `order`, which is changed in place; `changed()` after every move. */
export function ordering(make, rows, order, words, changed) {
  const list = make('ol', 'ordering');
  const draw = focus => {
    list.replaceChildren(...order.map((number, at) => {
      const step = (by, sign, label) => {
        const pressed = make('button', by < 0 ? 'up' : 'down', sign);
        Object.assign(pressed, { type: 'button', ariaLabel: `${label}: ${rows[number - 1].map(node => node.textContent ?? node).join('')}`, disabled: !order[at + by] });
        pressed.addEventListener('click', () => move(at, at + by, by < 0 ? 'up' : 'down'));
        return pressed;
      };
      return make('li', '', make('b', '', String(at + 1)), make('span', 'words', ...rows[number - 1].map(node => node.cloneNode?.(true) ?? node)), step(-1, '↑', words.up), step(1, '↓', words.down));
    }));
    if (focus) {
      const row = list.children[focus[0]];
      (row.querySelector(`.${focus[1]}:enabled`) ?? row.querySelector('button:enabled')).focus();
    }
  };
  const move = (from, to, button) => {
    order.splice(to, 0, ...order.splice(from, 1));
    draw(button && [to, button]);
    changed(order);
  };
  let held = null;
  list.addEventListener('pointerdown', event => {
    const row = event.target.closest('li');
    if (!row || event.target.closest('button')) return;
    held = [...list.children].indexOf(row);
    list.setPointerCapture(event.pointerId);
  });
  list.addEventListener('pointermove', event => {
    if (held === null) return;
    const below = [...list.children].findIndex(row => event.clientY < row.getBoundingClientRect().bottom);
    const to = below < 0 ? order.length - 1 : below;
    if (to !== held) {
      move(held, to);
      held = to;
    }
  });
  for (const end of ['pointerup', 'pointercancel']) list.addEventListener(end, () => { held = null; });
  draw();
  return list;
}

/** The rows in `order`; with `places` (row, place -> votes) the share of the class that put each in each place, the right one framed. */
export function placed(make, rows, order, places, right) {
  return make('ol', 'placed', ...order.map((number, at) => {
    const votes = places?.[number - 1];
    const all = votes?.reduce((a, b) => a + b, 0) || 1;
    const cells = votes?.map((count, place) => {
      const cell = make('i', right && place === at ? 'on' : '', String(Math.round(100 * count / all)));
      cell.style.setProperty('--share', count / all);
      return cell;
    });
    return make('li', '', right ? make('b', '', String(at + 1)) : '', make('span', 'words', ...rows[number - 1]), cells ? make('span', 'cells', ...cells) : '');
  }));
}
