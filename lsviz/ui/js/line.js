// The lecturer's line to the room: what happens there comes in, what the lecturer does goes out. The secret never stands in an address.

const RETRY_MS = 1500;

/** Whether this server's rooms answer by their own addresses: a host may forward Streamlit's alone, or answer with its page. */
export async function reachable(root) {
  try {
    const answer = await fetch(`${root}files/hall.css`, { cache: 'no-store' });
    return answer.ok && answer.headers.get('Content-Type').startsWith('text/css');
  } catch {
    return false;
  }
}

/** Open a room for a lecture; resolves with {code, secret}, rejects with a refusal {code, say}. `root` is the address of /room/. */
export async function openRoom(root, { scene, language, step }) {
  const answer = await fetch(root.replace(/\/$/, ''), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ scene, language, step }) });
  const told = await answer.json();
  if (!answer.ok) throw told;
  return told;
}

export class Line {
  /** `hear(state)` at every change, `trouble(code)` while the room cannot be heard: 'away', or why it never will be again. */
  constructor(root, { code, secret }, hear, trouble) {
    Object.assign(this, { root, code, secret, hear, trouble, number: 0 });
    this.stop = new AbortController();
    this.listen();
  }

  get headers() {
    return { Authorization: `Bearer ${this.secret}` };
  }

  async listen() {
    while (!this.stop.signal.aborted) {
      try {
        const answer = await fetch(`${this.root}${this.code}/desk`, { headers: this.headers, signal: this.stop.signal, cache: 'no-store' });
        if (!answer.ok) {
          const { code } = await answer.json();
          if (code !== 'away') return this.trouble(code);
          throw Error(code);
        }
        if (await this.read(answer.body.getReader())) return;
      } catch {
        if (this.stop.signal.aborted) return;
        this.trouble('away');
      }
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Until the stream ends; true when the room has. */
  async read(reader) {
    const decoder = new TextDecoder();
    let kept = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      kept += decoder.decode(value, { stream: true });
      const messages = kept.split('\n\n');
      kept = messages.pop();
      for (const message of messages) {
        const data = message.split('\n').find(line => line.startsWith('data: '));
        if (!data) continue;
        if (this.take(JSON.parse(data.slice(6)))) return true;
      }
    }
  }

  /** The room's new state; true when it has ended. */
  take(state) {
    this.state = { ...this.state, ...state, heardAt: performance.now() };
    this.hear(this.state);
    return state.ended;
  }

  /** 'step' with a number; 'show', 'again', 'reveal', 'time', 'stop' of the step that is on; 'end'. Resolves with '' or the code of a refusal. */
  async say(act, step) {
    for (let tries = 0; ; tries++) {
      try {
        return await this.post(act, step);
      } catch {
        if (tries >= 3) return 'away';
        await new Promise(resolve => setTimeout(resolve, 500 * 2 ** tries));
      }
    }
  }

  async post(act, step) {
    const answer = await fetch(`${this.root}${this.code}/say`, {
      method: 'POST', headers: { ...this.headers, 'Content-Type': 'application/json' }, body: JSON.stringify({ act, step }),
    });
    return answer.ok ? '' : (await answer.json()).code;
  }

  async file(what) {
    const answer = await fetch(`${this.root}${this.code}/${what}`, { headers: this.headers });
    return answer.ok && { name: answer.headers.get('Content-Disposition').match(/"(.+)"/)[1], content: await answer.blob() };
  }

  /** All votes as 'votes.csv', or what the class said as 'summary.html', which takes a while. */
  async save(what = 'votes.csv') {
    const file = await this.file(what).catch(() => null); // the button is still there
    if (!file) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file.content);
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  close() {
    this.stop.abort();
  }
}
