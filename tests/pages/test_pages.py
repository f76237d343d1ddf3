"""Pages hold all they show, escape what they are given, and allow nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import jinja2
import numpy as np
import pytest
from jinja2 import DictLoader

from augcli import pages
from augcli.images import decode
from augcli.pages import rendering

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></script>",
    "]]>--><!--",
    "a\u2028b\u2029c",
    "\u202egnp.exe",
    "{{ 7*7 }}",
    "tab\tnewline\nnull\x00bell\x07",
    "lone \udce9 surrogate",
    "צילום تصوير",
]

TEMPLATE = """{% extends "base.html" %}
{% import "macros.html" as the %}
{% block lede %}{{ text }}{% endblock %}
{% block content %}
{{ the.table("c", ["a", "b"], [[text, 1]], [1]) }}<p title="{{ text }}">{{ the.badge(text) }}</p>
{% endblock %}
"""


class Read(HTMLParser):
    """Every start tag with its attributes, and the text of each element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch):
    """A page of the template above."""

    def make(text: str, data: object = None, template: str = TEMPLATE) -> str:
        environment = rendering._environment().overlay(
            loader=jinja2.ChoiceLoader([DictLoader({"test.html": template}), rendering._environment().loader])
        )
        monkeypatch.setattr(rendering, "_environment", lambda: environment)
        return pages.page("test", title=text, data=data, text=text).decode("utf-8")

    return make


@pytest.mark.parametrize("text", NASTY)
def test_whatever_a_name_holds_it_stays_text(text, made) -> None:
    plain, nasty = Read(made("name")), Read(made(text))
    assert [tag for tag, _ in nasty.tags] == [tag for tag, _ in plain.tags]
    assert [sorted(attributes) for _, attributes in nasty.tags] == [sorted(a) for _, a in plain.tags]
    shown = pages.single_line(text)
    assert shown in nasty.texts["bdi"] and nasty.texts["title"] == [shown]
    assert {"title": shown} in [attributes for tag, attributes in nasty.tags if tag == "p"]


@pytest.mark.parametrize("text", NASTY)
def test_data_are_read_back_as_they_were_and_never_end_their_element(text, made) -> None:
    page = Read(made("t", {"rows": [text], text: 1.5}))
    (data,) = [found for found in page.texts["script"] if found.startswith("{")]
    assert json.loads(data) == {"rows": [text], text: 1.5}
    assert data.isascii() and not set(data) & set("<>&")


def test_the_policy_allows_the_scripts_and_styles_that_are_there_and_no_others(made) -> None:
    text = made("t", [1])
    page = Read(text)
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for kind, element in (("style-src", "style"), ("script-src", "script")):
        inline = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in inline]
        assert rules[kind].split() == [f"'sha256-{digest}'" for digest in hashes] and len(inline) == 1
    assert rules["default-src"] == "'none'" and rules["img-src"] == "data:"
    for _, attributes in page.tags:
        for name, value in attributes.items():
            assert name != "style" and not name.startswith("on"), "the policy forbids it"
            assert name not in ("src", "href") or (value or "").startswith(("data:", "#")), (
                "nothing from outside"
            )


def test_what_a_template_asks_for_and_nobody_gives_is_an_error(made) -> None:
    with pytest.raises(jinja2.UndefinedError, match="nobody"):
        made("t", template="{{ nobody }}")


def test_the_same_values_make_the_same_bytes(made) -> None:
    assert made("t", {"b": 1, "a": 2}) == made("t", {"b": 1, "a": 2})


def test_numbers_that_json_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        pages.embedded(float("nan"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (12.345678, "12.3"),
        (-0.0456, "−0.0456"),
        (12345.678, "12\u202f346"),
        (100.0, "100"),
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.00002, "2 × 10⁻⁵"),
        (1.5e20, "1.5 × 10²⁰"),
        (-3, "−3"),
        (1200, "1\u202f200"),
        (100, "100"),
        ("-0.0164%", "−0.0164\u202f%"),
        ("horizontal", "horizontal"),
        ("100 %%", "100 %%"),
        (None, "none"),
        (True, "true"),
        ([1.0, [2.5]], "[1, [2.5]]"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, …]"),
        ({"x": 0.5}, "{x: 0.5}"),
        (float("inf"), "inf"),
    ],
)
def test_figures_are_set_as_people_read_them(value, shown) -> None:
    assert pages.figure(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0\u202f%"),
        (1.0, "100\u202f%"),
        (0.123, "12\u202f%"),
        (0.0123, "1.2\u202f%"),
        (1e-9, "< 0.1\u202f%"),
        (0.99999, "> 99.9\u202f%"),
    ],
)
def test_a_share_is_never_told_as_none_or_all_of_what_is_not(value, shown) -> None:
    assert pages.share(value) == shown


def test_a_picture_is_embedded_small_and_a_mask_to_the_last_bit() -> None:
    grain = np.random.default_rng(1).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    uri = pages.data_uri(grain)
    data = base64.b64decode(uri.removeprefix("data:image/webp;base64,"))
    assert decode(data, max_megapixels=1.0).image.shape == grain.shape
    smooth = np.ascontiguousarray(
        np.broadcast_to(np.arange(256, dtype=np.uint8)[:, None, None], (256, 256, 3))
    )
    assert len(pages.data_uri(smooth)) < 8_000 < len(uri)
    exact = base64.b64decode(pages.png_uri(grain).removeprefix("data:image/png;base64,"))
    assert np.array_equal(decode(exact, max_megapixels=1.0).image, grain)
