"""Finds words that reach the screen without a catalogue, by reading the source: what stands in a place for text, and what reads like a sentence."""

from __future__ import annotations

import ast
import re

# where an argument is text on screen: Streamlit's elements and columns, and the pieces of a figure
WIDGETS = {
    "title",
    "header",
    "subheader",
    "markdown",
    "text",
    "caption",
    "write",
    "badge",
    "metric",
    "button",
    "download_button",
    "link_button",
    "toggle",
    "checkbox",
    "radio",
    "selectbox",
    "multiselect",
    "pills",
    "segmented_control",
    "select_slider",
    "slider",
    "number_input",
    "text_input",
    "text_area",
    "file_uploader",
    "expander",
    "popover",
    "success",
    "warning",
    "error",
    "info",
    "spinner",
    "progress",
    "toast",
    "page_link",
    "status",
    "tabs",
    "TextColumn",
    "NumberColumn",
    "ImageColumn",
    "CheckboxColumn",
    "BarChartColumn",
    "note",
    "end_note",
    "layout",
    "alpha_axis",
    "alpha_axis_to",
}
NAMED = {
    "label",
    "help",
    "placeholder",
    "caption",
    "alt",
    "text",
    "title",
    "page_title",
    "name",
    "hovertemplate",
    "texttemplate",
    "ticktext",
    "ticksuffix",
}
KEYS = re.compile(r"(^|\.)(text|title|ticktext|hovertemplate)$")
# what is no word: names, units, code, markup, and Plotly's and Streamlit's own vocabulary
NEUTRAL = {
    "ECE",
    "NLL",
    "SVG",
    "PNG",
    "CSV",
    "CE",
    "KL",
    "UMAP",
    "TensorBoard",
    "br",
    "extra",
    "sub",
    "sup",
    "span",
    "style",
    "color",
    "bin",
}
CODE = (
    "=>",
    "{font",
    "<!doctype",
    "<div ",
    "<span ",
    "numpy as np",
    "label_smoothing=",
    "Source Sans",
    "(?P<",
)  # programs, pages and fonts
CHOICES = {
    "t",
    "words",
    "get",
    "pop",
    "setdefault",
    "removeprefix",
    "removesuffix",
    "replace",
    "startswith",
    "endswith",
    "split",
    "strip",
    "lstrip",
    "rstrip",
    "token",
    "getattr",
    "published",
    "LsvizError",
    "file",
    "head",
    "part",
}
PLACES = re.compile(r"(top|middle|bottom) (left|center|right)|[xy]\d* domain")
MARKUP = re.compile(r"%\{[^}]*\}|<[^>]*>|&\w+;|:material/\w+:|:\w+(?=\[)|var\(--[\w-]+\)")


def words_in(text: str) -> list[str]:
    """Latin words of two letters or more that a reader would see."""
    return [word for word in re.findall(r"[A-Za-z]{2,}", MARKUP.sub(" ", text)) if word not in NEUTRAL]


def bypassing(source: str) -> list[str]:
    """Each literal in `source` that would be read on screen, with its line."""
    tree = ast.parse(source)
    found = {
        (node.lineno, text) for place in _places(tree) for node, text in _literals(place) if words_in(text) and not _is_code(text)
    }
    found |= {(node.lineno, text) for node, text in _literals(tree) if _reads(text) and not _is_code(text)}
    return [f"line {line}: {text!r}" for line, text in sorted(found)]


def _is_code(text: str) -> bool:
    return any(mark in text for mark in CODE)


def _reads(text: str) -> bool:
    """Two words in a row, as in a sentence, or one between two values: "hard network", " and "; not "stack" nor "top left"."""
    bare = MARKUP.sub("", PLACES.sub("", text))
    return bool(re.search(r"[A-Za-z]{2,},? [a-zA-Z]{2,}", bare) or re.fullmatch(r"\W* [a-z]{2,} \W*", bare))


def _places(tree: ast.AST):
    """Expressions that become text on screen."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called, on = _called(node), getattr(getattr(node.func, "value", None), "id", "")
            if called in WIDGETS and node.args and on != "controls":  # whose first argument names a field
                yield node.args[0]
            if called == "LiveFigure" and len(node.args) > 1:
                yield node.args[1]
            if called == "Move" and len(node.args) > 2 and isinstance(node.args[1], ast.Constant) and node.args[1].value == "text":
                yield node.args[2]
            yield from (keyword.value for keyword in node.keywords if keyword.arg in NAMED and not _is_table(keyword.value))
        if isinstance(node, ast.Dict):
            yield from (
                value
                for key, value in zip(node.keys, node.values)
                if isinstance(key, ast.Constant) and KEYS.search(str(key.value)) and not _is_table(value)
            )


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _is_table(node: ast.AST) -> bool:
    """dict(text=..., xref=...): its own keys are looked at one by one."""
    return isinstance(node, ast.Dict) or isinstance(node, ast.Call) and _called(node) == "dict"


def _literals(node: ast.AST):
    """String constants of an expression, without those that choose a text, are compared, raised or read as documentation."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node, node.value
    elif isinstance(node, ast.Call) and _called(node) in CHOICES:
        yield from _literals(node.func)
    elif isinstance(node, (ast.Subscript, ast.FormattedValue)):
        yield from _literals(node.value)
    elif (
        not isinstance(node, (ast.Compare, ast.Raise, ast.Expr))
        or isinstance(node, ast.Expr)
        and not isinstance(node.value, ast.Constant)
    ):
        for child in ast.iter_child_nodes(node):
            yield from _literals(child)
