"""Pictures of the data set, where there is a copy on this machine: LSVIZ_CIFAR100 names its folder."""

from __future__ import annotations

import base64
import io
import os

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core.once import once
from lsviz.store.cifar100 import pictures, read_records


def data_folder() -> str:
    """The folder of the data set, or nothing."""
    return os.environ.get("LSVIZ_CIFAR100", "")


def thumbnails(folder: str, split: str, index: ArrayLike) -> list[str]:
    """PNGs as data addresses of the images at these rows of the official file. Raises LsvizError or IndexError."""
    return [_png(image) for image in _images(folder, split)[np.asarray(index)]]


@once(2)
def _images(folder: str, split: str) -> NDArray[np.uint8]:
    return pictures(read_records(folder, split))


def _png(image: NDArray[np.uint8]) -> str:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(image).resize((64, 64), Image.Resampling.BICUBIC).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
