"""Templates to bytes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from augcli import __version__
from augcli.pages.embedding import embedded, policy, single_line
from augcli.pages.figures import figure, share


def page(name: str, *, title: str, data: object = None, **values: Any) -> bytes:
    """The page of `templates/<name>.html`, which extends `base.html`.

    Its styles and scripts are `base.css`, `base.js`, and `<name>.css`, `<name>.js` where there are any.
    `data` is embedded as JSON in the element `#data`, None for nothing; `values` are the template's.
    Raises `jinja2.UndefinedError` for a value that the template asks for and nobody gives.
    """
    style = "\n".join(_asset(f"{part}.css") for part in ("base", name))
    script = "\n".join(_asset(f"{part}.js") for part in ("base", name))
    frame: dict[str, Any] = {
        "title": title,
        "version": __version__,
        "policy": policy([style], [script]),
        "style": Markup(style),
        "script": Markup(script),
        "data": None if data is None else embedded(data),
    }
    text = _environment().get_template(f"{name}.html").render(values | frame)
    return text.encode("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=PackageLoader("augcli.pages"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters |= {"figure": figure, "share": share}
    return environment


def _shown(value: object) -> object:
    """What an expression of a template gives, before it is escaped: names that can be shown."""
    return single_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _asset(name: str) -> str:
    """The text of a style sheet or script; "" where there is none."""
    file = files("augcli.pages") / "templates" / name
    return file.read_text(encoding="utf-8") if file.is_file() else ""
