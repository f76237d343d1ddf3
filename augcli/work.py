"""One job to its records: decode once, render each copy, write each file whole, tell what was done.

Runs in a worker process. Everything that is wrong with an image becomes a row; only an output that cannot
be written ends the run.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import hashlib
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from augcli import formats, storage
from augcli.build import build
from augcli.errors import AugmentError, ItemError
from augcli.formats.contract import LabelFile, Output
from augcli.images import encode
from augcli.images.verdict import lacks_memory
from augcli.labels import Dropped, class_weights, finish, to_plain
from augcli.laps import Laps
from augcli.recipe.model import Recipe
from augcli.render import Opened, Source, Story, open_file, open_source, render
from augcli.sample import Copy, Entry, Job, Record, Sample, heaviest
from augcli.setting import Setting

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST_MMAP_THRESHOLD = 32 << 20


def settle() -> None:
    """Set a process up for this work: one OpenCV thread, because there is a process per core, and memory that
    was freed kept for the next image.

    glibc gives freed arrays back to the system until it has seen how large they get, and the next image then
    pays for fresh pages. The thresholds are set to where glibc itself would raise them at most (mallopt(3)).
    """
    cv2.setNumThreads(1)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD)
        mallopt(_M_TRIM_THRESHOLD, 2 * _LARGEST_MMAP_THRESHOLD)


@dataclass(frozen=True)
class Work:
    """What every job of a run needs to know; called with a job, in any process.

    output       the output folder
    environment  digest of what changes bytes (`environment.digest`), part of every row's `build`
    target       name of the format that is written
    debug        keep tracebacks of unexpected errors
    """

    setting: Setting
    output: str
    environment: str
    target: str = "folders"
    debug: bool = False

    @property
    def recipe(self) -> Recipe:
        """The recipe."""
        return self.setting.recipe

    @property
    def by_class(self) -> bool:
        """Whether images lie in folders of their classes, so that a mixture goes to that of its heaviest."""
        return self.target == "folders"

    def __call__(self, job: Job) -> list[Record]:
        """One record per copy, in order. Raises `Aborted` when the output cannot be written."""
        if not job.tiles:
            return self._made(job)
        opened = None
        with contextlib.suppress(Exception):  # each tile will meet it again, and its rows say what it was
            opened = open_file(self.setting, job.entry)
        return [record for tile in job.tiles for record in self._made(tile, opened)]

    def _made(self, job: Job, opened: Opened | None = None) -> list[Record]:
        laps = Laps()
        try:
            source = open_source(self.setting, job.entry, opened)
        except ItemError as error:
            return [self.failed(job, copy, error) for copy in job.copies]
        except AugmentError:
            raise
        except Exception as error:
            return [self.unexpected(job, copy, error) for copy in job.copies]
        laps.lap("decode")
        records = []
        for copy in job.copies:
            records.append(self._record(job, copy, source, laps))
            laps = Laps()  # decoding is told with the first copy
        return records

    def _record(self, job: Job, copy: Copy, source: Source, laps: Laps) -> Record:
        begin = time.perf_counter()
        try:
            row, contents = self.make(job.entry, copy, source, laps)
            for file, data in zip(row["files"], contents, strict=True):
                storage.write(storage.place_below(self.output, file["path"]), data)
        except ItemError as error:
            return self.failed(job, copy, error, source)
        except AugmentError:
            raise
        except Exception as error:
            return self.unexpected(job, copy, error, source)
        laps.lap("write")
        return Record(row, time.perf_counter() - begin, stages=laps.spent)

    def make(
        self, entry: Entry, copy: Copy, source: Source, laps: Laps | None = None
    ) -> tuple[dict[str, Any], list[bytes]]:
        """The row of one copy and the bytes of its files; nothing is written. Raises `ItemError`."""
        laps = laps or Laps()
        sample, story = source.sample, Story(warnings=list(source.picture.warnings), laps=laps)
        if copy.number:
            sample, story = render(self.setting, source, copy.number, copy.partners, laps)
        return self.finished(entry, copy, source, sample, story)

    def finished(
        self, entry: Entry, copy: Copy, source: Source, sample: Sample, story: Story
    ) -> tuple[dict[str, Any], list[bytes]]:
        """The row of a copy that was rendered, and the bytes of its files. Raises `ItemError`."""
        weights = class_weights(sample)
        path = placed(copy.output, entry, heaviest(weights)) if self.by_class else copy.output
        kept = sample.objects
        dropped: tuple[Dropped, ...] = ()
        untouched = not copy.number and not source.prepared
        if not untouched and len(kept):
            kept, dropped = finish(kept, sample.size, self.setting.keeping)
        if copy.number or entry.tile is not None or self.target != self.setting.dataset.format:
            kept = kept.public()
        files = self._label_files(entry, copy, path, dataclasses.replace(sample, objects=kept))
        row = self.row(entry, copy, source, story.script) | {
            "status": "ok",
            "output": path,
            "size": list(sample.size),
            "labels": labels_row(entry, weights),
            "partners": story.partners,
            "steps": story.steps,
            "dropped": [each.plain() for each in dropped],
            "warnings": story.warnings,
        }
        if self.setting.dataset.categories:
            row["labels"]["objects"] = to_plain(kept, None if untouched else 6)
        story.laps.lap("labels")
        # Last, because encoding leaves nothing of the rest in the processor's caches.
        files = (LabelFile("image", path, self._bytes(copy, source, sample)), *files)
        row["files"] = [_told(file) for file in files]
        story.laps.lap("encode")
        return row, [file.data for file in files]

    def _label_files(self, entry: Entry, copy: Copy, path: str, sample: Sample) -> tuple[LabelFile, ...]:
        target = formats.load(self.target)
        found = Output(
            entry.split,
            path,
            sample.size,
            sample.objects,
            sample.mask,
            1 if sample.image.ndim == 2 else sample.image.shape[2],
            dict(entry.extra),
            copy.number,
        )
        return target.label_files(self.setting.dataset, found)

    def _bytes(self, copy: Copy, source: Source, sample: Sample) -> bytes:
        """The file's bytes; an original that nothing changes is the source's own."""
        if not copy.number and not source.prepared:
            suffix = Path(source.entry.key).suffix.casefold()
            if Path(copy.output).suffix.casefold() == suffix:
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

    def class_at(self, job: Job) -> int | None:
        """The part of the outputs' paths that is the class folder, where mixing may change it."""
        mixes = self.by_class and any(copy.partners for _, copy in job.outputs)
        return (1 if job.entry.split else 0) if mixes else None

    def places(self, entry: Entry, copy: Copy, classes: Iterable[str]) -> set[str]:
        """Where the file of this copy may lie: which class is the heaviest shows when it is made."""
        found = {copy.output}
        if self.by_class and copy.partners:
            found |= {placed(copy.output, entry, label) for label in classes}
        return found

    def row(
        self, entry: Entry, copy: Copy, source: Source | None = None, happened: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """The columns that every row has, whatever came of it. `happened`: see `build`."""
        digest = build(self.setting, self.target, entry, copy, self.environment, happened)
        return {
            "id": f"{entry.id}#{copy.number}",
            "split": entry.split,
            "source": entry.key,
            "source_sha256": source.sha256 if source else None,
            **({"mask_sha256": source.mask_sha256} if source and source.mask_sha256 else {}),
            **({"tile": list(entry.tile)} if entry.tile else {}),
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
            "build": digest,
        }

    def failed(self, job: Job, copy: Copy, error: ItemError, source: Source | None = None) -> Record:
        """The row of a copy that could not be made."""
        row = self.row(job.entry, copy, source)
        return Record(row | {"status": "error", "error": {"code": error.code, "text": error.text}})

    def unexpected(self, job: Job, copy: Copy, error: Exception, source: Source | None = None) -> Record:
        """The row of a copy that met an error of ours; the traceback never enters the manifest."""
        code = "memory_limit" if lacks_memory(error) else "internal"
        record = self.failed(job, copy, ItemError(code, kind=type(error).__name__), source)
        trace = "".join(traceback.format_exception(error)) if self.debug else ""
        return Record(record.row, debug=trace)


def _told(file: LabelFile) -> dict[str, Any]:
    """A file of a row, as the row names it."""
    sha256 = hashlib.sha256(file.data).hexdigest()
    return {"kind": file.kind, "path": file.path, "sha256": sha256, "bytes": len(file.data)}


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
