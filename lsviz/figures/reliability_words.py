"""What the numbers of Reliability come to in words: headline, alternative text, caption, table. Words come in as templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lsviz.core.calibration.assessment import Assessment
from lsviz.figures import numbers

TOO_NOISY = 0.04  # a perfectly calibrated network that may score an ECE above this: too few images


def findings(networks: Mapping[float, Assessment], words: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The headline and the sentence below it, one of each per alpha."""
    heads, subs = [], []
    for alpha, network in networks.items():
        place = words["at_hard" if alpha == 0 else "at"].format(a=numbers.alpha_text(alpha))
        heads.append(words[f"headline_{network.verdict}"].format(at=place, **verdict_numbers(network)))
        said = words["claims"].format(c=numbers.percent(network.mean_confidence, 1), acc=numbers.percent(network.accuracy, 1))
        subs.append(f"{said} {_beside_hard(alpha, networks.get(0.0), words)}".strip())
    return heads, subs


def _beside_hard(alpha: float, hard: Assessment | None, words: Mapping[str, str]) -> str:
    if alpha == 0:
        return words["drag"]
    if hard is None:
        return ""
    return words[f"hard_was_{hard.verdict}"].format(**verdict_numbers(hard))


def verdict_numbers(network: Assessment) -> dict[str, str]:
    """What the sentence of `Assessment.verdict` says: the size of the gap in points, the ECE and what chance gives."""
    floor = numbers.percent(network.ece.floor.upper, 1)
    return {"points": size_of_gap(network.signed_gap), "ece": numbers.percent(network.ece.ece, 1), "chance": floor}


def size_of_gap(gap: float) -> str:
    """|gap| in points: 0.0254 -> '2.5'."""
    return f"{100 * abs(gap):.1f}"


def alt_text(alpha: float, network: Assessment, words: Mapping[str, str]) -> str:
    """The finding and its numbers for one stop of either figure."""
    return words["alt"].format(
        a=numbers.alpha_text(alpha),
        c=numbers.percent(network.mean_confidence, 1),
        acc=numbers.percent(network.accuracy, 1),
        gap=numbers.points(network.signed_gap),
        ece=numbers.percent(network.ece.ece, 1),
        chance=numbers.percent(network.ece.floor.upper, 1),
    )


def caption(networks: Mapping[float, Assessment], words: Mapping[str, str]) -> str:
    """What smoothing does here, said only where the intervals of these networks bear it out: it helps, then overshoots."""
    hard = networks.get(0.0)
    if hard is None or hard.verdict != "over":
        return ""
    gaps = [network.signed_gap for network in networks.values()]
    falls = all(later < earlier for earlier, later in zip(gaps, gaps[1:]))
    helps = any(network.ece.high < hard.ece.low for network in networks.values())
    beyond = [alpha for alpha, network in networks.items() if network.verdict == "under"]
    return words["caption"].format(a=numbers.alpha_text(beyond[0])) if falls and helps and beyond else ""


def too_few(network: Assessment, words: Mapping[str, str]) -> str:
    """A warning where chance alone may exceed four points of ECE; else nothing."""
    if network.ece.floor.upper <= TOO_NOISY:
        return ""
    return words["too_few"].format(count=numbers.whole(len(network.confidence)), chance=numbers.percent(network.ece.floor.upper, 1))


def number_rows(
    columns: Sequence[tuple[Assessment, Assessment | None, float | None]], words: Mapping[str, str]
) -> list[tuple[str, ...]]:
    """The table of numbers: a name, then one cell for each of `columns` = (as it is, at its fitted T, that T)."""
    percent = lambda value: numbers.percent(value, 1) if value == value else words["none"]  # noqa: E731
    with_interval = lambda e: words["interval"].format(value=percent(e.ece), low=f"{100 * e.low:.1f}", high=percent(e.high))  # noqa: E731
    scaled = lambda show: lambda plain, after, fitted: words["none"] if after is None else show(after)  # noqa: E731
    rows = {
        "accuracy": lambda plain, after, fitted: percent(plain.accuracy),
        "nll": lambda plain, after, fitted: f"{plain.nll:.3f}",
        "brier": lambda plain, after, fitted: f"{plain.brier:.3f}",
        "ece": lambda plain, after, fitted: with_interval(plain.ece),
        "chance": lambda plain, after, fitted: words["up_to"].format(value=percent(plain.ece.floor.upper)),
        "ece_mass": lambda plain, after, fitted: percent(plain.ece_mass),
        "smooth_ece": lambda plain, after, fitted: percent(plain.smooth_ece),
        "max_gap": lambda plain, after, fitted: percent(plain.max_gap),
        "fitted": lambda plain, after, fitted: words["none"] if fitted is None else f"{fitted:.2f}",
        "ece_after": scaled(lambda after: with_interval(after.ece)),
        "nll_after": scaled(lambda after: f"{after.nll:.3f}"),
    }
    return [(words[f"row_{name}"], *(cell(*column) for column in columns)) for name, cell in rows.items()]
