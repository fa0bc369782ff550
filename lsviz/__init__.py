"""Label smoothing, seen: what it does to targets, loss, confidence and geometry."""

_PLACES = {
    "capture": "lsviz.predictions.capture",
    "show": "lsviz.predictions.notebook",
    "History": "lsviz.predictions.curves.history",
}


def __getattr__(name: str):
    if name in _PLACES:  # who needs none of them waits for none
        from importlib import import_module

        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'lsviz' has no attribute {name!r}")
