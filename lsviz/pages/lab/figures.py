"""Networks trained live: what alpha did to each measure, and where in the plane a network is how sure of what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.core.calibration.assessment import Assessment
from lsviz.figures import numbers, theme
from lsviz.figures.live import LINKED_GUESS, SELECT_ALPHA, Column, Frames, LiveFigure, Move, escape
from lsviz.figures.reliability_words import verdict_numbers
from lsviz.figures.theme import token

PER_CENT = ("test_accuracy", "ece", "memorised")  # the others are in nats or logits
_HEIGHT = 244


@dataclass(frozen=True)
class Measured:
    """One measure of M networks by rising alpha (M,), the same of a pinned training, and its range over seeds (2, M).

    `negative` holds it for the networks of negative smoothing, rising.
    """

    values: NDArray[np.floating]
    pinned: NDArray[np.floating] | None = None
    seeds: NDArray[np.floating] | None = None
    alphas: Sequence[float] = field(default=())  # of the pinned one
    negative: NDArray[np.floating] = field(default_factory=lambda: np.empty(0))


def sweep_figure(
    alphas: Sequence[float], measures: Mapping[str, Measured], words: Mapping[str, str], *, guess: float | None = None, secret: str = "",
    negative: Sequence[float] = (),
) -> LiveFigure:  # fmt: skip
    """A small panel a measure over alpha, the chosen network ringed; a pinned training is dotted, seeds are a band.

    `secret` names a measure whose panel holds a row of places to click on until it is revealed; `guess` is the alpha a
    reader expected at its least. `negative` are the alphas below 0, drawn left of the hard one, hollow. A click on a dot
    chooses its alpha.
    """
    ticks = tuple(a for a in (-0.8, -0.4) if negative and a >= min(negative)) + _TICKS
    left = -0.02 if not negative else _place(min(negative)) - 0.05
    beyond = [_place(a) for a in negative]
    place = [float(theme.alpha_position(a)) for a in alphas]
    colors = [theme.alpha_color(a) for a in alphas]
    traces, moves, notes, axes, layout = [], [], [], {}, {}
    for k, (name, measured) in enumerate(measures.items()):
        at = str(k + 1) if k else ""
        where = dict(xaxis=f"x{at}", yaxis=f"y{at}")
        shown = np.full(len(alphas), np.nan) if name == secret else np.asarray(measured.values, float)
        if measured.seeds is not None and name != secret:
            least, most = measured.seeds
            traces.append(
                go.Scatter(
                    mode="none",
                    x=place + place[::-1],
                    y=[*most, *least[::-1]],
                    fill="toself",
                    fillcolor=token("ctx"),
                    opacity=0.45,
                    hoverinfo="skip",
                    **where,
                )
            )
        if measured.pinned is not None and name != secret:
            x = [float(theme.alpha_position(a)) for a in measured.alphas]
            traces.append(
                go.Scatter(
                    mode="lines",
                    x=x,
                    y=measured.pinned,
                    line=dict(color=token("muted"), width=2, dash="dot"),
                    hoverinfo="skip",
                    **where,
                )
            )
        if len(measured.negative) and name != secret:
            joined = [*measured.negative, measured.values[0]]
            told = [
                words["sweep_negative"].format(alpha=numbers.gap(a), value=_written(name, v))
                for a, v in zip((*negative, 0), joined)
            ]
            hollow = dict(size=7, color=token("bg"), line=dict(width=1.5, color=token("muted")), opacity=1)
            traces.append(
                go.Scatter(
                    mode="lines+markers", x=[*beyond, place[0]], y=joined, text=told, hovertemplate="%{text}<extra></extra>", marker=hollow,
                    line=dict(color=token("ctx"), width=1.5, dash="dot"), **where,
                )
            )  # fmt: skip
        said = [words["sweep_hover"].format(alpha=numbers.alpha_text(a), value=_written(name, v)) for a, v in zip(alphas, shown)]
        traces.append(
            go.Scatter(
                mode="lines+markers", x=place, y=shown, text=said, hovertemplate="%{text}<extra></extra>", cliponaxis=False,
                line=dict(color=token("ctx"), width=2), marker=dict(size=7, color=colors, opacity=1), meta=SELECT_ALPHA, customdata=list(alphas), **where,
            )
        )  # fmt: skip
        ring = dict(size=14, color=colors[0], opacity=1, line=dict(width=2, color=token("text")))
        traces.append(
            go.Scatter(mode="markers", x=[place[0]], y=[shown[0]], hoverinfo="skip", cliponaxis=False, marker=ring, **where)
        )
        moves += [
            Move(len(traces) - 1, "x", np.array(place)[:, None]),
            Move(len(traces) - 1, "y", shown[:, None]),
            Move(len(traces) - 1, "marker.color", colors),
        ]
        note = theme.note(
            "",
            0,
            1.0,
            size=15,
            color="text",
            xref=f"x{at} domain",
            yref=f"y{at} domain",
            xanchor="left",
            yanchor="bottom",
            ground=False,
        )
        titles = [_panel_title(name, value, words, hidden=name == secret) for value in shown]
        notes.append(note | {"text": titles[0]})
        layout[f"annotations[{k}].text"] = titles
        low, high = _range(name, measured, shown)
        axes[f"xaxis{at}"] = theme.alpha_axis(
            words["tick_hard"], anchor=f"y{at}", range=[left, 1.02], tickvals=[_place(a) for a in ticks],
            ticktext=[numbers.MINUS * (a < 0) + numbers.alpha_tick(abs(a), words["tick_hard"]) for a in ticks],
        )  # fmt: skip
        axes[f"yaxis{at}"] = theme.axis(
            anchor=f"x{at}",
            range=[low, high],
            nticks=5,
            tickformat=None if name not in PER_CENT else ".0%" if high - low > 0.05 else ".1%",
        )
        if guess is not None and name == "ece":
            guessed = float(theme.alpha_position(guess))
            traces.append(
                go.Scatter(
                    mode="lines",
                    x=[guessed, guessed],
                    y=[low, high],
                    line=dict(color=token("text"), width=1.5, dash="dash"),
                    hoverinfo="skip",
                    **where,
                )
            )
        if name == secret:
            marks = dict(size=13, color=colors, opacity=1, line=dict(width=1.5, color=token("bg")))
            text = [words["sweep_guess"].format(alpha=numbers.alpha_text(a)) for a in alphas]
            traces.append(
                go.Scatter(
                    mode="markers", x=place, y=[(low + high) / 2] * len(place), marker=marks, text=text, hovertemplate="%{text}<extra></extra>",
                    meta=LINKED_GUESS, customdata=list(range(len(place))), **where,
                )
            )  # fmt: skip
    wide = _columns(len(measures), len(measures))
    for path, domain in wide.items():
        axis, _, key = path.partition(".")
        axes[axis][key] = domain
    small = {f"annotations[{k}].font.size": 13 for k in range(len(measures))}  # phones: two by two
    narrow = {**_columns(len(measures), 2), **small, "height": 215 * -(-len(measures) // 2)}
    figure = go.Figure(
        traces, theme.layout("", _HEIGHT, margin=dict(l=52, r=12, t=34, b=34), annotations=notes, showlegend=False, **axes)
    )
    alt = tuple(
        words["sweep_alt"].format(
            alpha=numbers.alpha_text(a),
            numbers="; ".join(
                f"{words[f'measure.{name}']} {_written(name, m.values[i])}" for name, m in measures.items() if name != secret
            ),
        )
        for i, a in enumerate(alphas)
    )
    table = {"alpha": list(alphas)} | {name: m.values for name, m in measures.items() if name != secret}
    return LiveFigure(figure, alt, table, Frames(tuple(alphas), tuple(moves), layout), narrow=narrow)


_TICKS = (0, 0.1, 0.3, 0.6, 1)


def _place(alpha: float) -> float:
    """An alpha on the slider's scale; a negative one mirrored."""
    return float(np.sign(alpha) * theme.alpha_position(abs(alpha)))


def _columns(count: int, columns: int) -> dict[str, list[float]]:
    """Where each of `count` panels stands, as layout paths."""
    lines, made = -(-count // columns), {}
    for k in range(count):
        line, column = divmod(k, columns)
        at = str(k + 1) if k else ""
        gap = 0.26 / columns if columns > 1 else 0
        made[f"xaxis{at}.domain"] = [
            column / columns + (gap / 2 if column else 0),
            (column + 1) / columns - (gap / 2 if column < columns - 1 else 0),
        ]
        made[f"yaxis{at}.domain"] = [1 - (line + 0.72) / lines, 1 - (line + 0.02) / lines] if lines > 1 else [0, 1]
    return made


def _range(name: str, measured: Measured, shown: NDArray) -> tuple[float, float]:
    everything = np.concatenate([np.ravel(v) for v in (shown, measured.pinned, measured.seeds) if v is not None])
    everything = everything[np.isfinite(everything)]
    if not everything.size:
        return 0.0, 1.0
    low, high = float(everything.min()), float(everything.max())
    if len(beyond := measured.negative[np.isfinite(measured.negative)]):  # seen as far as the others keep their shape
        reach = 0.6 * (high - low)
        low, high = min(low, max(float(beyond.min()), low - reach)), max(high, min(float(beyond.max()), high + reach))
    room = 0.08 * (high - low or abs(high) or 1)
    return (max(0.0, low - room) if low >= 0 else low - room), (min(1.0, high + room) if name in PER_CENT else high + room)


def _written(name: str, value: float) -> str:
    if not np.isfinite(value):
        return "–"
    return numbers.percent(value) if name in PER_CENT else f"{value:.2f}".replace("-", numbers.MINUS)


def _panel_title(name: str, value: float, words: Mapping[str, str], *, hidden: bool) -> str:
    return words[f"measure.{name}"] + ("" if hidden else f" <b>{_written(name, value)}</b>")


def told_figure(live: LiveFigure, said: NDArray[np.floating], at: int, words: Mapping[str, str]) -> LiveFigure:
    """A figure of targets (`figures.targets.targets_figure`) with what each network answers on average: `said` is (M, rows), the true class row `at`."""
    marks = dict(symbol="triangle-down", size=10, color=token("text"), opacity=1, line=dict(width=1, color=token("bg")))
    rows = [row - 0.42 for row in range(said.shape[1])]  # on the bar's upper edge: its middle carries numbers
    text = [[words["told_hover"].format(value=numbers.percent(float(v))) for v in row] for row in said]
    trace = go.Scatter(
        mode="markers", x=said[0], y=rows, marker=marks, text=text[0], hovertemplate="%{text}<extra></extra>", cliponaxis=False
    )
    figure = go.Figure(live.figure).add_trace(trace)
    moves = Move(len(figure.data) - 1, "x", said), Move(len(figure.data) - 1, "text", text)
    frames = live.frames and replace(live.frames, moves=(*live.frames.moves, *moves))
    true = np.asarray(live.table["hard_target"], bool)
    alt = tuple(
        f"{before} {words['told_alt'].format(value=numbers.percent(float(row[at])))}" for before, row in zip(live.alt, said)
    )
    table = {**live.table, "said": np.where(true, np.repeat(said[:, at], 2), np.nan)}
    return replace(live, figure=figure, frames=frames, alt=alt, table=table)


# ---- the plane ------------------------------------------------------------------------------------------------------


def decision_figure(
    alphas: Sequence[float], x: NDArray[np.floating], y: NDArray[np.floating], answer: NDArray[np.uint8], confidence: NDArray[np.uint8],
    points: NDArray, labels: NDArray[np.intp], wrong: NDArray[np.bool_], names: Sequence[str], words: Mapping[str, str], *, pinned: bool = False,
) -> LiveFigure:  # fmt: skip
    """What a network answers everywhere in the plane: hue is the class, depth the confidence (pale: no better than chance).

    `answer` and `confidence` (in 1/255) are (M, len(y), len(x)). `points` (n, 2) are training examples with their given
    `labels`; `wrong` ones carry a cross. `pinned` draws the first alpha alone, as the panel that stands still.
    """
    count, shown = len(names), 1 if pinned else len(alphas)
    sure = np.clip((confidence / 255 - 1 / count) / (1 - 1 / count), 0, 0.98)  # rounded up it would be the next class
    levels = np.round(answer[:shown] + sure[:shown], 2)
    scale = [step for k in range(count) for step in ([k / count, token("bg")], [(k + 1) / count, theme.class_color(k)])]
    traces = [
        go.Heatmap(
            x=list(x),
            y=list(y),
            z=levels[0].tolist(),
            zmin=0,
            zmax=count,
            colorscale=scale,
            showscale=False,
            opacity=0.62,
            hoverinfo="skip",
            zsmooth=False,
        ),
        *(
            _examples(points[rows], labels[rows], names, words, cross)
            for rows, cross in ((~wrong, False), (wrong, True))
            if rows.any()
        ),
    ]
    mean = confidence.reshape(len(alphas), -1).mean(axis=1) / 255
    said = [
        words["map_title_hard" if a == 0 else "map_title"].format(alpha=numbers.alpha_text(a), sure=numbers.percent(float(m)))
        for a, m in zip(alphas, mean)
    ]
    titles, inks = [f"<b>{text}</b>" for text in said[:shown]], [token("hard" if a == 0 else "soft") for a in alphas[:shown]]
    moves = (Move(0, "z", [level.tolist() for level in levels]),)
    figure = go.Figure(
        traces,
        theme.layout(
            titles[0], 430, margin=dict(l=4, r=4, t=40, b=4), showlegend=False,
            xaxis=dict(range=[float(x[0]), float(x[-1])], visible=False, constrain="domain"), yaxis=dict(range=[float(y[0]), float(y[-1])], visible=False, scaleanchor="x", constrain="domain"),
        ),
    )  # fmt: skip
    figure.update_layout(title_font_color=inks[0])
    cells = len(x) * len(y)
    table: dict[str, Column] = {
        "alpha": np.repeat(alphas[:shown], cells), "x": np.tile(np.tile(x, len(y)), shown), "y": np.tile(np.repeat(y, len(x)), shown),
        "answer": [names[k] for k in answer[:shown].ravel().tolist()], "confidence": (confidence[:shown] / 255).ravel().round(3),
    }  # fmt: skip
    frames = None if pinned else Frames(tuple(alphas), moves, {"title.text": titles, "title.font.color": inks})
    return LiveFigure(figure, tuple(said[:shown]), table, frames, narrow={"height": 330, "title.font.size": 14})


def _examples(points: NDArray, labels: NDArray, names: Sequence[str], words: Mapping[str, str], cross: bool) -> go.Scatter:
    said = [words["map_wrong" if cross else "map_right"].format(name=escape(names[k])) for k in labels]
    edge = dict(width=1, color=token("bg"))
    mark = dict(
        size=9 if cross else 6.5,
        symbol="x" if cross else "circle",
        color=[theme.class_color(int(k)) for k in labels],
        opacity=1,
        line=edge,
    )
    return go.Scatter(
        mode="markers", x=points[:, 0], y=points[:, 1], text=said, hovertemplate="%{text}<extra></extra>", marker=mark
    )


# ---- the page's finding ---------------------------------------------------------------------------------------------


def findings(
    alphas: Sequence[float], networks: Sequence[Assessment | None], words: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Headline and sentence for every alpha: what its confidence is worth, how often it is right, and where ECE is least. None diverged."""
    heads, subs = [], []
    eces = {alpha: one.ece.ece for alpha, one in zip(alphas, networks) if one}
    best = min(eces, key=eces.__getitem__, default=None)
    for alpha, one in zip(alphas, networks):
        who = words["head_hard"] if alpha == 0 else words["head_soft"].format(alpha=numbers.alpha_text(alpha))
        verdict, known = (one.verdict, verdict_numbers(one)) if one else ("diverged", {})
        heads.append(words[f"head_{verdict}"].format(who=who, **known))
        if best is None:
            subs.append("")
            continue
        shown = numbers.percent(one.accuracy) if one else "–"
        key = "sub_hard" if best == 0 else "sub"
        subs.append(words[key].format(right=shown, best=numbers.alpha_text(best), least=numbers.percent(eces[best])))
    return heads, subs
