// A lecture in the writing: this browser keeps it, so that a reload or a closed window loses nothing.

const PLACE = 'lsviz-draft';
let asked = false;

export function render({ data, setTriggerValue }) {
  try {
    const kept = localStorage.getItem(PLACE);
    const first = !asked && !data.known;
    asked = true;
    if (first && kept && kept !== data.text) return setTriggerValue('kept', kept);
    if (data.text) localStorage.setItem(PLACE, data.text);
    else localStorage.removeItem(PLACE);
  } catch { // a browser that keeps nothing: the session does
  }
}

export function remove() {}
