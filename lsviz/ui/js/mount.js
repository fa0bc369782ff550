// Between Streamlit's components and our programs: unpacks what came, keeps render and remove in the order of coming, and has the server
// told of alpha before a component says anything.

import { shared } from './bus.js';

const turns = new WeakMap(); // where a component stands -> its last call
const kept = new WeakMap(); // where a component stands -> what it unpacked last

/** Render `part` by the program that is `served` (a promise of its module). Returns what takes it away again. */
export function mounted(part, served) {
  const root = part.parentElement;
  const setTriggerValue = (...said) => { shared.catchUp?.(); part.setTriggerValue(...said); };
  const called = inTurn(root, Promise.all([served, unpacked(root, part.data)]), ([program, data]) => program.render({ ...part, data, setTriggerValue }));
  called.then(({ drawn }) => drawn)
    .then(() => root.querySelector('.lsviz-waiting')?.remove())
    .catch(error => { root.textContent = error; });
  return () => inTurn(root, served, program => program.remove(root)); // a page may leave before the files have come
}

/** `call` with what is `coming`, once all earlier calls for this place were made; it need not wait until they have drawn. */
function inTurn(root, coming, call) {
  const called = Promise.all([coming, turns.get(root)]).then(([came]) => ({ drawn: call(came) }));
  turns.set(root, called.catch(() => {}));
  return called;
}

/** JSON comes in a list. Bytes are a line of JSON, and gzipped JSON below it: large, and the same for everybody. */
async function unpacked(root, data) {
  if (!(data instanceof Uint8Array)) return data[0];
  const end = data.indexOf(10);
  const { digest, ...head } = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  if (kept.get(root)?.digest !== digest) {
    const body = new Blob([data.subarray(end + 1)]).stream().pipeThrough(new DecompressionStream('gzip'));
    kept.set(root, { digest, body: new Response(body).json() });
  }
  return { ...await kept.get(root).body, ...head };
}
