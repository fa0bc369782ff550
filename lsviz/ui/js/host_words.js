// Streamlit's own words (the upload field, the tools of a table) in the language of the page: its program holds them in English alone.

const ATTRIBUTES = ['aria-label', 'title', 'placeholder'];
const NOT_WORDS = 'pre, code, svg, script, style, [data-testid=stIconMaterial]';
const WATCHED = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES };

let pairs = [];
let exact = new Map();
let patterns = [];
const observer = new MutationObserver(records => {
  for (const { type, target, attributeName, addedNodes } of records) {
    if (type === 'attributes') translateAttribute(target, attributeName);
    else if (type === 'characterData') translateText(target);
    else addedNodes.forEach(translate);
  }
});

/** From now on say `to` for each of Streamlit's [from, to]; a part in braces, "{what} per file", stays as it is. */
export function sayInstead(wanted) {
  if (JSON.stringify(wanted) === JSON.stringify(pairs)) return;
  observer.disconnect();
  learn(pairs.map(([from, to]) => [to, from])); // back to what Streamlit says
  if (pairs.length) translate(document.body);
  pairs = wanted;
  learn(pairs);
  if (!pairs.length) return;
  translate(document.body);
  observer.observe(document.body, WATCHED);
}

function learn(known) {
  exact = new Map(known.filter(([from]) => !from.includes('{')));
  patterns = known.filter(([from]) => from.includes('{')).map(([from, to]) => [pattern(from), to]);
}

const pattern = from => new RegExp(`^${from.split(/\{\w+\}/).map(RegExp.escape ?? (part => part.replace(/[^\w\s]/g, '\\$&'))).join('(.+)')}$`);

function translated(text) {
  const words = text.trim();
  if (!words) return text;
  const [head] = words.split(': '); // a tool names its table: "Search: Every stored network"
  const to = exact.get(words) ?? exact.get(head);
  if (to !== undefined) return text.replace(exact.has(words) ? words : head, () => to);
  for (const [known, say] of patterns) {
    const found = known.exec(words);
    if (found) return text.replace(words, () => say.replace(/\{\w+\}/, () => found[1]));
  }
  return text;
}

function translate(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    translateText(node);
  } else if (node.nodeType === Node.ELEMENT_NODE && !node.closest(NOT_WORDS)) {
    for (const name of ATTRIBUTES) translateAttribute(node, name);
    node.childNodes.forEach(translate);
  }
}

function translateText(node) {
  const said = translated(node.data);
  if (said !== node.data && !node.parentElement?.closest(NOT_WORDS)) node.data = said;
}

function translateAttribute(element, name) {
  const value = element.getAttribute(name);
  const said = value && translated(value);
  if (said !== value) element.setAttribute(name, said);
}
