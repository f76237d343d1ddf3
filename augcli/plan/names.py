"""What outputs are called: `{stem}__{copy:03d}{ext}`, in the tree of their sources.

Two outputs must not take one name, also on file systems that fold case or Unicode forms. Where they would,
all that want the name give it up for the next form, so that no order decides; but of sources whose names
differ in case or Unicode form alone (`2.JPG`, `2.jpg`), the first by bytes keeps it, so that another image
beside it does not rename an original:

    stem, stem_png (the source's extension), stem_1f0c9a (digest of the key), the same with 16 digits

An original keeps its name against copies: whoever would make copies under it takes the next form. Where a
recipe mixes into class folders, a copy may go to any of them, so its name is unlike those of all classes.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from augcli.errors import Problem
from augcli.formats import RESERVED
from augcli.images.kinds import extension, format_for, format_of
from augcli.sample import Entry

LIMIT = 255
"""Bytes that a file name may have."""

_NUMBER = len("__000000")
_LAST_FORM = 3
_COMMON = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
_LIKE_A_COPY = re.compile(r"(.+)__\d{3,}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Names:
    """What the outputs of one source are called, as paths below the output folder, and their file formats."""

    original: str
    original_format: str
    stem: str
    suffix: str
    format: str

    def copy(self, number: int) -> str:
        """The path of copy `number`."""
        return f"{self.stem}__{number:03d}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Subject:
    """One source to be named: `home` is the folder of its split's images in the output, `folder` its class
    folder or "", `rest` the path below.
    """

    entry: Entry
    original: bool
    copies: int
    folder: str
    rest: str
    home: str = ""


@dataclass(frozen=True, slots=True)
class Naming:
    """What decides names beside the sources.

    wanted     the recipe's `encode.format`
    prepared   originals are changed, so they are written anew
    mixes      copies may go to other class folders
    stems      a label file bears the image's name without its extension, so that alone must be unlike others
    """

    wanted: str
    prepared: bool
    mixes: bool
    stems: bool = False


def name_all(subjects: Sequence[Subject], naming: Naming) -> tuple[list[Names], list[Problem]]:
    """The names of every subject, in order; problems where the last form still collides."""
    problems = _reserved(subjects)
    forms = [(0, 0)] * len(subjects)
    claims = [_Claim.of(subject, naming, 0, 0) for subject in subjects]
    folders = {
        _folded(claim.names.original[:at])
        for claim in claims
        for at in [claim.names.original.rfind("/")]
        if at > 0
    }
    while clashes := _clashes(subjects, claims, forms, folders):
        stuck = [index for index in clashes if max(forms[index]) == _LAST_FORM]
        if stuck:
            problems += [_collision(subjects[index]) for index in stuck[:5]]
            break
        for index, original_too in clashes.items():
            original, copies = forms[index]
            original += original_too
            forms[index] = original, max(original, copies + 1 - original_too)
            claims[index] = _Claim.of(subjects[index], naming, *forms[index])
    return [claim.names for claim in claims], problems


@dataclass(frozen=True, slots=True)
class _Claim:
    """The names of a subject, and in what form they must be unlike the others'.

    original   folded path of the original
    copies     folded path of the copies without number, and their extension
    like       what `copies` would be of a source whose copy has the original's name; None for no such name
    """

    names: Names
    original: str
    copies: tuple[str, str]
    like: tuple[str, str] | None

    @classmethod
    def of(cls, subject: Subject, naming: Naming, original_form: int, copies_form: int) -> _Claim:
        entry = subject.entry
        above, _, name = subject.rest.rpartition("/")
        stem, suffix = split_name(name)
        where = _joined(subject.home, subject.folder, above)
        source_format = format_of(name) or "png"
        target = format_for(source_format, naming.wanted)
        changed = naming.prepared or entry.tile is not None
        kept = source_format == target or (naming.wanted == "same" and not changed)
        original_suffix = suffix if kept else extension(target)
        usual = suffix.casefold() in _COMMON and source_format == target
        copy_suffix = suffix if usual else extension(target)

        first = _formed(stem, suffix, original_form, entry.id, len(os.fsencode(original_suffix)))
        second = _formed(stem, suffix, copies_form, entry.id, len(os.fsencode(copy_suffix)) + _NUMBER)
        names = Names(where + first + original_suffix, target, where + second, copy_suffix, target)
        # The asterisk is no class: it stands for all of them.
        space = _joined(subject.home, "*" if naming.mixes and subject.folder else subject.folder, above)
        match = _LIKE_A_COPY.fullmatch(first)
        ends = ("", "") if naming.stems else (original_suffix.casefold(), copy_suffix.casefold())
        like = (_folded(space + match[1]), ends[0]) if match else None
        return cls(names, _folded(where + first) + ends[0], (_folded(space + second), ends[1]), like)


def _clashes(
    subjects: Sequence[Subject],
    claims: Sequence[_Claim],
    forms: Sequence[tuple[int, int]],
    folders: set[str],
) -> dict[int, bool]:
    """Who must take the next form: index -> whether for the original too, or for its copies alone."""
    originals: dict[str, list[int]] = defaultdict(list)
    copies: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, (subject, claim) in enumerate(zip(subjects, claims, strict=True)):
        if subject.original:
            originals[claim.original].append(index)
        if subject.copies:
            copies[claim.copies].append(index)
    clashes: dict[int, bool] = {}
    for path, members in originals.items():
        if path in folders:
            clashes |= dict.fromkeys(members, True)
        elif len(members) > 1:
            taken = [forms[index][0] for index in members]
            clashes |= dict.fromkeys(_yielding(members, taken, subjects), True)
    if clashes:  # copies follow their original, and may then have found a name
        return clashes
    for members in copies.values():
        if len(members) > 1:
            taken = [forms[index][1] for index in members]
            clashes |= dict.fromkeys(_yielding(members, taken, subjects), False)
    for subject, claim in zip(subjects, claims, strict=True):
        if subject.original and claim.like in copies:
            clashes |= dict.fromkeys(copies[claim.like], False)
    return clashes


def _yielding(members: Sequence[int], forms: Sequence[int], subjects: Sequence[Subject]) -> list[int]:
    """All members; but those alone that took another form before, when some still have their first, and
    not the first of twins.
    """
    later = [index for index, form in zip(members, forms, strict=True) if form]
    if later and len(later) < len(members):
        return later
    first = min(members, key=lambda index: os.fsencode(subjects[index].entry.id))
    twins = len({_folded(subjects[index].entry.id) for index in members}) == 1
    return [index for index in members if not twins or index != first]


def not_utf8(names: Iterable[str], where: str) -> list[Problem]:
    """Names that a file of text cannot hold: its readers refuse what stands for bytes that are no UTF-8."""
    wrong = [name for name in names if not _is_utf8(name)]
    if not wrong:
        return []
    shown = ", ".join(map(ascii, wrong[:5])) + (", ..." if len(wrong) > 5 else "")
    what = f"{len(wrong)} names are not UTF-8, which {where} cannot hold: {shown}"
    return [Problem("", what, "rename or exclude these files; class folders alone hold any name")]


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def split_name(name: str) -> tuple[str, str]:
    """(stem, extension with its dot); a name without one, or that begins with its only dot, has none."""
    stem, dot, ending = name.rpartition(".")
    return (stem, f".{ending}") if dot and stem else (name, "")


def _formed(stem: str, suffix: str, form: int, key: str, tail: int) -> str:
    """The stem in one of its forms, cut so that with `tail` more bytes it stays within the limit."""
    if not form and len(stem) + tail <= LIMIT // 4:  # no character takes more than four bytes
        return stem
    digest = blake2b(key.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    if form:
        stem = f"{stem}_{suffix[1:].casefold() if form == 1 else digest[: 6 if form == 2 else 16]}"
    if len(os.fsencode(stem)) + tail <= LIMIT:
        return stem
    while len(os.fsencode(stem)) + tail + 17 > LIMIT:
        stem = stem[:-1]
    return f"{stem}_{digest}"


def _folded(path: str) -> str:
    """The same for paths that some file system takes for one: caseless, one Unicode form."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path.casefold())


@lru_cache(maxsize=1024)  # folders are few, where images are many
def _joined(*parts: str) -> str:
    return "".join(f"{part}/" for part in parts if part)


def _reserved(subjects: Sequence[Subject]) -> list[Problem]:
    """Folders that would stand where the output has files of its own."""
    places: dict[tuple[str, str, str], str] = {}
    for subject in subjects:
        places.setdefault((subject.home, subject.folder, subject.rest.rpartition("/")[0]), subject.entry.id)
    first: dict[str, str] = {}
    for place, example in places.items():
        for name in _joined(*place).split("/")[:2]:
            if name.casefold() in RESERVED:
                first.setdefault(name, example)
    return [
        Problem(example, f"a folder may not be called {name}; the output has a file of that name")
        for name, example in first.items()
    ]


def _collision(subject: Subject) -> Problem:
    return Problem(subject.entry.id, "no name is free for its outputs", "rename the image")
