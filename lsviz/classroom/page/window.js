// The lecturer's second window. Its address holds the secret behind the #, where no server sees it.

import { openDesk } from './desk.js';
import { learn } from './kit.js';
import { Line } from './line.js';

learn(JSON.parse(document.getElementById('words').textContent));
const [, code, secret] = location.hash.match(/^#([A-Z]{5})\.([\w-]+)$/) ?? [];
const place = { header: document.querySelector('header'), main: document.querySelector('main'), footer: document.querySelector('footer') };
openDesk(place, code, (hear, trouble) => new Line(new URL('.', location.href).href, { code, secret }, hear, trouble));
