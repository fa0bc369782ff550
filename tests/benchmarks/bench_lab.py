"""The lab's 21 alphas on digits against scikit-learn's MLPClassifier of the same shape, solver, epochs and batch; one thread."""

from __future__ import annotations

import time
import warnings

import numpy as np


def rows() -> list[tuple]:
    import torch
    from sklearn.neural_network import MLPClassifier

    from lsviz.lab.config import LabConfig
    from lsviz.lab.data import make_data
    from lsviz.lab.engine import train_epochs
    from lsviz.lab.run import train

    warnings.simplefilter("ignore")  # scikit-learn says that 40 epochs may not be enough
    torch.set_num_threads(1)
    config = LabConfig()
    data = make_data(config)
    train(LabConfig(epochs=2))  # imports
    bare, whole, theirs = [], [], []
    for _ in range(3):
        start = time.process_time()
        for _ in train_epochs(config, data):
            pass
        bare.append(time.process_time() - start)
        start = time.process_time()
        run = train(config)
        whole.append(time.process_time() - start)
        start = time.process_time()
        mlp = MLPClassifier(config.hidden(), solver="adam", batch_size=config.batch, max_iter=config.epochs, n_iter_no_change=10**6, tol=0, alpha=0).fit(data.train_x, data.train_y)
        theirs.append(time.process_time() - start)
    ours, other = float(np.median(whole)), float(np.median(theirs))
    accuracy = run.curves["test_accuracy"][0, -1]
    sklearn = f"MLPClassifier {other:.2f} s, accuracy {mlp.score(data.test_x, data.test_y):.3f}"
    return [
        ("lab: 21 alphas on digits, 40 epochs, measured every epoch", f"{ours:.2f} s CPU, hard accuracy {accuracy:.3f}", "", None, "<= 3 s, aim 1.5; accuracy >= .96"),
        ("lab: one network of the 21, measuring included", f"{ours / 21:.3f} s", sklearn, other / (ours / 21), ">= 1.5x"),
        ("lab: one network of the 21, training alone", f"{np.median(bare) / 21:.3f} s", sklearn, other / (float(np.median(bare)) / 21), ""),
    ]
