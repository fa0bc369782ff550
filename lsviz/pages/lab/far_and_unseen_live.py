"""What a network says where it knows nothing, in the Lab: far from all data, and of digits it was never shown."""

from __future__ import annotations

from lsviz.core.calibration.after_training import confidence_ceiling
from lsviz.core.intervals import side
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.lab.trials.far_and_unseen import DISTANCES, SEEN, Unseen, UnseenTrial
from lsviz.pages.lab.far_and_unseen_figures import far_figure, unseen_figure
from lsviz.texts.catalogue import cached_words, t, words
from lsviz.ui import prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.live_experiment import result
from lsviz.ui.shown import row

TRIAL = UnseenTrial()


def far_and_unseen() -> None:
    """What is asked, the button, two sentences and two figures over alpha."""
    prose.markdown(t("lab.unseen_text", seen=SEEN - 1))
    found = result(TRIAL, "unseen", t("lab.unseen_go", count=TRIAL.seeds * len(TRIAL.alphas)))
    if found is not None:
        at_alpha("unseen", lambda now: prose.markdown(f"{_far(found, now.alpha)}\n\n{_apart(found, now.alpha)}"))
        badge = t("lab.unseen_badge", train=found.examples, seen=found.seen, unseen=found.unseen, seeds=found.seeds)
        row(dict(zip(("lab_far", "lab_unseen"), _drawn(TRIAL.key, found))), badge=badge, source="lab")


def _at(found: Unseen, alpha: float) -> int:
    """The smoothed network nearest to `alpha`; hard beside hard would be no comparison."""
    return max(1, nearest_stop(found.alphas, alpha))


def _far(found: Unseen, alpha: float) -> str:
    """From which distance on the mean top probability lies above what smoothing's own target allows."""
    m = _at(found, alpha)
    cap = float(confidence_ceiling(SEEN, found.alphas[m]))
    above = [distance for distance, sure in zip(DISTANCES, found.sure[m]) if sure > cap]
    known = dict(
        alpha=numbers.alpha_text(found.alphas[m]), cap=numbers.percent(cap, 1), far=f"{DISTANCES[-1]:g}",
        sure=numbers.percent(float(found.sure[m, -1]), 1), hard=numbers.percent(float(found.sure[0, -1]), 1),
    )  # fmt: skip
    return t("lab.far_above", at=f"{above[0]:g}", **known) if above else t("lab.far_below", **known)


def _apart(found: Unseen, alpha: float) -> str:
    """Whether learnt and unseen digits are better told apart than by the hard network, score by score."""
    m = _at(found, alpha)
    said = []
    for score, each in found.against_hard.items():
        mean, low, high = each[m]
        word = t(f"lab.unseen_{('equal', 'better', 'worse')[side(low, high)]}")
        said.append(
            t(
                "lab.unseen_one", score=t(f"lab.unseen_score.{score}"), hard=f"{found.auroc[score][0]:.3f}", soft=f"{found.auroc[score][m]:.3f}",
                low=f"{low:+.3f}".replace("-", numbers.MINUS), high=f"{high:+.3f}".replace("-", numbers.MINUS), said=word,
            )
        )  # fmt: skip
    return t("lab.unseen_told", alpha=numbers.alpha_text(found.alphas[m]), each="; ".join(said))


@cached_words(max_entries=2)
def _drawn(key: str, _found: Unseen) -> tuple[LiveFigure, LiveFigure]:
    caps = tuple(float(confidence_ceiling(SEEN, alpha)) for alpha in _found.alphas)
    return (
        far_figure(DISTANCES, _found.sure, _found.alphas, caps, words("lab")),
        unseen_figure(_found.alphas, _found.auroc, words("lab")),
    )
