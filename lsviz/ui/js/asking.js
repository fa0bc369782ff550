// The lecturer's line to the room where no address of its own is reached: questions, every other second.

import { Line } from './line.js';
import { ask } from './relay.js';

const PACE_MS = 2000;

/** Open a room; resolves with {code, secret}, rejects with a refusal. */
export async function openRoom(scene) {
  const told = await ask({ ask: 'open', ...scene });
  if (told.refused) throw told;
  return told;
}

/** The QR code of the room's address, as the address of a picture. */
export async function qrCode(code, at) {
  const { text } = await ask({ ask: 'qr', code, at });
  return `data:image/svg+xml,${encodeURIComponent(text)}`;
}

export class AskingLine extends Line {
  ask(question) {
    return ask({ code: this.code, secret: this.secret, ...question });
  }

  async listen() {
    while (!this.stop.signal.aborted) {
      await this.look();
      if (this.over) return;
      await new Promise(resolve => { this.next = resolve; setTimeout(resolve, PACE_MS); });
    }
  }

  async look() {
    try {
      const { refused, told } = await this.ask({ ask: 'desk' });
      if (this.stop.signal.aborted) return;
      if (refused && refused !== 'away') {
        this.over = true;
        return this.trouble(refused);
      }
      if (refused) throw Error(refused);
      this.over = told.ended;
      this.take(told);
    } catch {
      this.trouble('away');
    }
  }

  async post(act, step) {
    const { refused } = await this.ask({ ask: 'say', act, step });
    this.next?.();
    return refused ?? '';
  }

  async file(what) {
    const { name, text } = await this.ask({ ask: what });
    return text && { name, content: new Blob([text]) };
  }
}
