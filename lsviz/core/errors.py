"""One exception for everything a user can put right. Its sentence, which names what is wrong and what to do, is that of its code in `errors`."""

from __future__ import annotations

from lsviz.core.english import english


class LsvizError(ValueError):
    """A mistake the user can mend: `code` names it, `values` fill its sentence in any language; a value that is words is an error itself."""

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(english("errors")[code].format(**values))

    def bare(self) -> LsvizError:
        """The same error to be kept: one that was raised holds on to every variable on its way, a whole file among them."""
        return type(self)(
            self.code, **{name: value.bare() if isinstance(value, LsvizError) else value for name, value in self.values.items()}
        )

    def __reduce__(self) -> tuple[object, ...]:  # keyword arguments survive the trip through a process pool
        return (_rebuild, (type(self), self.code, self.values))


def _rebuild(kind: type[LsvizError], code: str, values: dict[str, object]) -> LsvizError:
    return kind(code, **values)


class MissingArray(LsvizError, KeyError):
    """A stored run holds no array of this name; a KeyError too, as arrays are read from a mapping."""

    __str__ = ValueError.__str__  # KeyError's would put the sentence in quotes
