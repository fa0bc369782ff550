"""Print the budgets of the design as a table: `python -m tests.benchmarks [name ...]`. Ratios come from one run on one machine.

Each module bench_<name> has `rows() -> list[(what, ours, other, ratio, budget)]`; seconds vary with the machine, so believe
the ratios. Nothing here is a test: a slow machine fails nothing.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    known = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    print("| what | ours | compared with | ratio | budget |\n|---|---|---|---|---|", flush=True)
    for name in names or known:
        for what, ours, other, ratio, budget in importlib.import_module(f"tests.benchmarks.bench_{name}").rows():
            shown = "" if ratio is None else f"{ratio:.2f}"
            print(f"| {what} | {ours} | {other} | {shown} | {budget} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
