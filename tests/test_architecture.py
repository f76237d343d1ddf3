"""The house, enforced: who may import whom, who owns which library, how long a module may be.

Read from the source with `ast`, so that imports inside functions and for type checkers count as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "augcli"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "rng"),
    ("params", "objects", "sample", "shard", "sides", "vocabulary", "storage", "engines"),
    ("geometry", "labels", "images", "colour", "noise"),
    ("ops",),
    ("recipe", "formats"),
    (
        "plan",
        "manifest",
        "camera",
        "setting",
        "attach",
        "laps",
        "render",
        "build",
        "work",
        "replay",
        "canary",
        "environment",
    ),
    ("draw", "overlay", "pages", "svg"),
    (
        "catalogue",
        "check",
        "explain",
        "forecast",
        "gathering",
        "init",
        "interrupt",
        "listing",
        "merge",
        "messages",
        "opened",
        "prelude",
        "preloaded",
        "preview",
        "progress",
        "report",
        "review",
        "run",
        "sealing",
        "shelf",
        "sources",
        "summary",
        "update",
        "verify",
    ),
    ("cli", "__main__"),
)
"""Lowest first. A module imports from layers below, and within its own layer without going in a circle."""

APART = {
    ("recipe", "formats"),
    ("formats", "recipe"),
    ("formats", "ops"),
    ("errors", "rng"),
    ("rng", "errors"),
}
"""(importer, imported) pairs that are ignorant of each other although the layers would allow it."""

ONLY = {
    "engines": {"errors"},
    "storage": {"errors"},
    "params": {"rng"},
    "sample": {"objects"},
    "vocabulary": {"sample"},
    "manifest": {"errors", "sample", "shard", "storage"},
}
"""What these may import at most."""

LIBRARIES = {
    "click": {"cli", "__main__"},
    "yaml": {"recipe", "formats"},
    "pebble": {"engines"},
    "multiprocessing": {"engines"},
    "concurrent": {"engines"},
    "tqdm": {"progress"},
    "jinja2": {"pages"},
}
"""Library -> the parts of the package that may know it."""

NOBODY = {"random", "secrets", "uuid"}
"""Sources of randomness beside `rng`."""

RESAMPLING = ("resize", "warp", "remap", "getRectSubPix", "pyrDown", "pyrUp", "logPolar", "linearPolar")
"""How the names of cv2's functions begin that resample pixels: only for `geometry`."""

WRITERS = {"storage", "manifest"}
"""Who may open files for writing: storage, and the manifest for its journal and its lock."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    """`augcli/ops/base.py` is of `ops`, `augcli/rng.py` of `rng`, the package's `__init__` of `augcli`."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "augcli" if first == "__init__" else first


def level_of(part: str) -> int:
    for level, layer in enumerate(LAYERS):
        if part in layer:
            return level
    raise AssertionError(
        f"augcli/{part} stands in no layer; place it in LAYERS of tests/test_architecture.py, "
        f"where the design puts what it is for"
    )


def imported(tree: ast.AST, path: Path) -> Iterator[str]:
    """Full names of imported modules and members; relative imports resolved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = ("augcli", *path.relative_to(PACKAGE).parts[:-1])
                base = ".".join((*package[: len(package) - node.level + 1], base)).rstrip(".")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def own_parts(tree: ast.AST, path: Path) -> set[str]:
    """The other parts of this package that a module imports."""
    names = {name.split(".")[1] for name in imported(tree, path) if name.startswith("augcli.")}
    return {name for name in names if not name.startswith("__version")} - {part_of(path)}


def wrong_layers(tree: ast.AST, path: Path) -> list[str]:
    part = part_of(path)
    found = []
    for other in sorted(own_parts(tree, path)):
        if part == "augcli":
            found.append(f"augcli/__init__ must import nothing, but imports {other}")
        elif level_of(other) > level_of(part):
            found.append(f"{part} must not import {other}, which stands above it")
        elif (part, other) in APART:
            found.append(f"{part} must not know {other}")
        elif part in ONLY and other not in ONLY[part]:
            found.append(f"{part} may import {sorted(ONLY[part])} alone, not {other}")
    return found


def wrong_libraries(tree: ast.AST, path: Path) -> list[str]:
    part = part_of(path)
    found = []
    for library in sorted({name.split(".")[0] for name in imported(tree, path)}):
        if library in NOBODY:
            found.append(f"{part} imports {library}; all randomness comes from augcli.rng")
        elif part not in LIBRARIES.get(library, {part}):
            found.append(f"{part} imports {library}, which belongs to {sorted(LIBRARIES[library])}")
    return found


def resampling(tree: ast.AST, path: Path) -> list[str]:
    """Calls that resample pixels, and imports of such functions, outside geometry."""
    if part_of(path) == "geometry":
        return []
    names = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "cv2"
    ]
    names += [name.removeprefix("cv2.") for name in imported(tree, path) if name.startswith("cv2.")]
    return [f"cv2.{name} belongs to geometry" for name in names if name.startswith(RESAMPLING)]


def writing(tree: ast.AST, path: Path) -> list[str]:
    """Calls that open, make or rename files outside storage and the manifest."""
    if part_of(path) in WRITERS:
        return []
    found = [
        f"line {node.lineno}: {ast.unparse(node.func)}(...) writes a file; files are written by storage"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _writes(node)
    ]
    taken = {name.split(".")[0] for name in imported(tree, path)} & {"shutil", "tempfile"}
    return found + [f"{name} writes files; files are written by storage" for name in sorted(taken)]


def _writes(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name != "open":
        return name in {"write_text", "write_bytes", "imwrite", "imwritemulti"}
    takes_path = ast.unparse(call.func) in {"open", "os.open", "io.open"}  # else it is a method of a path
    if call.args and ast.unparse(call.args[0]) == "os.devnull":
        return False
    modes = [*call.args[1 if takes_path else 0 :], *(keyword.value for keyword in call.keywords)]
    return any(map(_says_write, modes))


def _says_write(argument: ast.expr) -> bool:
    """Whether an argument of `open` is a mode or a flag that writes."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return 0 < len(argument.value) <= 4 and bool(set(argument.value) & set("wax+"))
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND"}
        for node in ast.walk(argument)
    )


def telling(tree: ast.AST, path: Path) -> list[str]:
    """Ways to stderr, and prints, outside messages; results are said by `cli`."""
    if part_of(path) == "messages":
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
            found.append(f"line {node.lineno}: print(...); messages are told by a Log, results by `say`")
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in {"sys.stderr", "sys.__stderr__"}:
            found.append(f"line {node.lineno}: stderr belongs to messages")
        elif isinstance(node, ast.keyword) and node.arg == "err" and ast.unparse(node.value) == "True":
            found.append("err=True; stderr belongs to messages")
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
@pytest.mark.parametrize("rule", [wrong_layers, wrong_libraries, resampling, writing, telling])
def test_every_module_keeps_to_its_place(rule, path):
    assert rule(ast.parse(path.read_text()), path) == []


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_has_its_layer_and_at_most_300_lines(path):
    if part_of(path) != "augcli":
        level_of(part_of(path))
    lines = len(path.read_text().splitlines())
    assert lines <= 300, f"{path.name} has {lines} lines: split it by meaning"


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer[0])
def test_within_a_layer_imports_go_in_no_circle(layer):
    uses: dict[str, set[str]] = {part: set() for part in layer}
    for path in modules():
        if part_of(path) in uses:
            uses[part_of(path)] |= own_parts(ast.parse(path.read_text()), path) & set(layer)
    while free := {part for part, used in uses.items() if not used & set(uses)}:
        uses = {part: used for part, used in uses.items() if part not in free}
    assert not uses, f"these import each other: {sorted(uses)}"


@pytest.mark.parametrize(
    ("rule", "where", "source"),
    [
        (wrong_layers, "rng.py", "from augcli import params"),
        (wrong_layers, "ops/blur.py", "def f():\n    import augcli.recipe"),
        (wrong_layers, "ops/blur.py", "from ..recipe.model import Recipe"),
        (wrong_layers, "formats/voc.py", "from augcli.recipe.model import Recipe"),
        (wrong_layers, "formats/voc.py", "if TYPE_CHECKING:\n    from augcli.ops.base import Op"),
        (wrong_layers, "engines/pool.py", "from augcli import sample"),
        (wrong_layers, "__init__.py", "from augcli import cli"),
        (wrong_libraries, "run.py", "from click import echo"),
        (wrong_libraries, "ops/blur.py", "from random import random"),
        (wrong_libraries, "run.py", "import concurrent.futures"),
        (resampling, "ops/blur.py", "import cv2\ncv2.resize(a, (1, 1))"),
        (resampling, "camera.py", "from cv2 import warpAffine"),
        (writing, "report.py", "open(path, 'w')"),
        (writing, "report.py", "path.open(mode='ab')"),
        (writing, "report.py", "os.open(path, os.O_RDONLY | os.O_CREAT)"),
        (writing, "report.py", "path.write_text('')"),
        (writing, "report.py", "import shutil"),
        (telling, "report.py", "print('x')"),
        (telling, "update.py", "import sys\nsys.stderr.write('x')"),
        (telling, "cli/__init__.py", "click.echo('x', err=True)"),
    ],
)
def test_the_rules_see_what_they_forbid(rule, where, source):
    assert len(rule(ast.parse(source), PACKAGE / where)) == 1


@pytest.mark.parametrize(
    ("rule", "where", "source"),
    [
        (wrong_layers, "ops/blur.py", "from augcli.ops.base import op\nfrom augcli import __version__"),
        (wrong_layers, "recipe/parse.py", "from augcli.ops.base import OPS"),
        (wrong_libraries, "cli/options.py", "import click"),
        (wrong_libraries, "ops/blur.py", "from augcli.rng import stream\nimport numpy.random"),
        (resampling, "geometry/warping.py", "cv2.warpAffine(a, m, (1, 1))"),
        (resampling, "ops/blur.py", "cv2.blur(a, (3, 3))"),
        (writing, "images.py", "path.open('rb')\nopen('x')\nos.open(os.devnull, os.O_WRONLY)"),
        (writing, "storage.py", "path.open('wb')"),
    ],
)
def test_the_rules_pass_over_what_is_allowed(rule, where, source):
    assert rule(ast.parse(source), PACKAGE / where) == []


def test_a_new_module_is_asked_to_find_its_place():
    with pytest.raises(AssertionError, match=r"augcli/helpers stands in no layer; place it in LAYERS"):
        wrong_layers(ast.parse("import augcli.errors"), PACKAGE / "helpers.py")
