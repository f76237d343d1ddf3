"""`augment preview`: a few sources and their copies, made by exactly the code of `run`; a page or a picture.

A name that ends with .html gets a page with everything in it, one of an image a contact sheet.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from augcli import storage
from augcli.draw import Tile, contact_sheet
from augcli.errors import Exit, Problem, UsageError, number_of
from augcli.prelude import prelude, spare_input
from augcli.preview.choosing import Wanted, jobs, picking
from augcli.preview.sheet import tiles
from augcli.preview.shots import Studio
from augcli.preview.web import web_page
from augcli.preview.words import steps_by_id
from augcli.work import settle

__all__ = ["Wanted", "preview"]

PICTURES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
PAGES = (".html", ".htm")


def preview(
    recipe_path: Path,
    overrides: Sequence[str],
    wanted: Wanted,
    *,
    output: Path,
    say: Callable[[str], None],
) -> Exit:
    """Write the page or the sheet to `output`."""
    suffix = output.suffix.casefold()
    if suffix not in (*PICTURES, *PAGES):
        remedy = "end it with .html for a page, with .png for a picture"
        raise UsageError(Problem(str(output), "is neither a page nor a picture", remedy))
    settle()
    found = prelude(recipe_path, overrides, pick=partial(picking, wanted))
    spare_input(found.recipe, output)
    studio = Studio(found.setting, found.plan.format)
    steps = steps_by_id(found.recipe)
    rows = [studio.row(job) for job in jobs(found.plan, wanted)]
    if suffix in PAGES:
        data = web_page(recipe_path.name, found, rows)
    else:
        data = _picture([list(tiles(row, steps)) for row in rows], PICTURES[suffix])
    storage.hand_over(output, data)
    copies = sum(len(row.copies) for row in rows)
    say(f"{output}: {number_of(len(rows), 'image')} with {number_of(copies, 'copy', 'copies')}")
    return Exit.OK


def _picture(rows: Sequence[Sequence[Tile]], form: str) -> bytes:
    data = io.BytesIO()
    contact_sheet(rows).save(data, form, quality=88)
    return data.getvalue()
