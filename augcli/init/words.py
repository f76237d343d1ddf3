"""What names say: characters, views from above, colours, left and right, groups of files. Names only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from augcli.init.facts import Grouping
from augcli.plan.splits import group_names
from augcli.sample import Entry
from augcli.sides import flip_of

_DIGITS = re.compile("zero|one|two|three|four|five|six|seven|eight|nine")
_TEXT = re.compile(
    ""
    "text|ocr|documents?|docs|receipts?|invoices?|handwriting|handwritten|letters|digits|characters|glyphs|fonts|mnist|emnist|kmnist|svhn|captchas?|traffic|signs?|gtsrb"
)
_OVERHEAD = re.compile(
    ""
    "aerial|satellite|drone|uav|dota|eurosat|landsat|sentinel|orthophotos?|overhead|xview|microscop[ey]|histology|histopathology|pathology|cells|nuclei|nucleus|tissue|wsi"
)
_FROM_ABOVE = re.compile("nuclei|nucleus|rbc|wbc|platelets?|mitosis")
"""Among class names only these count: a drone or a satellite may be what a usual photograph shows."""

_HUES = re.compile("red|green|blue|yellow|orange|purple|pink|brown|ripe|unripe|rotten")
_SIDES = re.compile("left|right")

FEWEST_CHARACTERS = 8
"""Classes of one character from which they are an alphabet: two called 0 and 1 are no and yes."""

_GROUP_WORDS = (
    ""
    "patient|pat|subject|subj|person|case|study|video|vid|clip|seq|sequence|session|scene|slide|visit|recording|track|camera"
)
_WORD_GROUP = re.compile(rf"(?:^|(?<=[/_\-. ]))({_GROUP_WORDS})[-_ ]?\d+(?=[/_\-. ])", re.IGNORECASE)
_LETTER_GROUP = re.compile(r"(?:^|/)P\d{2,}(?=[_-])")
_FRAME = re.compile(r"[-_ ]?(?:frame|frm)[-_ ]?\d+\.[^./]+$", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:^|/)[^/]*[^/\d][-_]\d+\.[^./]+$")


def tokens(name: str) -> list[str]:
    """The words of a name in lower case: `TurnLeft_02` is turn, left."""
    return [word.casefold() for word in re.findall(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])", name)]


def _says(pattern: re.Pattern[str], name: str) -> bool:
    whole = re.split(r"[\W\d_]+", name.casefold())  # EuroSAT is one word, too
    return any(map(pattern.fullmatch, {*tokens(name), *whole}))


def text_signs(folders: Iterable[str], classes: Sequence[str]) -> tuple[str, ...]:
    """Names that say that characters are to be read."""
    singles = [name for name in classes if len(name) == 1 and name.isalnum()]
    spelled = [name for name in classes if _DIGITS.fullmatch(name.casefold())]
    found = [f"class {name}" for name in (singles or spelled)[:3]] if _alphabet(singles, spelled) else []
    found += [f"class {name}" for name in classes if _says(_TEXT, name)][:3]
    return (*(f"folder {name}" for name in folders if _says(_TEXT, name)), *found)


def _alphabet(singles: Sequence[str], spelled: Sequence[str]) -> bool:
    return len(singles) >= FEWEST_CHARACTERS or len(spelled) >= FEWEST_CHARACTERS


def overhead_signs(folders: Iterable[str], classes: Sequence[str]) -> tuple[str, ...]:
    """Names that say that the images were taken from above or through a microscope."""
    named = [f"class {name}" for name in classes if _says(_FROM_ABOVE, name)]
    return (*(f"folder {name}" for name in folders if _says(_OVERHEAD, name)), *named[:3])


def hue_names(classes: Iterable[str]) -> tuple[str, ...]:
    """The classes that are told apart by colour."""
    return tuple(name for name in classes if _says(_HUES, name))


def sides(classes: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """(pairs that are each other's mirror image, classes with a side and no twin), by the names."""
    twins = flip_of(classes) or tuple(range(len(classes)))
    pairs = [(classes[at], classes[twin]) for at, twin in enumerate(twins) if at < twin and twins[twin] == at]
    paired = {name for pair in pairs for name in pair}
    alone = [name for name in classes if name not in paired and _says(_SIDES, name)]
    return tuple(pairs), tuple(alone)


def grouping_of(entries: Sequence[Entry]) -> Grouping | None:
    """What looks like groups in the names, tried on every name; None where nothing does.

    A pattern is offered where it matches nearly all names, joins several into one group, and does not just
    say the class over again.
    """
    sample = [entry.key for entry in entries[:: max(1, len(entries) // 50)]]
    for what, pattern in _candidates(sample):
        names, problems = group_names(entries, pattern)
        sizes = Counter(name for name in names if name is not None)
        joined = sum(sizes.values())
        if problems or joined < 0.95 * len(entries) or not 2 <= len(sizes) <= joined / 2:
            continue
        if _are_classes(entries, names):
            continue
        homes: dict[str | None, set[str]] = {}
        for entry, name in zip(entries, names, strict=True):
            homes.setdefault(name, set()).add(entry.split)
        torn = sum(len(splits) > 1 for name, splits in homes.items() if name)
        safe = what != "name" and not torn and len(sizes) >= 5 and max(sizes.values()) <= joined / 2
        first = next((entry.key, name) for entry, name in zip(entries, names, strict=True) if name)
        return Grouping(pattern, what, first, len(sizes), torn, safe)
    return None


def _candidates(keys: Sequence[str]) -> list[tuple[str, str]]:
    """(word, pattern) in the order of trust."""
    found = []
    words = Counter(match[1] for key in keys if (match := _WORD_GROUP.search(key)))
    for word, _ in words.most_common(2):
        found.append((word.casefold(), rf"(?:^|(?<=[/_\-. ]))({word}[-_ ]?\d+)(?=[/_\-. ])"))
    if any(map(_LETTER_GROUP.search, keys)):
        found.append(("patient", r"(?:^|/)(P\d+)[_-]"))
    if any(map(_FRAME.search, keys)):
        found.append(("frame", r"^(.*?)[-_ ]?(?i:frame|frm)[-_ ]?\d+\.[^./]+$"))
    if any(map(_NUMBERED.search, keys)):
        found.append(("name", r"^(.*[^/\d])[-_]\d+\.[^./]+$"))
    return found


def _are_classes(entries: Sequence[Entry], names: Sequence[str | None]) -> bool:
    """Whether the groups only say the classes, or the folders, over again: one group for each."""
    within: dict[str, set[str | None]] = {}
    for entry, name in zip(entries, names, strict=True):
        within.setdefault(entry.label or entry.key.rpartition("/")[0], set()).add(name)
    return all(len(groups) == 1 for groups in within.values())
