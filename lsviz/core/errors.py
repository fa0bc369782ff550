"""One exception for everything a user can put right; one table with its English sentences."""

from __future__ import annotations

# Every sentence names what is wrong and what to do. `ui` translates by code; the command line prints these.
MESSAGES: dict[str, str] = {}


class LsvizError(ValueError):
    """A mistake the user can mend: `code` names it, `values` fill its sentence in any language."""

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(MESSAGES[code].format(**values))

    def __reduce__(self):  # keyword arguments survive the trip through a process pool
        return (_rebuild, (self.code, self.values))


def _rebuild(code: str, values: dict[str, object]) -> LsvizError:
    return LsvizError(code, **values)
