// What the server knows of alpha, and since when. The dock decides what is asked; couriers tell it; answers carry the serial they heard.

import { shared } from './bus.js';

const known = (shared.known ??= { session: undefined, serial: 0, alpha: undefined });

/** Whether the dock stands at an alpha that the server has not been told. */
export const untold = () => shared.asked !== undefined && shared.asked !== known.alpha;

/** Whether an answer was made without what was told last. */
export const unheard = ([session, serial]) => session === known.session && serial !== known.serial;

/** A serial for an alpha that is told now. */
export function sending(alpha) {
  known.alpha = alpha;
  return ++known.serial;
}

/** The address has another alpha by the browser's own doing, and Streamlit tells the server. */
export const addressed = alpha => { known.alpha = alpha; };

/** Whether an answer's alpha is the server's own doing (a link, a lecture's step), not what it was told or what it has not heard yet. */
export function isNews(alpha, [session, serial]) {
  if (session !== known.session) { // the first answer, or a server that began anew and knows the address alone
    const first = known.session === undefined;
    Object.assign(known, { session, serial, alpha });
    return first;
  }
  if (serial !== known.serial || alpha === known.alpha) return false;
  known.alpha = alpha;
  return true;
}
