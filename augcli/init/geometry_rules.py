"""Rules for how far images may be moved: the canvas, turns, mirrors, shifts. Ranges are common ones."""

from __future__ import annotations

from math import cos, radians, sin
from typing import Any

from augcli.init.facts import Facts
from augcli.init.rules import Knob, always, rule


def _named(facts: Facts, signs: tuple[str, ...]) -> str:
    return (
        ", ".join(signs[:3])
        or f"{facts.looks.paper} of {facts.looks.decoded} images are light with dark marks"
    )


def _text_why(facts: Facts) -> str:
    return f"Looks like characters or text ({_named(facts, facts.text)})"


def _above_why(facts: Facts) -> str:
    return f"No direction is up ({_named(facts, facts.overhead)})"


def _grows(degrees: float) -> str:
    """By how much the upright box around a turned square box is larger."""
    return f"{(cos(radians(degrees)) + sin(radians(degrees))) ** 2 - 1:.0%}"


_MIRRORED = {"flip": {"axis": "horizontal", "p": 0.5}}


def _turned(degrees: int) -> dict[str, Any]:
    return {"rotate": {"degrees": [-degrees, degrees], "p": 0.5}}


CANVAS = (
    Knob(
        "canvas",
        "canvas",
        (
            rule("documents", lambda f: f.paper, {"border": "edge"}, "Paper goes on past its edge."),
            rule(
                "whole-image labels",
                lambda f: f.whole_image and not f.written and not f.tiny and not f.deep,
                {"border": "reflect"},
                "What a move brings in from outside is the image's own mirror: black corners would be a "
                "sign by which a model knows copies. (Not for labelled objects: they would show again, "
                "unlabelled.)",
            ),
            rule(
                "labelled objects",
                lambda f: not f.whole_image and not f.deep,
                {"fill": [114, 114, 114]},
                "What a move brings in from outside: as grey as the bars of YOLO's trainers.",
            ),
        ),
    ),
)

STEPS = (
    Knob(
        "turn",
        "steps",
        (
            rule("no up", lambda f: f.no_up, None),
            rule("documents", lambda f: f.paper and not f.text, _turned(3), "A page lies nearly straight."),
            rule(
                "characters in boxes",
                lambda f: f.written and not f.whole_image and f.box_only,
                _turned(3),
                lambda f: f"{_text_why(f)}, and around a turned box there is a larger one.",
            ),
            rule(
                "characters or text",
                lambda f: f.written,
                _turned(8),
                lambda f: f"{_text_why(f)}: turned far, a 6 is a 9.",
            ),
            rule(
                "keypoints",
                lambda f: f.task == "keypoints",
                _turned(20),
                "Keypoints turn exactly. Where people lie or the camera is held anyhow, turn farther.",
            ),
            rule(
                "boxes alone",
                lambda f: f.task == "detection" and f.box_only,
                _turned(5),
                f"Little: around a turned box there is an upright one, {_grows(5)} larger at 5 degrees, "
                f"{_grows(20)} at 20. Outlines or masks would stay tight.",
            ),
            rule(
                "outlines or masks",
                lambda f: not f.whole_image,
                _turned(20),
                "Outlines and masks turn with the image and stay tight.",
            ),
            rule(
                "whole images",
                always,
                _turned(15),
                "15 is usual; RandAugment goes to 30 (Cubuk et al. 2020).",
            ),
        ),
    ),
    Knob(
        "quarter turns",
        "steps",
        (
            rule(
                "no up",
                lambda f: f.no_up,
                {"rotate90": {"p": 0.75}},
                lambda f: (
                    f"{_above_why(f)}: quarter turns, and with a flip all eight views, exact to the pixel."
                ),
            ),
            rule(
                "perhaps no up",
                lambda f: f.maybe_no_up,
                {"rotate90": {"p": 0.75}},
                lambda f: (
                    "All images are square and none looks brighter above than below: tiles or views "
                    "through a microscope, without an up? Then uncomment it."
                ),
                active=False,
            ),
        ),
    ),
    Knob(
        "mirror",
        "steps",
        (
            rule(
                "characters or text",
                lambda f: f.written,
                None,
                lambda f: (
                    f"No flip: {_text_why(f)[0].lower()}{_text_why(f)[1:]}, and mirrored ones are others "
                    "or none."
                ),
            ),
            rule(
                "classes with a side and no twin",
                lambda f: bool(f.one_sided),
                None,
                lambda f: f"No flip: it would make of {f.one_sided[0]} something that has no class here.",
            ),
            rule(
                "keypoints without sides",
                lambda f: f.task == "keypoints" and not f.swaps and len(f.keypoints) > 1,
                _MIRRORED,
                "No name says which keypoints are left and right, so a mirror cannot exchange them. Give "
                "them names with left_ and right_ (in YOLO: flip_idx), or uncomment it if none has a "
                "side:",
                active=False,
            ),
            rule(
                "keypoints with sides",
                lambda f: f.task == "keypoints",
                _MIRRORED,
                "Safe: keypoints with a left and a right change places in a mirror.",
            ),
            rule("no up", lambda f: f.no_up, _MIRRORED, ""),
            rule(
                "a usual mirror",
                always,
                _MIRRORED,
                lambda f: (
                    "Half of the copies."
                    if f.pairs
                    else "Half of the copies. Leave it out if left and right mean something in your images."
                ),
            ),
        ),
    ),
    Knob(
        "move",
        "steps",
        (
            rule(
                "tiny images",
                lambda f: f.tiny,
                {"translate": {"x": ["-12%", "12%"], "y": ["-12%", "12%"]}},
                "Tiny images: shifts, as in pad 4 and crop of 32 pixels (He et al. 2016).",
            ),
            rule(
                "characters or text",
                lambda f: f.written,
                {"affine": {"scale": [0.9, 1.1], "x": ["-3%", "3%"], "y": ["-3%", "3%"]}},
                "Nothing may leave the frame that is to be read.",
            ),
            rule(
                "objects",
                lambda f: not f.whole_image and f.task != "semantic",
                {"affine": {"scale": [0.7, 1.3], "x": ["-10%", "10%"], "y": ["-10%", "10%"]}},
                "Nearer, farther, beside: YOLO trains with shifts of 10 % and scales of 50 to 150 %.",
            ),
            rule(
                "whole images or masks", always, {"zoom": {"factor": [1.0, 1.25]}}, "Up to a quarter nearer."
            ),
        ),
    ),
)
