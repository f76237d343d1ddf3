"""What decides one output: the digest by which `run` tells whether it would be made otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from augcli.recipe.script import script
from augcli.render import copy_stream
from augcli.sample import Copy, Entry, Partner
from augcli.setting import Setting


def build(
    setting: Setting,
    target: str,
    entry: Entry,
    copy: Copy,
    environment: str,
    happened: Sequence[str] | None = None,
) -> str:
    """Digest of all that decides one output but the bytes of its sources, which the row names apart.

    Two plans that give a copy the same build make the same file from the same sources, so `--update`
    redoes a copy exactly when its build or one of its sources changed.

    happened  ids of the steps of this copy's script, by whoever has rolled for them already
    """
    recipe = setting.recipe
    mixes = bool(copy.partners)
    steps: list[str] = []
    if mixes:  # partners pass through steps that this copy itself may not meet
        steps = [setting.steps_digest]
    elif copy.number:
        if happened is None:
            rng = copy_stream(recipe, entry, copy.number)
            happened = [step.id for step in script(recipe.steps, rng, copy.number, entry.categories)]
        steps = [setting.step_digests[step] for step in happened]
    facts: list[object] = [
        *(environment, setting.digest),
        recipe.seed if copy.number else None,  # nothing is drawn for an original
        *(entry.split, entry.key, entry.group, entry.classes, entry.extra, entry.tile),
        *(copy.number, copy.output, copy.encode, _names(copy.partners), steps),
    ]
    if setting.dataset.categories or entry.mask is not None:
        facts += [setting.labels_digest(target), _labels_digest(entry.labels)]
    # As Python writes values in ASCII: that tells them apart as JSON does, in a third of its time.
    return hashlib.blake2b(ascii(facts).encode(), digest_size=16).hexdigest()


def _names(partners: Mapping[str, tuple[Partner, ...]]) -> list[object]:
    """The partners by name."""
    return [
        (
            step,
            [
                ([(entry.key, entry.tile) for entry in slot.candidates], _names(slot.partners))
                for slot in slots
            ],
        )
        for step, slots in sorted(partners.items())
    ]


@lru_cache(maxsize=1)  # copies of an image follow each other
def _labels_digest(labels: bytes) -> str:
    return hashlib.sha256(labels).hexdigest()
