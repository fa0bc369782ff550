"""Label smoothing, seen: what it does to targets, loss, confidence and geometry."""


def __getattr__(name: str):
    if name == "capture":  # torch users alone pay for it
        from lsviz.predictions.capture import capture

        return capture
    if name == "History":
        from lsviz.predictions.curves.history import History

        return History
    raise AttributeError(f"module 'lsviz' has no attribute {name!r}")
