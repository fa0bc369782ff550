"""The live experiments: their gradients are autograd's, their special cases are plain training, their answers are what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from lsviz.core.comparing.bias_variance import decompose_brier
from lsviz.core.comparing.selective import score_of
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import side
from lsviz.core.smoothing import transition_matrix
from lsviz.core.smoothing.label_noise import forward_loss
from lsviz.lab.config import LabConfig
from lsviz.lab.data import make_data
from lsviz.lab.engine import train_epochs
from lsviz.lab.trials.far_and_unseen import DISTANCES, SEEN, UnseenTrial, learnt_and_unseen
from lsviz.lab.trials.five_assumptions import DECAYS, PENALTIES, PRIORS, PriorsTrial, penalty_slope
from lsviz.lab.trials.five_losses import LOSSES, MEASURES, STRENGTHS, LossesTrial, losses_slope
from lsviz.lab.trials.many_samples import SamplesTrial
from lsviz.lab.trials.similar_digits import KINDS, AlikeTrial, matrix_slope
from lsviz.lab.trials.students import TaughtTrial, distil_slope
from lsviz.lab.trials.trial import Steps, Trial, logits_of, taken, trained
from lsviz.lab.trials.wrong_labels import WrongTrial, forward_slope

SMALL = dict(num_classes=4, examples=90, width=16, epochs=2, batch=32)
quiet = lambda stage, share, best: None


def at_the_end(config: LabConfig, data, **how):
    for networks, _ in train_epochs(config, data, double=True, **how):
        pass
    with torch.no_grad():
        return networks.activations(torch.as_tensor(data.test_x))[-1].numpy()


def by_autograd(data, loss, slope):
    """The gradient of `loss(logits (n, K), labels)`, summed over the examples, beside `slope`'s, at random logits of one network."""
    rows = torch.arange(len(data.train_y))
    logits = torch.randn(
        1, len(rows), data.num_classes, dtype=torch.float64, generator=torch.Generator().manual_seed(3)
    ).requires_grad_()
    loss(logits[0], torch.as_tensor(data.train_y)).sum().backward()
    with torch.no_grad():
        return logits.grad.numpy(), slope(logits, rows).numpy(), logits.detach()[0].numpy()


@pytest.fixture(scope="module")
def data():
    return make_data(LabConfig(**SMALL, noise=0.3))


def test_the_penalty_is_ce_minus_entropy(data):
    def loss(logits, labels):
        p = logits.softmax(dim=1)
        return torch.nn.functional.cross_entropy(logits, labels, reduction="none") + 0.7 * (p * p.log()).sum(dim=1)

    expected, made, logits = by_autograd(data, loss, penalty_slope(data, (0.7,)))
    np.testing.assert_allclose(made, expected, atol=1e-6)


def test_forward_correction_is_the_loss_of_the_noisy_answer(data):
    transition = transition_matrix(4, 0.4)

    def loss(logits, labels):
        return -(logits.softmax(dim=1) @ torch.as_tensor(transition))[torch.arange(len(labels)), labels].log()

    expected, made, logits = by_autograd(data, loss, forward_slope(data, transition))
    np.testing.assert_allclose(made, expected, atol=1e-12)
    with torch.no_grad():
        np.testing.assert_allclose(
            forward_loss(logits, data.train_y, transition),
            loss(torch.as_tensor(logits), torch.as_tensor(data.train_y)).numpy(),
            atol=1e-12,
        )


@pytest.mark.parametrize(("temperature", "weight"), [(1.0, 1.0), (4.0, 1.0), (2.0, 0.3)])
def test_distillation_is_a_scaled_kl_of_tempered_softmaxes(data, temperature, weight):
    teacher = np.random.default_rng(5).normal(size=(1, len(data.train_y), 4))
    asked = torch.as_tensor(teacher[0] / temperature).softmax(dim=1)

    def loss(logits, labels):
        kl = (asked * (asked.log() - (logits / temperature).log_softmax(dim=1))).sum(dim=1)
        return (1 - weight) * torch.nn.functional.cross_entropy(logits, labels, reduction="none") + weight * temperature**2 * kl

    expected, made, _ = by_autograd(data, loss, distil_slope(data, teacher, (temperature,), (weight,)))
    np.testing.assert_allclose(made, expected, atol=1e-12)


def test_a_student_with_weight_0_trains_as_if_there_were_no_teacher(data):
    teacher = 9 * np.random.default_rng(5).normal(size=(2, len(data.train_y), 4))
    config = LabConfig(**SMALL, alphas=(0.0, 0.0))
    made = at_the_end(config, data, slope=distil_slope(data, teacher, (1.0, 8.0), (0.0, 0.0)))
    np.testing.assert_allclose(made, at_the_end(config, data), atol=1e-9)
    assert np.abs(at_the_end(config, data, slope=distil_slope(data, teacher, (1.0, 8.0))) - made).max() > 0.01


def test_equal_weights_are_label_smoothing(data):
    from lsviz.core.smoothing.wrong_classes import similar_targets

    targets = np.stack([similar_targets(np.ones((4, 4)), alpha) for alpha in (0.0, 0.3)])
    config = LabConfig(**SMALL, alphas=(0.0, 0.3))
    np.testing.assert_allclose(at_the_end(config, data, slope=matrix_slope(data, targets)), at_the_end(config, data), atol=1e-9)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_decays_are_those_of_the_optimiser(data, optimizer):
    config = LabConfig(**SMALL, optimizer=optimizer, alphas=(0.1, 0.1))
    made = at_the_end(config, data, decays=(0.0, 0.03))
    for m, decay in enumerate((0.0, 0.03)):
        alone = LabConfig(**SMALL, optimizer=optimizer, alphas=(0.1,), weight_decay=decay)
        np.testing.assert_allclose(made[m], at_the_end(alone, data)[0], atol=1e-7)


def test_trials_are_named_by_what_they_ask():
    keys = {
        Trial().key,
        SamplesTrial().key,
        SamplesTrial(seeds=3).key,
        WrongTrial().key,
        TaughtTrial().key,
        PriorsTrial().key,
        PriorsTrial(kind="blobs").key,
    }
    assert len(keys) == 7 and SamplesTrial().key == SamplesTrial(seeds=8).key
    with pytest.raises(LsvizError, match="kind"):
        PriorsTrial(kind="rings")
    with pytest.raises(LsvizError, match="alpha"):
        AlikeTrial(alpha=0.0)


def test_whoever_waits_hears_and_may_end_it():
    class Enough(Exception):
        pass

    def tell(stage, share, best):
        heard.append((stage, share))
        if stage == "train":
            raise Enough

    heard = []
    with pytest.raises(Enough):
        TaughtTrial(seeds=1).run(tell)
    assert heard[0] == ("import", 0.0)


def test_the_spread_adds_up_and_its_sum_is_the_mean_loss():
    trial = SamplesTrial(sizes=(30, 60), seeds=3, epochs=3, alphas=(0.0, 0.1, 0.5))
    found = trial.run(quiet)
    whole = make_data(LabConfig())
    assert found.pool == len(whole.train_y) and found.images == len(whole.test_y)
    for size in trial.sizes:
        logits = np.stack([trial._network(whole, size, seed, Steps(quiet, 1)) for seed in range(3)])
        again = decompose_brier(logits[:, 1], whole.test_y)
        assert found.brier[size][0.1] == again
        for parts, measured in ((found.brier, None), (found.nll, "nll")):
            for m, (_alpha, one) in enumerate(parts[size].items()):
                assert one.expected == pytest.approx(one.bias + one.variance, abs=1e-10)
                if measured:
                    assert one.expected == pytest.approx(found.metrics[size][measured][:, m].mean(), abs=1e-9)
        accuracy = found.metrics[size]["accuracy"]
        assert accuracy.shape == (3, 3)
        assert [d[0] for d in found.differences[size]["accuracy"]] == pytest.approx((accuracy - accuracy[:, :1]).mean(axis=0))
        for metric, each in found.differences[size].items():
            clear = [chance < 0.05 for chance in found.chances[size][metric]]
            assert clear == [side(low, high) != 0 for _, low, high in each], "a p-value below .05 is an interval without 0"
    assert not np.array_equal(trial._network(whole, 30, 0, Steps(quiet, 1)), trial._network(whole, 30, 1, Steps(quiet, 1)))


def test_priors_are_as_sure_as_any_strength_tried_allows():
    found = PriorsTrial(kind="blobs").run(quiet)
    assert tuple(found.each) == PRIORS
    hard, smoothed = found.each["hard"], found.each["smoothed"]
    for name in ("decay", "stopped", "penalty"):  # nothing is added at alpha 0
        np.testing.assert_array_equal(found.each[name].levels[0], hard.levels[0])
        assert found.each[name].setting[0] == 0
    assert set(found.each["decay"].setting[1:]) <= set(DECAYS) and set(found.each["penalty"].setting[1:]) <= set(PENALTIES)
    at = found.alphas.index(0.1)
    for name in ("decay", "stopped", "penalty"):
        assert found.each[name].sure[at, 0] == pytest.approx(smoothed.sure[at, 0], abs=0.06)
    assert smoothed.sure[at, 0] < hard.sure[at, 0] and found.each["stopped"].setting[at] < 200
    assert (np.divmod(smoothed.levels, 100)[0] < 3).all()
    x, y, field = found.x, found.y, hard.levels[0]
    data = make_data(PriorsTrial(kind="blobs").config(1))
    networks = trained(PriorsTrial(kind="blobs").config(1), data, Steps(quiet, 1))
    corner = logits_of(networks, np.array([[x[0], y[-1]]]))[0, 0].astype(float)
    p = np.exp(corner - corner.max()) / np.exp(corner - corner.max()).sum()
    assert field[-1, 0] == round(100 * (corner.argmax() + min(p.max(), 0.99)))


def test_wrong_labels_by_a_loop():
    trial = WrongTrial(rates=(0.0, 0.4), alphas=(-0.4, 0.0, 0.2), seeds=2, examples=60, epochs=8)
    found = trial.run(quiet)
    assert set(found.cells) == {(rate, alpha) for rate in trial.rates for alpha in trial.alphas}
    assert set(found.corrected) == {(0.4, "forward"), (0.4, "backward")} and found.flipped == {0.0: 0, 0.4: 24}
    whole = make_data(LabConfig(examples=60))
    right, given = [], []
    for seed in range(2):
        data = trial._noisy(whole, 0.4, seed)
        networks = trained(LabConfig(width=128, epochs=8, batch=50, seed=seed, alphas=(0.0, 0.2)), data, Steps(quiet, 1))
        right.append((logits_of(networks, data.test_x).argmax(axis=2) == data.test_y).mean(axis=1))
        wrong = data.flipped
        p = torch.as_tensor(logits_of(networks, data.train_x[wrong])).double().softmax(dim=2).numpy()
        given.append([one[np.arange(wrong.sum()), data.train_y[wrong]].mean() for one in p])
    hard, soft = np.mean(right, axis=0)
    assert found.cells[0.4, 0.2].accuracy == pytest.approx(soft, abs=0.004)
    assert found.cells[0.4, 0.2].against_hard[0] == pytest.approx(soft - hard, abs=0.006)
    assert found.cells[0.4, 0.2].given == pytest.approx(np.mean(given, axis=0)[1], abs=1e-3)
    assert found.cells[0.4, 0.0].against_hard is None and np.isnan(found.cells[0.0, 0.2].learnt)
    assert np.array_equal(whole.train_y, whole.clean_y)  # the noise of one seed stays with it


def test_students_and_likeness_come_out_whole():
    taught = TaughtTrial(seeds=2, examples=60, epochs=3, teachers=(0.0, 0.1), temperatures=(1.0, 4.0)).run(quiet)
    assert set(taught.students) == {(a, t) for a in (0.0, 0.1) for t in (1.0, 4.0)} and set(taught.alone) == {0.0, 0.1}
    assert all(right.shape == (2, taught.images) for right in taught.students.values())
    alike = AlikeTrial(0, 0.2, ((1,) * 10,) * 10, seeds=2, examples=60, epochs=3).run(quiet)
    assert tuple(alike.each) == KINDS
    even, matrix = alike.each["even"], alike.each["matrix"]
    np.testing.assert_allclose(even.map, matrix.map, atol=1e-5)  # equal weights
    assert even.against_even["nll"] == (0, 0, 0) and np.isnan(np.diag(matrix.map)).all()
    np.testing.assert_allclose(np.nansum(matrix.map, axis=1), 1, atol=1e-6)


def test_taken_keeps_the_test_digits(data):
    few = taken(data, np.array([5, 1]))
    np.testing.assert_array_equal(few.train_x, data.train_x[[5, 1]])
    assert few.test_x is data.test_x


def test_five_losses_are_their_formulas_and_one_strength_of_each_is_as_sure_as_smoothing(data):
    ce = lambda z, y: torch.nn.functional.cross_entropy(z, y, reduction="none")
    own = lambda z, y: z.softmax(dim=1).gather(1, y[:, None])[:, 0]
    formulas = {
        ("hard", 0.0): ce,
        ("smoothing", 0.3): lambda z, y: torch.nn.functional.cross_entropy(z, y, label_smoothing=0.3, reduction="none"),
        ("penalty", 0.7): lambda z, y: ce(z, y) - 0.7 * torch.distributions.Categorical(logits=z).entropy(),
        ("focal", 2.5): lambda z, y: (1 - own(z, y)) ** 2.5 * ce(z, y),
        ("margin", 0.8): lambda z, y: ce(z, y) + 0.1 * (z.max(dim=1, keepdim=True).values - z - 0.8).relu().sum(dim=1),
        ("maxsup", 0.4): lambda z, y: ce(z, y) + 0.4 * (z.max(dim=1).values - z.mean(dim=1)),
    }
    for asked, formula in formulas.items():
        expected, made, _ = by_autograd(data, formula, losses_slope(data, [asked]))
        np.testing.assert_allclose(made, expected, atol=1e-9, err_msg=asked[0])
    together = losses_slope(data, list(formulas))
    logits, rows = torch.randn(len(formulas), 5, 4, dtype=torch.float64), torch.arange(5)
    alone = [losses_slope(data, [asked])(logits[i : i + 1], rows) for i, asked in enumerate(formulas)]
    assert torch.equal(together(logits, rows), torch.cat(alone))

    found = LossesTrial(alpha=0.2, seeds=2, examples=80, epochs=4).run(quiet)
    assert tuple(found.each) == LOSSES and found.each["smoothing"].strength == 0.2 and found.each["hard"].strength == 0
    assert all(one.strength in STRENGTHS[name] for name, one in found.each.items() if name in STRENGTHS)
    assert set(found.each["smoothing"].against.values()) == {(0.0, 0.0, 0.0)}
    for name, one in found.each.items():
        assert 0.1 < one.confidence < 1 and all(0 <= value < 1.5 for value in one.values.values())
        for measure in MEASURES:
            difference = one.values[measure] - found.each["smoothing"].values[measure]
            mean, low, high = one.against[measure]
            assert low <= mean <= high and mean == pytest.approx(difference, abs=1e-9), (name, measure)
            assert one.moved[measure] in (0, side(low, high)), "Holm marks none that its own interval does not"


def test_far_and_unseen_digits_are_scored_by_networks_that_never_saw_them():
    whole = make_data(LabConfig())
    data, unseen = learnt_and_unseen(whole, 100)
    assert len(data.train_y) == 100 and set(data.train_y) | set(data.test_y) == set(range(SEEN)) and data.num_classes == SEEN
    assert len(data.test_y) + len(data.validation_y) + (whole.train_y < SEEN).sum() + len(unseen) == sum(
        map(len, (whole.train_y, whole.validation_y, whole.test_y))
    )
    np.testing.assert_allclose(data.train_x.mean(axis=0), 0, atol=1e-12)
    trial = UnseenTrial(seeds=2, examples=80, epochs=3, alphas=(0.0, 0.3))
    found = trial.run(quiet)
    assert found.sure.shape == (2, len(DISTANCES)) and (found.sure >= 1 / SEEN).all() and (np.diff(found.sure, axis=1) > 0).all()
    config = LabConfig(num_classes=SEEN, width=128, epochs=3, batch=50, alphas=(0.0, 0.3))
    data, unseen = learnt_and_unseen(whole, 80)
    each = [trained(replace(config, seed=seed), data, Steps(quiet, 1)) for seed in range(2)]
    areas = np.array(
        [
            [roc_auc_score([1] * len(a) + [0] * len(b), np.r_[score_of(a, "logit"), score_of(b, "logit")]) for a, b in zip(*pair)]
            for pair in ((logits_of(one, data.test_x), logits_of(one, unseen)) for one in each)
        ]
    )
    np.testing.assert_allclose(found.auroc["logit"], areas.mean(axis=0), atol=1e-9)
    mean, low, high = found.against_hard["logit"][1]
    assert mean == pytest.approx(np.diff(areas, axis=1).mean()) and low < mean < high
    assert found.against_hard["norm"][0] == (0.0, 0.0, 0.0)
