// Figures name theme values as CSS variables, var(--lsviz-text); here they become the colours of the theme on screen.

const TOKEN = /^var\(--lsviz-(\w+)\)$/;

const STREAMLIT_NAME = {
  text: 'text-color',
  muted: 'gray-text-color',
  grid: 'border-color-light',
  line: 'border-color',
  ctx: 'gray-color',
  bg: 'background-color',
  panel: 'secondary-background-color',
  hard: 'orange-text-color',
  over: 'orange-text-color',
  soft: 'blue-text-color',
  under: 'violet-text-color',
  overbg: 'orange-background-color',
  underbg: 'violet-background-color',
  accent: 'primary-color',
};

/** Today's theme as read from an element inside a component (Streamlit sets --st-* there). */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const value = name => style.getPropertyValue(`--st-${name}`).trim();
  const colors = Object.fromEntries(Object.entries(STREAMLIT_NAME).map(([token, name]) => [token, value(name)]));
  return { colors, font: value('font') };
}

/** A deep copy of `value` with every token replaced. Typed arrays are shared, not copied. */
export function resolveTokens(value, colors) {
  if (typeof value === 'string') {
    const token = value.startsWith('var(') && TOKEN.exec(value);
    return token ? colors[token[1]] ?? value : value;
  }
  if (Array.isArray(value)) return value.map(item => resolveTokens(item, colors));
  if (value && typeof value === 'object' && !ArrayBuffer.isView(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveTokens(item, colors)]));
  }
  return value;
}

/** The figure's layout with what the theme decides: ground, font, hover label. */
export function themedLayout(layout, theme) {
  const { colors, font } = theme;
  return {
    ...layout,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: layout.plot_bgcolor ?? 'rgba(0,0,0,0)',
    font: { ...layout.font, color: colors.text, family: font },
    hoverlabel: {
      bgcolor: colors.text,
      bordercolor: 'rgba(0,0,0,0)',
      align: 'left',
      ...layout.hoverlabel,
      font: { color: colors.bg, family: font, size: 14, ...layout.hoverlabel?.font },
    },
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: colors.muted, activecolor: colors.text },
  };
}
