"""Which networks there are, as data. A plan is a list of configurations; the first ones matter most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from lsviz.core.errors import LsvizError
from lsviz.store.records import RunConfig

EPOCHS = {2: 100, 5: 60, 10: 40, 20: 40, 50: 40, 100: 60}  # enough to learn the training images by heart
CORE_ALPHAS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9)
TIER_ALPHAS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)


def _runs(counts: Iterable[int], alphas: Iterable[float], seeds: Iterable[int] = (0,), **changes) -> list[RunConfig]:
    return [
        RunConfig(n, alpha, seed, epochs=EPOCHS[n], **changes) for n in counts for seed in seeds for alpha in alphas
    ]


def _small() -> list[RunConfig]:
    return _runs((5, 10), (0.0, 0.05, 0.1, 0.3))


def _cpu() -> list[RunConfig]:
    return (
        _runs((10, 5, 20, 2), TIER_ALPHAS)
        + _runs((10,), (0.0, 0.1), noise=0.4)
        + _runs((10,), (0.0, 0.1), noise=0.2)
        + _runs((10,), (0.0, 0.05, 0.1, 0.3), seeds=(1, 2))
        + _runs((100,), (0.0, 0.1))
    )


def _core() -> list[RunConfig]:
    return _runs((100, 10, 50, 20, 5, 2), CORE_ALPHAS)


def _seeds() -> list[RunConfig]:
    return _runs((10, 100), (0.0, 0.05, 0.1, 0.3), seeds=(1, 2, 3, 4))


def _noise() -> list[RunConfig]:
    made = []
    for rate in (0.2, 0.4, 0.6):
        made += _runs((10,), (0.0, 0.1, 0.2, 0.4), seeds=(0, 1, 2), noise=rate)
        made += _runs((100,), (0.0, 0.1, 0.2, 0.4), noise=rate)
    return made


def _size() -> list[RunConfig]:
    return [run for size in (10, 30, 100) for run in _runs((10,), (0.0, 0.1), seeds=range(5), size=size)]


def _toy() -> list[RunConfig]:
    """Seconds, for tests: a tiny network, two epochs."""
    tiny = {"net": "resnet9-toy", "batch": 16}
    return [RunConfig(3, alpha, seed, epochs=2, **tiny) for seed in (0, 1) for alpha in (0.0, 0.1)]


PLANS: dict[str, Callable[[], list[RunConfig]]] = {
    "small": _small, "cpu": _cpu, "core": _core, "seeds": _seeds, "noise": _noise, "size": _size, "toy": _toy,
}  # fmt: skip


def plan(names: str, device: str = "cpu") -> list[RunConfig]:
    """The runs of one or more plans ("core,seeds"), each once, in order, as trained on `device` (cpu or cuda)."""
    made: dict[str, RunConfig] = {}
    for name in names.split(","):
        if name not in PLANS:
            raise LsvizError("input.choice", argument="--plan", value=name, choices=", ".join(PLANS))
        for config in PLANS[name]():
            config = on_device(config, device)
            made.setdefault(config.run_id, config)
    return list(made.values())


def on_device(config: RunConfig, device: str) -> RunConfig:
    """A GPU takes the wider network, larger batches (rate in proportion) and bfloat16; the recipe is otherwise the same."""
    if not device.startswith("cuda") or config.net == "resnet9-toy":
        return config
    batch = 512 if config.num_classes >= 20 else 128 if config.num_classes >= 5 else 64
    rate = config.learning_rate * batch / config.batch
    return replace(config, net="resnet9", batch=batch, learning_rate=rate, precision="bfloat16")
