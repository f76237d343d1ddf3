"""One job to its records: decode once, render each copy, write each file whole, tell what was done.

Runs in a worker process. Everything that is wrong with an image becomes a row; only an output that cannot
be written ends the run.
"""

from __future__ import annotations

import hashlib
import json
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from augcli import storage
from augcli.errors import AugmentError, ItemError
from augcli.images import encode
from augcli.labels import class_weights
from augcli.recipe.identity import parameters_plain, step_plain
from augcli.recipe.model import Recipe
from augcli.recipe.script import script
from augcli.render import Source, Story, copy_stream, open_source, render
from augcli.sample import Copy, Entry, Job, Partner, Record, Sample, heaviest


def settle() -> None:
    """Set a process up for this work: one OpenCV thread, because there is a process per core."""
    cv2.setNumThreads(1)


@dataclass(frozen=True)
class Work:
    """What every job of a run needs to know; called with a job, in any process.

    output       the output folder
    environment  digest of what changes bytes (`environment.digest`), part of every row's `build`
    debug        keep tracebacks of unexpected errors
    """

    recipe: Recipe
    output: str
    environment: str
    debug: bool = False

    def __call__(self, job: Job) -> list[Record]:
        """One record per copy, in order. Raises `Aborted` when the output cannot be written."""
        try:
            source = open_source(self.recipe, job.entry)
        except ItemError as error:
            return [self.failed(job, copy, error) for copy in job.copies]
        except AugmentError:
            raise
        except Exception as error:
            return [self.unexpected(job, copy, error) for copy in job.copies]
        return [self._record(job, copy, source) for copy in job.copies]

    def _record(self, job: Job, copy: Copy, source: Source) -> Record:
        begin = time.perf_counter()
        try:
            row, data = self.make(job.entry, copy, source)
            storage.write(Path(self.output, row["output"]), data)
        except ItemError as error:
            return self.failed(job, copy, error, source)
        except AugmentError:
            raise
        except Exception as error:
            return self.unexpected(job, copy, error, source)
        return Record(row, time.perf_counter() - begin)

    def make(self, entry: Entry, copy: Copy, source: Source) -> tuple[dict[str, Any], bytes]:
        """The row and the bytes of one copy; nothing is written. Raises `ItemError`."""
        sample, story = source.sample, Story(warnings=list(source.picture.warnings))
        if copy.number:
            sample, story = render(self.recipe, source, copy.number, copy.partners)
        weights = class_weights(sample)
        path = placed(copy.output, entry, heaviest(weights))
        data = self._bytes(copy, source, sample)
        row = self.row(entry, copy, source) | {
            "status": "ok",
            "output": path,
            "files": [{"kind": "image", "path": path, "sha256": hashlib.sha256(data).hexdigest()}],
            "size": list(sample.size),
            "labels": labels_row(entry, weights),
            "partners": story.partners,
            "steps": story.steps,
            "warnings": story.warnings,
        }
        return row, data

    def _bytes(self, copy: Copy, source: Source, sample: Sample) -> bytes:
        """The file's bytes; an original that nothing changes is the source's own."""
        suffix = Path(source.entry.key).suffix.casefold()
        if not copy.number and not source.prepared and Path(copy.output).suffix.casefold() == suffix:
            return source.data
        options = self.recipe.output.encode
        return encode(
            sample.image,
            copy.encode,
            quality=options.quality,
            subsampling=options.subsampling,
            level=options.level,
            background=options.background,
            icc=source.picture.icc,
        )

    def row(self, entry: Entry, copy: Copy, source: Source | None = None) -> dict[str, Any]:
        """The columns that every row has, whatever came of it."""
        return {
            "id": f"{entry.id}#{copy.number}",
            "split": entry.split,
            "source": entry.key,
            "source_sha256": source.sha256 if source else None,
            "group": entry.group,
            "copy": copy.number,
            "output": None,
            "files": [],
            "size": None,
            "labels": labels_row(entry, dict(entry.classes)),
            "partners": [],
            "steps": [],
            "dropped": [],
            "warnings": [],
            "error": None,
            "build": build(self.recipe, entry, copy, self.environment),
        }

    def failed(self, job: Job, copy: Copy, error: ItemError, source: Source | None = None) -> Record:
        """The row of a copy that could not be made."""
        row = self.row(job.entry, copy, source)
        return Record(row | {"status": "error", "error": {"code": error.code, "text": error.text}})

    def unexpected(self, job: Job, copy: Copy, error: Exception, source: Source | None = None) -> Record:
        """The row of a copy that met an error of ours; the traceback never enters the manifest."""
        code = "memory_limit" if isinstance(error, MemoryError) else "internal"
        record = self.failed(job, copy, ItemError(code, kind=type(error).__name__), source)
        trace = "".join(traceback.format_exception(error)) if self.debug else ""
        return Record(record.row, debug=trace)


def placed(output: str, entry: Entry, label: str | None) -> str:
    """Where the file goes: class folders follow the heaviest class that mixing left."""
    own = entry.label
    if label is None or own is None or label == own:
        return output
    parts = output.split("/")
    at = 1 if entry.split else 0
    if len(parts) > at + 1 and parts[at] == own:
        parts[at] = label
    return "/".join(parts)


def labels_row(entry: Entry, weights: Mapping[str, float]) -> dict[str, Any]:
    """The `labels` column: the heaviest class, all classes with their weights, the columns carried over."""
    return {
        "label": heaviest(weights),
        "classes": list(weights),
        "weights": [round(weight, 9) for weight in weights.values()],
        "extra": dict(entry.extra),
    }


def build(recipe: Recipe, entry: Entry, copy: Copy, environment: str) -> str:
    """Digest of all that decides one output but the bytes of its sources, which the row names apart.

    Two plans that give a copy the same build make the same file from the same sources, so `--update`
    redoes a copy exactly when its build or one of its sources changed.
    """
    mixes = bool(copy.partners)
    rng = copy_stream(recipe, entry, copy.number)
    classes = [name for name, _ in entry.classes]
    steps: list[Any] = []
    if mixes:  # partners pass through steps that this copy itself may not meet
        steps = [step_plain(node) for node in recipe.steps]
    elif copy.number:
        happening = script(recipe.steps, rng, copy.number, classes)
        steps = [[step.id, step.op.name, parameters_plain(step)] for step in happening]
    options = recipe.output.encode
    facts = {
        "environment": environment,
        "seed": recipe.seed,
        "entry": [entry.split, entry.key, entry.classes, entry.extra],
        "copy": [copy.number, copy.output, copy.encode],
        "partners": _names(copy.partners),
        "prepare": [step_plain(step) for step in recipe.prepare],
        "steps": steps,
        "canvas": [recipe.canvas.border, recipe.canvas.fill, recipe.canvas.interpolation],
        "levels": recipe.input.levels,
        "encode": [options.quality, options.subsampling, options.level, options.background],
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _names(partners: Mapping[str, tuple[Partner, ...]]) -> dict[str, Any]:
    """The partners by name."""
    return {
        step: [[[entry.key for entry in slot.candidates], _names(slot.partners)] for slot in slots]
        for step, slots in partners.items()
    }
