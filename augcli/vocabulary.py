"""What an output folder says of its dataset: enough to make its dataset-wide files from the rows alone.

run.json holds it as plain JSON. What only the listing of the input knew and no output depends on (files that
were passed over, sentences for the user) stays out. The size is that of the vocabulary, not of the dataset:
labels and images are in the rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from augcli.sample import Category, Dataset

_OF_LISTING = ("ignored", "notes")
_TOLD = [field.name for field in dataclasses.fields(Dataset) if field.name not in _OF_LISTING]


@dataclass(frozen=True)
class Vocabulary:
    """The dataset of an output.

    dataset  as it was read; `dataset.format` is the input's format
    target   name of the format that was written
    mixes    whether outputs may carry several classes with weights
    """

    dataset: Dataset
    target: str
    mixes: bool = False

    def plain(self) -> dict[str, Any]:
        """JSON values. The order of keys carries meaning: formats write fields in their source's order."""
        told = {name: getattr(self.dataset, name) for name in _TOLD}
        return told | {
            "classes": list(self.dataset.classes),
            "columns": list(self.dataset.columns),
            "attributes": list(self.dataset.attributes),
            "categories": [_plain(category) for category in self.dataset.categories],
            "holds": sorted(self.dataset.holds),
            "info": dict(self.dataset.info),
            "output": {"format": self.target, "mixes": self.mixes},
        }


def vocabulary(plain: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary of `Vocabulary.plain`. Raises ValueError for what is none, in words."""
    try:
        told = {name: plain[name] for name in _TOLD}
        told["categories"] = [
            {**category, "extra": list(category.get("extra", {}).items())} for category in plain["categories"]
        ]
        output = plain["output"]
        return Vocabulary(
            msgspec.convert(told, Dataset),
            msgspec.convert(output["format"], str),
            msgspec.convert(output["mixes"], bool),
        )
    except msgspec.ValidationError as error:
        raise ValueError(f"no description of a dataset: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no description of a dataset: it lacks a part") from error


def _plain(category: Category) -> dict[str, Any]:
    """A category without what it does not say."""
    told = {field.name: getattr(category, field.name) for field in dataclasses.fields(Category)}
    told |= {
        "keypoints": list(category.keypoints),
        "flip": list(category.flip),
        "skeleton": [list(pair) for pair in category.skeleton],
        "color": None if category.color is None else list(category.color),
        "extra": dict(category.extra),
    }
    return {name: value for name, value in told.items() if value not in ([], {}, None)}
