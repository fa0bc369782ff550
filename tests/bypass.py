"""Finds words that reach the screen without a catalogue, by reading the source: what stands in a place for text, and what reads like a sentence."""

from __future__ import annotations

import ast
import re

# where an argument is text on screen: Streamlit's elements and columns, and the pieces of a figure
WIDGETS = set(
    "title header subheader markdown text caption write badge metric button download_button link_button toggle checkbox radio selectbox multiselect pills "
    "segmented_control select_slider slider number_input text_input text_area file_uploader expander popover success warning error info spinner progress toast "
    "page_link status tabs Page TextColumn NumberColumn ImageColumn CheckboxColumn BarChartColumn note end_note layout alpha_axis alpha_axis_to".split()
)
NAMED = {"label", "help", "placeholder", "caption", "alt", "text", "title", "page_title", "name", "hovertemplate", "texttemplate", "ticktext", "ticksuffix"}
KEYS = re.compile(r"(^|\.)(text|title|ticktext|hovertemplate)$")
# what is no word: names, units, code, markup, and Plotly's and Streamlit's own vocabulary
NEUTRAL = set("ECE NLL SVG PNG CSV CE KL UMAP TensorBoard br extra sub sup span style color bin".split())
PLACES = re.compile(r"(top|middle|bottom) (left|center|right)|[xy]\d* domain")
MARKUP = re.compile(r"%\{[^}]*\}|<[^>]*>|&\w+;|:material/\w+:|:\w+(?=\[)|var\(--[\w-]+\)")


def words_in(text: str) -> list[str]:
    """Latin words of two letters or more that a reader would see."""
    return [word for word in re.findall(r"[A-Za-z]{2,}", MARKUP.sub(" ", text)) if word not in NEUTRAL]


def bypassing(source: str) -> list[str]:
    """Each literal in `source` that would be read on screen, with its line."""
    tree = ast.parse(source)
    found = {(node.lineno, text) for place in _places(tree) for node, text in _literals(place) if words_in(text)}
    ignored = {id(node) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in (node.value,)}
    found |= {(node.lineno, text) for node, text in _literals(tree) if id(node) not in ignored and _reads(text)}
    return [f"line {line}: {text!r}" for line, text in sorted(found)]


def _reads(text: str) -> bool:
    """Two words in a row, as in a sentence: "hard network", not "stack" nor "top left"."""
    bare = MARKUP.sub("", PLACES.sub("", text))
    return bool(re.search(r"[A-Za-z]{2,},? [a-zA-Z]{2,}", bare)) and not re.fullmatch(r"[\w.\-]+", bare)


def _places(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in WIDGETS and node.args:
                yield node.args[0]
            if called == "LiveFigure" and len(node.args) > 1:
                yield node.args[1]
            if called == "Move" and len(node.args) > 2 and isinstance(node.args[1], ast.Constant) and node.args[1].value == "text":
                yield node.args[2]
            if called != "column_config":
                yield from (keyword.value for keyword in node.keywords if keyword.arg in NAMED)
        if isinstance(node, ast.Dict):
            yield from (value for key, value in zip(node.keys, node.values) if isinstance(key, ast.Constant) and KEYS.search(str(key.value)))


def _literals(node: ast.AST):
    """String constants of an expression, without those that choose a text or are compared, or stand for a format."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node, node.value
        return
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if called in ("t", "words", "get", "pop", "setdefault", "join_path", "removeprefix", "removesuffix", "replace", "startswith", "endswith", "split", "strip", "lstrip", "rstrip", "token", "getattr", "published", "LsvizError"):
            yield from _literals(node.func)
            return
    if isinstance(node, ast.Compare):
        return
    if isinstance(node, ast.Subscript):
        yield from _literals(node.value)
        return
    if isinstance(node, ast.FormattedValue):
        yield from _literals(node.value)
        return
    for child in ast.iter_child_nodes(node):
        yield from _literals(child)
