"""The worst figures, told on stdout (`pytest -s`), and in the file that AUGMENT_PROOF names."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass
class Worst:
    """The worst figures so far, and how much was compared."""

    side: float = 0.0
    box_iou: float = 1.0
    mask_iou: float = 1.0
    point: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def text(self) -> str:
        found = f"box side {self.side:.3f} px, box IoU {self.box_iou:.4f}, "
        found += f"mask IoU {self.mask_iou:.4f}, keypoint {self.point:.3f} px"
        return f"{found}; compared: {self.counts}; worst at: {self.at}"


def reported(title: str, worst: Worst) -> None:
    line = f"{title}: {worst.text()}"
    print(f"\n{line}")
    if path := os.environ.get("AUGMENT_PROOF"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")
