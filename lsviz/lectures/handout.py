"""A lecture on paper: one page of HTML that opens offline and prints well, the questions first, the answers at the end; or what a class said."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lsviz.core.marked import paragraphs, parts
from lsviz.lectures.reader import Lecture, Step

LETTERS = "ABCD"
STYLE = """
*{box-sizing:border-box}body{font:17px/1.45 'Source Sans 3',system-ui,'Apple SD Gothic Neo','Noto Sans KR',sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1b1e24;background:#fff}
h1,h2,.ask{font-family:'Source Serif 4',Georgia,'Noto Serif KR',serif;font-weight:600;line-height:1.25}h1{font-size:2rem}h2{font-size:1.5rem;margin:2em 0 0}
:lang(ko){word-break:keep-all}p{margin:.35em 0}.step{padding:1.2em 0;border-top:1px solid #dcdfe3;break-inside:avoid}.at,.note,figcaption{color:#5b616b;font-size:.85rem}
.ask{font-size:1.3rem}ol.choices{list-style:upper-alpha;margin:.4em 0;padding-left:1.8em}ol.mixed{list-style:'☐ '}li{padding:.1em 0 .1em .2em}li.right{font-weight:650}li.right::marker{font-weight:800}
.reply{font-weight:400;color:#5b616b;display:block}.reveal{border-left:3px solid #1b1e24;padding-left:.7em}.orange{color:#a84a00}.blue{color:#0467ab}.violet{color:#7a3cc8}.bold{font-weight:650}.italic{font-style:italic}
figure{margin:0}.figure{width:100%;overflow:hidden}.figure .main-svg{background:none!important}
.figure.words :is(.textpoint,.annotation,.gtitle),.figure.marks :is(.overplot,.shapelayer,.textpoint,.annotation,.gtitle,.zl,.heatmaplayer,.contourlayer){visibility:hidden!important}
summary{font-size:1.5rem;font-weight:600;font-family:'Source Serif 4',Georgia,serif;margin-top:2em;cursor:pointer}
.bar{display:block;height:.5em;margin:2px 0;border:1.5px solid #7b828d;border-radius:2px;min-width:3px}.bar.last{background:#7b828d}.right>.bar.last{background:#1b1e24}.count{float:right;font-variant-numeric:tabular-nums}
.said{display:grid;grid-template-columns:1fr 17rem;gap:1rem;align-items:start}.said figure{grid-column:2;grid-row:1}
@media(max-width:700px){.said{grid-template-columns:1fr}.said figure{grid-column:1;grid-row:2}}
@media print{@page{margin:14mm}body{margin:0;max-width:none;padding:0;font-size:12pt}details{break-before:page}summary{list-style:none;margin-top:0}}
"""
DRAW = """
for (const place of document.querySelectorAll('.figure')) {
  const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  for (const trace of figure.data) if (trace.type === 'scattergl') trace.type = 'scatter';
  const small = place.closest('.said') ? .6 : 1, width = place.clientWidth / small, height = Math.min(figure.layout.height ?? 420, width);
  Plotly.newPlot(place, figure.data, {...figure.layout, width, height}, {staticPlot: true});
  place.style.height = `${height * small}px`;
  if (small < 1) for (const svg of place.querySelectorAll('.main-svg')) { svg.setAttribute('viewBox', `0 0 ${width} ${height}`); svg.style.width = `${width * small}px`; svg.style.height = `${height * small}px`; }
}
const answers = document.querySelector('details');
if (answers) {
  answers.open = false;
  addEventListener('beforeprint', () => { answers.open = true; });
}
"""


@dataclass(frozen=True)
class Drawn:
    """A step's figure: plotly's JSON, its alternative text, where its numbers come from."""

    figure: str
    said: str
    badge: str


def handout(lecture: Lecture, figures: Sequence[Drawn | None], words: Mapping[str, str], language: str, plotly: str) -> str:
    """The whole lecture, one figure (or None) a step. `words` are the texts of [handout], `plotly` the program that draws."""
    questions, answers = [], []
    for number, (step, figure) in enumerate(zip(lecture.steps, figures, strict=True), start=1):
        veil = ("marks" if step.blank else "" if step.pick else "words") if step.has_answer else ""
        body = [_place(number, lecture, words), _marked(step.say), _figure(number, figure, veil, words, step)]
        body += [_marked(step.ask, "ask"), _choices(step)]
        body += [f"<ol>{''.join(f'<li>{_pieces(text)}</li>' for text in step.learned)}</ol>"] if step.learned else []
        questions.append(f'<section class="step">{"".join(body)}</section>')
        if step.has_answer:
            shown = _figure(number, figure, "", words, step) if veil else ""
            body = [_place(number, lecture, words), _marked(step.ask), _choices(step, right=True), _set(step, words)]
            answers.append(f'<section class="step">{"".join(body)}{_marked(step.reveal, "reveal")}{shown}</section>')
    folded = f"<details open><summary>{_escape(words['answers'])}</summary>{''.join(answers)}</details>" if answers else ""
    return _page(lecture.title, [*questions, folded], figures, language, plotly)


def summary(
    lecture: Lecture, figures: Sequence[Drawn | None], votes: Mapping[int, Sequence[Sequence[int]]], words: Mapping[str, str], language: str, plotly: str
) -> str:  # fmt: skip
    """What a class said: of each step in `votes` the question, its votes {step from 1: one list a vote, a count a bar}, the answer, the figure."""
    body = []
    for number, counts in sorted(votes.items()):
        step = lecture.steps[number - 1]
        figure = figures[number - 1]
        said = [
            _place(number, lecture, words),
            _marked(step.ask, "ask"),
            _bars(step, counts, words),
            _marked(step.reveal, "reveal"),
        ]
        body.append(f'<section class="step said"><div>{"".join(said)}</div>{_figure(number, figure, "", words, step)}</section>')
    asked = [figure if number in votes else None for number, figure in enumerate(figures, start=1)]
    return _page(lecture.title, body or [f"<p>{_escape(words['no_votes'])}</p>"], asked, language, plotly)


def _page(title: str, body: Sequence[str], figures: Sequence[Drawn | None], language: str, plotly: str) -> str:
    data = "".join(
        f'<script type="application/json" id="f{number}">{_inside_script(figure.figure)}</script>'
        for number, figure in enumerate(figures, start=1)
        if figure
    )
    program = f"<script>{plotly}</script>" if data else ""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="{language}"><head>{head}</head><body><h1>{_escape(title)}</h1>{"".join(body)}{data}{program}<script>{DRAW}</script></body></html>'


def _inside_script(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _place(number: int, lecture: Lecture, words: Mapping[str, str]) -> str:
    return f'<p class="at">{_escape(words["place"].format(step=number, steps=len(lecture.steps)))}</p>'


def _figure(number: int, figure: Drawn | None, veil: str, words: Mapping[str, str], step: Step) -> str:
    if figure is None:
        return "" if step.learned else f'<p class="note">{_escape(words["no_figure"])}</p>'
    label = "" if veil else f' role="img" aria-label="{_escape(figure.said)}"'
    return f'<figure><div class="figure {veil}" data-figure="f{number}"{label}></div><figcaption>{_escape(figure.badge)}</figcaption></figure>'


def _choices(step: Step, right: bool = False) -> str:
    rows = []
    for number, choice in enumerate(step.choices, start=1):
        reply = f'<span class="reply">{_pieces(step.replies[number - 1])}</span>' if right and step.replies else ""
        rows.append(f"{_item(right and number == step.answer)}{_pieces(choice)}{reply}</li>")
    for place in range(len(step.order)) if right else step.mixed:
        rows.append(f"<li>{_pieces(step.order[place])}</li>")
    kind = "order" if right and step.order else "mixed" if step.order else "choices"
    return f'<ol class="{kind}">{"".join(rows)}</ol>' if rows else ""


def _set(step: Step, words: Mapping[str, str]) -> str:
    return f"<p><b>{_escape(words['right_alpha'].format(alpha=f'{step.answer:.2f}'))}</b></p>" if step.pick else ""


def _bars(step: Step, counts: Sequence[Sequence[int]], words: Mapping[str, str]) -> str:
    """A row an answer: its text, a bar a vote as long as its share, and the counts."""
    texts = (
        [words[key] for key in ("too_low", "met", "too_high")]
        if step.pick
        else [words["met"], words["not_met"]]
        if step.order or step.draw
        else step.choices
    )
    rows = []
    for place, text in enumerate(texts):
        bars = "".join(
            f'<span class="bar{" last" if votes is counts[-1] else ""}" style="width:{100 * votes[place] / (sum(votes) or 1):.1f}%"></span>'
            for votes in counts
        )
        told = " → ".join(str(votes[place]) for votes in counts)
        rows.append(f'{_item(place + 1 == step.right_bar)}<span class="count">{told}</span>{_pieces(text)}{bars}</li>')
    return f'<ol class="choices">{"".join(rows)}</ol>{_set(step, words)}{_choices(step, right=True) if step.order else ""}'


def _item(right: bool) -> str:
    return '<li class="right">' if right else "<li>"


def _marked(text: str, name: str = "") -> str:
    return "".join(f'<p class="{name}">{_spans(line)}</p>' for line in paragraphs(text))


def _pieces(text: str) -> str:
    return _spans(parts(text))


def _spans(pieces: Sequence[Sequence[str]]) -> str:
    return "".join(f'<span class="{name}">{_escape(text)}</span>' if name else _escape(text) for text, name in pieces)


def _escape(text: str) -> str:
    return html.escape(text)
