"""torchvision beside a torch of another build, for readers of labels, which use none of its operators."""

from __future__ import annotations

import sys

import torch

SCHEMAS = (
    "nms(Tensor boxes, Tensor scores, float threshold) -> Tensor",
    "qnms(Tensor boxes, Tensor scores, float threshold) -> Tensor",
)


def torchvision_ready() -> list[torch.library.Library]:
    """Make `import torchvision` work. Keep what is returned: operators go with the library they are in."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError:  # its compiled part does not fit to this torch, so that its operators are unknown
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for schema in SCHEMAS:
            library.define(schema)
        return [library]
    return []
