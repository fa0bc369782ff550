"""Bias and variance for every alpha on Inductive bias, trained live on many small samples of digits; and smoothed minus hard over their size."""

from __future__ import annotations

from lsviz.core.intervals import holm
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.lab.trials.many_samples import SIZES, Samples, SamplesTrial
from lsviz.pages.bias import seeds_figures
from lsviz.pages.bias.many_samples_figure import samples_figure
from lsviz.pages.bias.seeds_data import METRICS, Difference
from lsviz.state import ViewState
from lsviz.texts.catalogue import cached_words, t, words
from lsviz.ui import controls, prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.live_experiment import result
from lsviz.ui.shown import row

TRIAL = SamplesTrial()


def every_alpha(state: ViewState, say) -> None:
    """Two figures over alpha for one size, then two over the sizes for one alpha; `say(differences, name, surviving)` puts intervals into words."""
    prose.markdown(t("bias.live_text", seeds=TRIAL.seeds, sizes=", ".join(map(str, SIZES)), count=len(TRIAL.alphas)))
    found = result(TRIAL, "spread", t("bias.live_go", count=len(TRIAL.alphas) * TRIAL.seeds * len(SIZES)))
    if found is None:
        return
    controls.choose("few", tuple(map(str, SIZES)), "bias.few", label=t("bias.few_label"))
    prose.markdown(_least(found, int(state.few)))
    badge = t("bias.live_badge", seeds=found.seeds, images=found.images)
    _pair(_over_alpha(TRIAL.key, int(state.few), found), badge, "live_parts")
    at_alpha("many_samples", lambda now: _paired(found, now.alpha, say, badge))


def _paired(found: Samples, asked: float, say, badge: str) -> None:
    alpha = found.alphas[max(1, nearest_stop(found.alphas, asked))]  # hard against hard is no comparison
    made, differences = _over_size(TRIAL.key, alpha, found)
    at = found.alphas.index(alpha)
    kept = holm({(metric, size): each[at] for size, of in found.chances.items() for metric, each in of.items()})
    prose.markdown(say(differences, lambda share: numbers.whole(round(share * found.pool / 100)), kept))
    _pair(made, badge, "paired")


def _least(found: Samples, size: int) -> str:
    """Where the expected Brier score is least, and what the two parts did on the way there."""
    parts, metrics = found.brier[size], found.metrics[size]
    best = min(parts, key=lambda alpha: parts[alpha].expected)
    last = max(parts)
    at = lambda name, alpha: metrics[name][:, found.alphas.index(alpha)].mean()
    known = dict(
        size=size,
        alpha=numbers.alpha_text(best),
        hard_variance=f"{parts[0.0].variance:.3f}",
        variance=f"{parts[best].variance:.3f}",
        hard_bias=f"{parts[0.0].bias:.3f}",
        bias=f"{parts[best].bias:.3f}",
    )
    known |= dict(
        last=numbers.alpha_text(last),
        last_bias=f"{parts[last].bias:.3f}",
        last_variance=f"{parts[last].variance:.3f}",
        hard_right=numbers.percent(at("accuracy", 0.0), 1),
        right=numbers.percent(at("accuracy", best), 1),
    )
    known |= dict(
        hard_ece=numbers.percent(at("ece15", 0.0), 1),
        ece=numbers.percent(at("ece15", best), 1),
        hard_nll=f"{at('nll', 0.0):.3f}",
        nll=f"{at('nll', best):.3f}",
    )
    return t("bias.live_least" if best else "bias.live_least_hard", **known)


def _pair(made: tuple[LiveFigure, ...], badge: str, how: str) -> None:
    row(dict(zip((f"bias_{how}_first", f"bias_{how}_second"), made)), badge=badge, source="lab", how=f"bias.how_{how}")


@cached_words(max_entries=6)
def _over_alpha(key: str, size: int, _found: Samples) -> tuple[LiveFigure, ...]:
    return tuple(samples_figure(getattr(_found, which)[size], which, words("bias")) for which in ("brier", "nll"))


@cached_words(max_entries=24)
def _over_size(key: str, alpha: float, _found: Samples) -> tuple[tuple[LiveFigure, ...], dict[str, dict[float, Difference]]]:
    at, shares = _found.alphas.index(alpha), {size: 100 * size / _found.pool for size in _found.brier}
    figures, differences = [], {}
    for metric in METRICS:
        values = {shares[size]: metrics[metric] for size, metrics in _found.metrics.items()}
        differences[metric] = {shares[size]: of[metric][at] for size, of in _found.differences.items()}
        each = {share: tuple(map(float, v[:, at] - v[:, 0])) for share, v in values.items()}
        figures.append(
            seeds_figures.paired_figure(
                differences[metric],
                each,
                metric,
                words("bias"),
                alpha=alpha,
                images={share: size for size, share in shares.items()},
            )
        )
    return tuple(figures), differences
