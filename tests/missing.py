"""What the machine has to provide for a test: without it the test is skipped, except where a skip would pass for a check."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip for want of `what`; under CI=true fail. Works inside a test, a fixture and at a module's top."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"missing: {what}")
    pytest.skip(f"missing: {what}", allow_module_level=True)
