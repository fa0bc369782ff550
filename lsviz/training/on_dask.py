"""Hand the runs of a plan to an existing Dask cluster. Runs are independent; their records come back and are written here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from lsviz.core.errors import LsvizError
from lsviz.store import RunConfig, write_failure, write_run
from lsviz.training.produce import (
    BROKE_OFF,
    Progress,
    images_of,
    produce,
    produced,
    said_of,
    unfinished,
    work_of,
)


def sweep_on_cluster(
    configs: Sequence[RunConfig], data: Path, out: Path, *, scheduler: str, device: str, cache: Path,
    limit_minutes: float | None = None, records: dict[str, int] | None = None, retry: bool = False,
) -> int:  # fmt: skip
    """Train what is missing on the workers of `scheduler`, one run a worker thread; same files as a local sweep.

    Workers need lsviz and the data under the same path. A worker that dies loses the run in its hands, which another
    one trains again. Returns 0 when everything is there, 1 when a run failed or time ran out. Raises LsvizError when Dask
    is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise LsvizError("training.dask") from None
    todo = unfinished(out, configs, retry=retry)
    try:
        client = Client(scheduler, timeout="10s", set_as_default=False)
    except OSError as error:
        raise LsvizError("training.cluster", scheduler=scheduler, reason=str(error) or type(error).__name__) from error
    with client:
        slots = max(1, sum(client.nthreads().values()))
        print(
            f"{len(configs)} runs, {len(configs) - len(todo)} finished before, {len(todo)} for {slots} worker threads of {scheduler}"
        )
        progress = Progress(sum(map(work_of, todo)), device)
        held: dict[str, RunConfig] = {}
        failed, skipped = [], []

        def more() -> list:
            while todo:
                config = todo.pop(0)
                if limit_minutes is not None and progress.spent + work_of(config) / (progress.rate / slots) > 60 * limit_minutes:
                    skipped.append(config.run_id)
                    continue
                future = client.submit(
                    produce, config, data, cache, device, records=records, key=config.run_id, pure=False, retries=2
                )
                held[config.run_id] = config
                return [future]
            return []

        running = as_completed([future for _ in range(slots) for future in more()], loop=client.loop)
        for future in running:
            config = held.pop(future.key)
            try:
                record, arrays = future.result()
                listed = write_run(out, record, arrays, produced())
                progress.done += work_of(config)
                progress.images += images_of(config)
                print(said_of(config.run_id, listed.metrics), flush=True)
                print(progress.line(len(held), len(todo)), file=sys.stderr, flush=True)
            except Exception as error:  # noqa: BLE001 - whatever ended it on the worker, the other runs go on
                failed.append(config.run_id)
                if isinstance(error, LsvizError) and error.code in BROKE_OFF:
                    write_failure(out, config, error)
                print(f"{config.run_id}: {error}", file=sys.stderr, flush=True)
            future.release()
            for new in more():
                running.add(new)
    if skipped:
        print(f"no time for {len(skipped)} runs: {', '.join(skipped)}", file=sys.stderr)
    print(f"{len(configs) - len(failed) - len(skipped)} of {len(configs)} runs are in {out}")
    return 1 if failed or skipped else 0
