// Stylesheets that belong to served modules, each linked once.

const linked = new Map();

/** Link `name`.css from beside this module; resolves when it applies (or failed: unstyled is better than nothing). */
export function useStyle(name) {
  if (!linked.has(name)) {
    linked.set(name, new Promise(resolve => {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.href = new URL(`${name}.css`, import.meta.url).href;
      link.onload = link.onerror = () => resolve();
      document.head.append(link);
    }));
  }
  return linked.get(name);
}

/** A new element with a class and children (strings become text, never markup). */
export function make(tag, className = '', ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
