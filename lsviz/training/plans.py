"""Which networks there are, as data. A plan is a list of configurations; the first ones matter most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from lsviz.core.errors import LsvizError
from lsviz.store.records import RunConfig

EPOCHS = {2: 100, 5: 60, 10: 40, 20: 40, 50: 40, 100: 60}  # enough to learn the training images by heart
CORE_ALPHAS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9)
NEGATIVE = -0.4  # negative smoothing (Wei et al. 2022), after a first half on plain labels
SNAPSHOT_CLASSES = (3, 10, 100)  # 3 is the toy plan's
TIER_ALPHAS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
ON_GPU = {"resnet9-stem2": "resnet9", "resnet9-student": "resnet9-half-student"}  # the network a GPU trains in its place
TEACHERS = {"resnet9-student": "resnet9-stem2", "resnet9-half-student": "resnet9"}  # a student's net -> its teacher's
PRECISIONS = ("float32", "bfloat16")


def _runs(counts: Iterable[int], alphas: Iterable[float], seeds: Iterable[int] = (0,), **changes) -> list[RunConfig]:
    return [RunConfig(n, alpha, seed, epochs=EPOCHS[n], **changes) for n in counts for seed in seeds for alpha in alphas]


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
    """Three seeds of every tier alpha up to N = 20, cheapest networks first; then five of four alphas at N = 10 and 100."""
    four = (0.0, 0.05, 0.1, 0.3)
    return (
        _runs((10, 5, 2, 20), TIER_ALPHAS, seeds=(1, 2))
        + _runs((10,), four, seeds=(3, 4))
        + _runs((100,), four, seeds=(1, 2, 3, 4))
    )


def _noise() -> list[RunConfig]:
    made = []
    for rate in (0.2, 0.4, 0.6):
        made += _runs((10,), (0.0, 0.1, 0.2, 0.4, NEGATIVE), seeds=(0, 1, 2), noise=rate)
        made += _runs((100,), (0.0, 0.1, 0.2, 0.4, NEGATIVE), noise=rate)
    return made


def _size() -> list[RunConfig]:
    return [run for size in (10, 30, 100) for run in _runs((10,), (0.0, 0.1), seeds=range(5), size=size)]


def _distil() -> list[RunConfig]:
    """A narrower student behind every teacher alpha and temperature, and on labels alone; teachers are core runs.

    One seed's whole map comes before the next seed's, so that a sweep cut short leaves no half of a map.
    """
    made = []
    for n in (10, 20):
        for seed in (0, 1):
            made += _runs((n,), (0.0, 0.1), (seed,), net="resnet9-student")
            for alpha in (0.0, 0.1, 0.3):
                for temperature in (1.0, 2.0, 4.0, 8.0):
                    taught = {"teacher_alpha": alpha, "teacher_temperature": temperature, "distil_weight": 1.0}
                    made += _runs((n,), (0.0,), (seed,), net="resnet9-student", **taught)
    return made


def _snapshots() -> list[RunConfig]:
    """The core runs that also keep what they were like at eight epochs on the way."""
    return [config for config in _runs((10, 100), CORE_ALPHAS) if snapshot_epochs(config)]


def _muller() -> list[RunConfig]:
    """The setting of Müller et al. (2019), table 3: ResNet-56, 205 epochs, weight decay 1e-4."""
    return [RunConfig(100, alpha, net="resnet56", epochs=205, weight_decay=1e-4) for alpha in (0.0, 0.05, 0.1)]


def _toy() -> list[RunConfig]:
    """Seconds, for tests: a tiny network, two epochs."""
    return [RunConfig(3, alpha, seed, net="resnet9-toy", epochs=2, batch=16) for seed in (0, 1) for alpha in (0.0, 0.1)]


PLANS: dict[str, Callable[[], list[RunConfig]]] = {
    "small": _small, "cpu": _cpu, "core": _core, "seeds": _seeds, "noise": _noise, "size": _size, "distil": _distil,
    "snapshots": _snapshots, "muller": _muller, "toy": _toy,
}  # fmt: skip


def is_core(config: RunConfig) -> bool:
    """One of the runs the pages draw: first seed, clean labels, all images, no teacher."""
    return config.seed == 0 and config.noise == 0 and config.size == 100 and not config.is_student and config.teacher_alpha is None


def snapshot_epochs(config: RunConfig) -> tuple[int, ...]:
    """After which epochs a run keeps what it was like: N = 10 and 100, alpha 0 and .1 of the core, eight epochs, dense at the start."""
    if not (is_core(config) and config.num_classes in SNAPSHOT_CLASSES and config.alpha in (0.0, 0.1)):
        return ()
    return tuple(sorted({max(1, round(config.epochs * share)) for share in (0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)}))


def teacher_of(config: RunConfig) -> RunConfig:
    """The core run a student learns from. Raises ValueError for a run without a teacher."""
    if config.teacher_alpha is None:
        raise ValueError(f"{config.run_id} has no teacher")
    net = TEACHERS.get(config.net, config.net)
    return replace(
        config, net=net, alpha=config.teacher_alpha, seed=0, teacher_alpha=None, teacher_temperature=1.0, distil_weight=0.0
    )


def plan(names: str, device: str = "cpu", precision: str | None = None) -> list[RunConfig]:
    """The runs of one or more plans ("core,seeds"), each once, in order, as trained on `device` (cpu or cuda).

    `precision` is that of the network's products; None takes the device's usual one: float32 on a CPU, bfloat16 on a GPU.
    """
    made: dict[str, RunConfig] = {}
    for name in names.split(","):
        if name not in PLANS:
            raise LsvizError("input.choice", argument="--plan", value=name, choices=", ".join(PLANS))
        for config in PLANS[name]():
            config = on_device(config, device)
            if precision is not None and config.net != "resnet9-toy":
                config = replace(config, precision=precision)
            made.setdefault(config.run_id, config)
    return list(made.values())


def on_device(config: RunConfig, device: str) -> RunConfig:
    """A GPU takes the wider network, larger batches (rate in proportion) and bfloat16; the recipe is otherwise the same."""
    if not device.startswith("cuda") or config.net == "resnet9-toy":
        return config
    batch = 512 if config.num_classes >= 20 else 128 if config.num_classes >= 5 else 64
    rate = config.learning_rate * batch / config.batch
    return replace(config, net=ON_GPU.get(config.net, config.net), batch=batch, learning_rate=rate, precision="bfloat16")
