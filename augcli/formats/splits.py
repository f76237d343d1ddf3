"""Which top-level folders are splits, and which are classes.

The rule, in order:

1. A folder is *called like a split* when its name is train, training, val, valid, validation, dev, test or
   testing, in any case, alone or followed by set, data or a number (`train2017`, `val_2`, `testset`).
2. A folder whose name only *begins* like one (`train_clean`, `valley`, `test_tube`) is a split when images
   lie in its sub-folders alone, and it shares the name of a sub-folder with another such folder or stands
   alone: the splits of one dataset have classes in common, classes do not. A label file in it also decides.
3. There are splits when every top-level folder that holds images is one by 1 or 2; all of them are, or none.
4. What cannot be told is refused instead of guessed: images beside split folders; folders called like
   splits of two roles (train and val) beside others; one called like a split beside one that only begins so;
   one called like a split, with images in its sub-folders alone, beside others.
5. Split folders below class folders (`cat/train`, `cat/test`) are refused, unless all are for training:
   what is to be tested on would be augmented.

So `bus/ car/ train/` are three classes where images lie in each, and `train_station/ test_tube/` are two.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from augcli.errors import Problem, UsageError, number_of

_WORDS = r"train(?:ing)?|val(?:id(?:ation)?)?|dev|test(?:ing)?"
_CALLED = re.compile(rf"({_WORDS})(?:[-_ ]?(?:set|data))?(?:[-_ ]?\d+)?", re.IGNORECASE)
_BEGINS = re.compile(r"train|val|test", re.IGNORECASE)
_ROLES = {"tr": "training", "va": "validation", "de": "validation", "te": "test"}


@dataclass
class _Folder:
    """What lies in one top-level folder: images directly in it, names of sub-folders with images, and those
    of folders at any depth that are called like splits.
    """

    direct: bool = False
    below: set[str] = field(default_factory=set)
    splits: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Splits:
    """The split folders, sorted; () when there are none. `notes` say what was decided."""

    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def divide(self, path: str) -> tuple[str, str]:
        """(split, key) of a path below the root."""
        first, _, rest = path.partition("/")
        return (first, rest) if self.names else ("", path)


def role(name: str) -> str | None:
    """training, validation or test when a folder is called like a split (rule 1), else None."""
    return _ROLES[name[:2].casefold()] if _CALLED.fullmatch(name) else None


def find_splits(root: str, paths: Iterable[str], labelled: Collection[str] = ()) -> Splits:
    """Apply the rule to the paths of all images below the root.

    labelled   top-level folders that hold a label file of their own
    Raises `UsageError` where splits and classes cannot be told apart.
    """
    folders: dict[str, _Folder] = {}
    loose: list[str] = []
    holders = set()  # few, where paths are many
    for path in paths:
        above, slash, _ = path.rpartition("/")
        if slash:
            holders.add(above)
        else:
            loose.append(path)
    for holder in holders:
        first, *below = holder.split("/")
        folder = folders.setdefault(first, _Folder())
        if below:
            folder.below.add(below[0])
            folder.splits.update(part for part in below if role(part))
        else:
            folder.direct = True
    names = sorted(folders)
    splits = [name for name in names if role(name) or _begins_one(name, folders, labelled)]
    if names and splits == names:
        if loose:
            raise UsageError(_beside(root, splits, loose))
        return Splits(tuple(splits), (f"splits found: {', '.join(splits)}",))
    return Splits(notes=_told_apart(root, folders))


def _begins_one(name: str, folders: dict[str, _Folder], labelled: Collection[str]) -> bool:
    """Rule 2."""
    if not _BEGINS.match(name):
        return False
    if name in labelled:
        return True
    folder = folders[name]
    others = [
        other.below
        for other_name, other in folders.items()
        if other_name != name and (_BEGINS.match(other_name) or role(other_name))
    ]
    shared = any(folder.below & below for below in others)
    return bool(folder.below) and not folder.direct and (shared or len(folders) == 1)


def _told_apart(root: str, folders: dict[str, _Folder]) -> tuple[str, ...]:
    """Rules 4 and 5 for a tree without splits; what its folders' names make worth saying."""
    names = sorted(folders)
    called = [name for name in names if role(name)]
    similar = [name for name in names if role(name) or _BEGINS.match(name)]
    others = [name for name in names if name not in called]
    nested = [name for name in called if not folders[name].direct]
    if nested or len({role(name) for name in called}) > 1 or (called and similar == names):
        globs = ", ".join(f"'{name}/**'" for name in others[:5]) + (", ..." if len(others) > 5 else "")
        raise UsageError(
            Problem(
                root,
                f"{_listed(called)} look like splits, but {_listed(others)} beside them does not",
                f"exclude the others (`input.exclude: [{globs}]`), or put all class folders below one "
                "folder train/",
            )
        )
    _refuse_inner(
        root, {name: folder.splits for name, folder in folders.items() if folder.splits}, len(names)
    )
    if similar:
        return (f"taken as classes, not as splits: {_listed(similar)}",)
    return ()


def _refuse_inner(root: str, inner: dict[str, set[str]], count: int) -> None:
    """Rule 5. One folder among several with one such sub-folder proves nothing."""
    held_out = [name for name in inner if any(role(split) != "training" for split in inner[name])]
    if not held_out:
        return
    first = held_out[0]
    if len(held_out) == 1 < count and len({role(split) for split in inner[first]}) == 1:
        return
    splits = sorted(set().union(*inner.values()))
    globs = ", ".join(f"'**/{split}/**'" for split in splits if role(split) != "training")
    raise UsageError(
        Problem(
            root,
            f"{_listed(splits)} lie below {_listed(sorted(inner))}: splits below class folders are not read, "
            "and what is to be tested on would be augmented",
            f"name one of the folders as input.path ({first}), or leave held-out images out "
            f"(`input.exclude: [{globs}]`)",
        )
    )


def _beside(root: str, splits: list[str], loose: list[str]) -> Problem:
    return Problem(
        root,
        f"{number_of(len(loose), 'image lies', 'images lie')} beside the split folders {_listed(splits)} "
        f"(first: {loose[0]!r})",
        "move them into a split or exclude them",
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"{name}/" for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
