"""What decides one output: the digest by which `run` tells whether it would be made otherwise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from augcli.recipe.script import script
from augcli.render import copy_stream
from augcli.sample import Copy, Entry, Partner
from augcli.setting import Setting


def build(setting: Setting, target: str, entry: Entry, copy: Copy, environment: str) -> str:
    """Digest of all that decides one output but the bytes of its sources, which the row names apart.

    Two plans that give a copy the same build make the same file from the same sources, so `--update`
    redoes a copy exactly when its build or one of its sources changed.
    """
    recipe = setting.recipe
    mixes = bool(copy.partners)
    rng = copy_stream(recipe, entry, copy.number)
    steps: list[str] = []
    if mixes:  # partners pass through steps that this copy itself may not meet
        steps = [setting.steps_digest]
    elif copy.number:
        happening = script(recipe.steps, rng, copy.number, entry.categories)
        steps = [setting.step_digests[step.id] for step in happening]
    facts = {
        "environment": environment,
        "shared": setting.digest,
        "seed": recipe.seed if copy.number else None,  # nothing is drawn for an original
        "entry": [entry.split, entry.key, entry.group, entry.classes, entry.extra, *(entry.tile or ())],
        "copy": [copy.number, copy.output, copy.encode],
        "partners": _names(copy.partners),
        "steps": steps,
    }
    if setting.dataset.categories or entry.mask is not None:
        facts["labels"] = [setting.labels_digest(target), hashlib.sha256(entry.labels).hexdigest()]
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _names(partners: Mapping[str, tuple[Partner, ...]]) -> dict[str, Any]:
    """The partners by name."""
    return {
        step: [
            [[[entry.key, *(entry.tile or ())] for entry in slot.candidates], _names(slot.partners)]
            for slot in slots
        ]
        for step, slots in partners.items()
    }
