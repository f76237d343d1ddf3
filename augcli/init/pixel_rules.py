"""Rules for what may happen to pixels, and steps that are left to try. Ranges are common ones."""

from __future__ import annotations

from augcli.init.rules import Knob, always, rule

STEPS = (
    Knob(
        "colour",
        "steps",
        (
            rule(
                "16 bit",
                lambda f: f.deep,
                {"color_jitter": {"brightness": [0.9, 1.1], "contrast": [0.9, 1.1], "p": 0.5}},
                "16 bit: values may be measurements, so little; leave it out if their size has a meaning.",
            ),
            rule(
                "grey images",
                lambda f: f.grey,
                {"color_jitter": {"brightness": [0.8, 1.2], "contrast": [0.8, 1.2], "p": 0.8}},
                lambda f: f"No hue, no saturation: {f.looks.grey} of {f.looks.decoded} images are grey.",
            ),
            rule(
                "classes named by colour",
                lambda f: bool(f.hues),
                {"color_jitter": {"brightness": [0.8, 1.2], "contrast": [0.8, 1.2], "p": 0.8}},
                lambda f: f"No hue, no saturation: {', '.join(f.hues[:3])} are told apart by colour.",
            ),
            rule(
                "colour images",
                always,
                {
                    "color_jitter": {
                        "brightness": [0.8, 1.2],
                        "contrast": [0.8, 1.2],
                        "saturation": [0.7, 1.3],
                        "hue": [-8, 8],
                        "p": 0.8,
                    }
                },
                "Light and camera: factors of 0.8 to 1.2 are the usual ones. Is colour a sign of your "
                "classes? Then leave hue and saturation out.",
            ),
        ),
    ),
    Knob(
        "blur",
        "steps",
        (
            rule("tiny images", lambda f: f.tiny, None, "No blur: at this size little would be left."),
            rule("characters or text", lambda f: f.written, None),
            rule(
                "usual images",
                always,
                {"gaussian_blur": {"sigma": [0.3, 1.2], "p": 0.2}},
                "Slightly out of focus.",
            ),
        ),
    ),
    Knob(
        "noise",
        "steps",
        (
            rule(
                "usual noise",
                always,
                lambda f: {"gaussian_noise": {"std": [0.0, 0.02 if f.grey or f.deep else 0.03], "p": 0.3}},
                "In fractions of full scale; more than 0.1 is for stress tests.",
            ),
        ),
    ),
)

IDEAS = (
    Knob(
        "erase",
        "ideas",
        (
            rule("characters or text", lambda f: f.written, None),
            rule(
                "usual",
                always,
                {"erase": {"area": [0.02, 0.15], "fill": "mean", "p": 0.25}},
                "",
                active=False,
            ),
        ),
    ),
    Knob(
        "mix",
        "ideas",
        (
            rule("no labels", lambda f: f.task == "none", None),
            rule(
                "instances",
                lambda f: f.task == "instances",
                {"copy_paste": {"count": [1, 2], "p": 0.3}},
                active=False,
            ),
            rule("boxes", lambda f: f.task == "detection", {"mosaic": {"p": 0.25}}, active=False),
            rule("masks", lambda f: f.task == "semantic", {"cutmix": {"p": 0.2}}, active=False),
            rule(
                "several classes",
                lambda f: len(f.classes) > 1 and f.whole_image,
                {"mixup": {"alpha": 0.2, "p": 0.3}},
                active=False,
            ),
        ),
    ),
)
