"""Coroutines of a test, run in a thread of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def apart(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end. A browser's fixture leaves a loop running in the tests' own thread, where no second one may begin."""
    with ThreadPoolExecutor(1) as own:
        own.submit(asyncio.run, work).result()
