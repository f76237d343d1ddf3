"""Transforms of other libraries become the step that does the same, with its values."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.errors import UsageError
from augcli.ops.base import OPS
from augcli.recipe import foreign, loads
from augcli.recipe.foreign_canvas import border_of, canvas_of
from augcli.recipe.foreign_tables import GROUPS
from augcli.recipe.names import flow, not_a_mapping, unknown_operation
from tests.recipe.wrong import recipe

ALL = [*(name for rule in foreign.RULES for name in rule.names.split()), *GROUPS]


def remedies(text: str) -> list[str]:
    """What `check` answers to a recipe."""
    with pytest.raises(UsageError) as caught:
        loads(text)
    return [problem.remedy for problem in caught.value.problems]


def answer(item: str) -> str:
    """The remedy for one step, written as a list item."""
    (remedy,) = remedies(recipe(steps=f"\n  - {item}"))
    return remedy


def accepted(remedy: str) -> None:
    """The line that a remedy shows is a step, exactly as it stands."""
    shown = re.match(r"write `(- .*?)`", remedy)
    assert shown, remedy
    loads(recipe(steps="\n  " + shown[1]))


@pytest.mark.parametrize("owner", sorted(OPS))
def test_a_parameter_whose_counterpart_stands_beside_those_of_the_op_is_answered(owner: str) -> None:
    with pytest.raises(UsageError, match=f"{owner}.seed: unknown parameter 'seed'"):
        loads(recipe(steps=f"\n  - {owner}: {{seed: 0.08}}"))


def test_no_name_has_two_rules() -> None:
    names = [name for rule in foreign.RULES for name in {foreign.plain(name) for name in rule.names.split()}]
    names += GROUPS
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("name", ALL)
def test_the_step_shown_for_every_foreign_name_is_accepted(name: str) -> None:
    if name not in OPS:
        accepted(unknown_operation(name, None, tuple(OPS))[1])
    for inside in (
        {"p": 0.3}, {"limit": 3, "size": [7, 9]}, {"p": 7, "height": -1, "nonsense": None}, 0.2, [0.1, 0.3],
        "15%", 1e12, {"scale": [0, 0], "ratio": [0, 1], "degrees": "x", "std": [9, 1]}, {"": 3}, [], {},
    ):  # fmt: skip
        accepted(unknown_operation(name, inside, tuple(OPS))[1])


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-300, 2000),
        st.floats(),
        st.sampled_from(["15%", "2.5px", "random", "reflect", "x"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("xy"), inner)),
    max_leaves=4,
)
ARGUMENTS = sorted(
    {name for table in foreign.parameters().values() for name in table}
    | {name for rule in foreign.RULES for name in (rule.order + " " + rule.unless).split()}
    | {
        "size",
        "scale",
        "p",
        "quality",
        "min_height",
        "multiplier",
        "translate_percent",
        "side_range",
        "factor",
    }
    | {"hole_height_range", "max_height", "x_max", "y_max", "x_min", "kernel_size", "transforms", "n"}
)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_whatever_the_arguments_are_the_step_shown_is_accepted(data: Any) -> None:
    for name in data.draw(st.lists(st.sampled_from(ALL), min_size=8, max_size=8)):
        inside = data.draw(st.one_of(VALUES, st.dictionaries(st.sampled_from(ARGUMENTS), VALUES, max_size=4)))
        if inside is not False:
            accepted(unknown_operation(name, inside, tuple(OPS))[1])


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(OPS)), VALUES.filter(lambda value: value is not None and value is not True))
def test_whatever_stands_in_place_of_parameters_the_step_shown_is_accepted(name: str, value: object) -> None:
    if not isinstance(value, dict):
        accepted(not_a_mapping(name, "p", value))


@pytest.mark.parametrize(
    ("item", "step"),
    [
        ("Rotate: {limit: 30}", "rotate: {degrees: [-30, 30], p: 0.5}"),
        ("Rotate: {limit: [-10, 20], p: 1}", "rotate: {degrees: [-10, 20], p: 1}"),
        ("Rotate: {limit: 5, always_apply: true}", "rotate: {degrees: [-5, 5], p: 1}"),
        ("Rotate: {limit: 5, crop_border: true}", "rotate: {degrees: [-5, 5], frame: inside, p: 0.5}"),
        ("rotation_range: 40", "rotate: {degrees: [-40, 40]}"),
        ("RandomRotation(degrees=15, expand=True)", "rotate: {degrees: [-15, 15], frame: expand}"),
        ("RandomRotation: {factor: 0.1}", "rotate: {degrees: [-36, 36]}"),
        ("Rotate: {max_left_rotation: 5, max_right_rotation: 10}", "rotate: {degrees: [-10, 5]}"),
        ("VerticalFlip", "flip: {axis: vertical, p: 0.5}"),
        ("horizontal_flip: true", "flip: {axis: horizontal, p: 0.5}"),
        ("fliplr: 0.3", "flip: {axis: horizontal, p: 0.3}"),
        ("RandomFlip: horizontal", "flip: {axis: horizontal, p: 0.5}"),
        ("RandomRotate90", "rotate90: {quarter_turns: [0, 3], p: 0.5}"),
        ("zoom_range: 0.2", "zoom: {factor: [0.8, 1.2]}"),
        ("RandomZoom: {height_factor: [-0.2, 0]}", "zoom: {factor: [1, 1.25]}"),
        ("RandomZoomOut: {side_range: [1, 2]}", "zoom: {factor: [0.5, 1], p: 0.5}"),
        ("width_shift_range: 0.1", 'translate: {x: ["-10%", "10%"]}'),
        ("height_shift_range: 20", "translate: {y: [-20, 20]}"),
        ("shear_range: 12", "shear: {x: [-12, 12]}"),
        ("RandomResizedCrop: {height: 100, width: 80}", "random_resized_crop: {width: 80, height: 100}"),
        ("RandomResizedCrop: {size: [100, 80]}", "random_resized_crop: {width: 80, height: 100}"),
        ("RandomResizedCrop(224)", "random_resized_crop: {width: 224, height: 224}"),
        (
            "RandomResizedCrop(64, scale=(0.5, 1.0), ratio=(0.5, 2))",
            "random_resized_crop: {width: 64, height: 64, area: [0.5, 1], ratio: {log_uniform: [0.5, 2]}}",
        ),
        ("Resize(224, 256)", "resize: {width: 256, height: 224}"),
        ("Resize: {size: 256}", "resize: {shortest: 256}"),
        ("LongestMaxSize: {max_size: 640}", "resize: {longest: 640}"),
        ("CenterCrop: {height: 10, width: 20}", "crop: {width: 20, height: 10}"),
        (
            "Crop: {x_min: 1, y_min: 2, x_max: 11, y_max: 22}",
            "crop: {width: 10, height: 20, x: 1, y: 2}",
        ),
        ("Pad: [3, 4]", "pad: {left: 3, top: 4, right: 3, bottom: 4}"),
        ("PadIfNeeded: {min_height: 8, min_width: 9}", "pad: {min_width: 9, min_height: 8}"),
        (
            "Affine: {scale: [0.9, 1.1], rotate: 10, translate_percent: {x: [-0.1, 0.1], y: 0}}",
            'affine: {degrees: 10, scale: [0.9, 1.1], x: ["-10%", "10%"], y: "0%", p: 0.5}',
        ),
        # torchvision's affine turns clockwise, ours counter-clockwise
        (
            "RandomAffine(degrees=(0, 10), translate=(0.1, 0.2), shear=5)",
            'affine: {degrees: [-10, 0], x: ["-10%", "10%"], y: ["-20%", "20%"], shear_x: [-5, 5]}',
        ),
        ("RandomPerspective(0.4)", "perspective: {distortion: 0.4, p: 0.5}"),
        (
            "RandomBrightnessContrast: {brightness_limit: 0.2}",
            "color_jitter: {brightness: [0.8, 1.2], contrast: [0.8, 1.2], p: 0.5}",
        ),
        (
            "RandomBrightnessContrast: {brightness_limit: [-0.1, 0.3], contrast_limit: 0}",
            "color_jitter: {brightness: [0.9, 1.3], contrast: 1, p: 0.5}",
        ),
        (
            "ColorJitter: {brightness: 0.2, hue: 0.05}",
            "color_jitter: {brightness: [0.8, 1.2], hue: [-18, 18]}",
        ),
        (
            "ColorJitter: {brightness: 2, contrast: [0.5, 3]}",
            "color_jitter: {brightness: [0, 3], contrast: [0.5, 3]}",
        ),
        ("ColorJitter", "color_jitter: {brightness: [0.8, 1.2], contrast: [0.8, 1.2]}"),
        ("RandomGamma: {gamma_limit: [80, 120]}", "gamma: {gamma: [0.8, 1.2], p: 0.5}"),
        ("CLAHE: {clip_limit: 4, tile_grid_size: [8, 8]}", "clahe: {clip_limit: [1, 4], tiles: 8, p: 0.5}"),
        (
            "RGBShift: {r_shift_limit: 51, g_shift_limit: 0, b_shift_limit: [-25.5, 51]}",
            "channel_shift: {red: [-0.2, 0.2], green: 0, blue: [-0.1, 0.2], p: 0.5}",
        ),
        ("RandomSolarize: {threshold: 51}", "solarize: {threshold: 0.2, p: 0.5}"),
        ("rgrayscale: 15%", "grayscale: {p: 0.15}"),
        ("RandomGrayscale", "grayscale: {p: 0.1}"),
        ("ToGray", "grayscale: {p: 0.5}"),
        ("GaussNoise: {std_range: [.02, .06]}", "gaussian_noise: {std: [0.02, 0.06], p: 0.5}"),
        ("AdditiveGaussianNoise: {scale: [0, 51]}", "gaussian_noise: {std: [0, 0.2]}"),
        ("noise: 2%", "salt_pepper: {amount: [0, 0.02]}"),
        ("SaltAndPepper: {amount: [0.01, 0.06]}", "salt_pepper: {amount: [0.01, 0.06], p: 0.5}"),
        ("ShotNoise: {scale_range: [0.1, 0.2]}", "poisson_noise: {peak: [5, 10], p: 0.5}"),
        ("GaussianBlur: {sigma_limit: 2}", "gaussian_blur: {sigma: [0, 2], p: 0.5}"),
        ("MedianBlur: {blur_limit: [5, 9]}", "median_blur: {radius: [2, 4], p: 0.5}"),
        ("Blur: {blur_limit: 7}", "box_blur: {radius: [1, 3], p: 0.5}"),
        ("blur: 2.5px", "gaussian_blur: {sigma: [0, 2.5], p: 1}"),
        ("ImageCompression: {quality_lower: 50, quality_upper: 90}", "jpeg: {quality: [50, 90], p: 0.5}"),
        ("CoarseDropout", 'cutout: {count: [1, 2], size: ["10%", "20%"], p: 0.5}'),
        (
            "CoarseDropout: {num_holes_range: [2, 4], hole_height_range: [8, 16], hole_width_range: [4, 12]}",
            "cutout: {count: [2, 4], size: [4, 16], p: 0.5}",
        ),
        (
            "CoarseDropout: {max_holes: 8, max_height: 8, max_width: 8}",
            "cutout: {count: [1, 8], size: 8, p: 0.5}",
        ),
        (
            "RandomErasing(scale=(0.02, 0.2), value='random')",
            "erase: {area: [0.02, 0.2], fill: noise, p: 0.5}",
        ),
        ("OneOf([HorizontalFlip(p=0.5), GaussNoise(std_range=(0, 0.1), p=0.3)])",
         "one_of: {of: [{flip: {axis: horizontal}}, {gaussian_noise: {std: [0, 0.1], weight: 0.3}}],"
         " p: 0.5}"),
        ("SomeOf: {transforms: [HorizontalFlip, ToGray], n: 1}",
         "some_of: {n: 1, of: [{flip: {axis: horizontal, p: 0.5}}, {grayscale: {p: 0.5}}]}"),
        ("Gaussian_Noise: {std: 0.1}", "gaussian_noise: {std: 0.1}"),
        ("v2.RandomHorizontalFlip()", "flip: {axis: horizontal, p: 0.5}"),
    ],
)  # fmt: skip
def test_values_are_carried_over_in_our_units(item: str, step: str) -> None:
    assert answer(item if ": " in item else f'"{item}"') == f"write `- {step}`"


def test_what_has_no_counterpart_is_left_out_and_named() -> None:
    assert answer("Rotate: {limit: 5, rotate_method: ellipse}") == (
        "write `- rotate: {degrees: [-5, 5], p: 0.5}`; left out, having no counterpart: rotate_method"
    )
    assert answer("Rotate: {limit: 5, border_mode: cv2.BORDER_REFLECT, fill: 9}") == (
        "write `- rotate: {degrees: [-5, 5], p: 0.5}`,"
        " and `canvas: {border: symmetric, fill: 9}` beside steps:"
    )
    assert answer("horizontal_flip: false") == "leave it out: only what is listed happens"


def test_an_endless_group_is_shown_by_its_form() -> None:
    remedy = answer("OneOf: [" + ", ".join(["{Rotate: {limit: 5}}"] * 100) + "]")
    assert remedy == "write `- one_of: {of: [flip, rotate90]}`"


@pytest.mark.parametrize(
    ("key", "value", "border"),
    [
        # scipy.ndimage, which Keras calls: `reflect` is (d c b a | a b c d | d c b a)
        *(("fill_mode", theirs, ours) for theirs, ours in [("nearest", "edge"), ("constant", "constant")]),
        *(("fill_mode", theirs, ours) for theirs, ours in [("reflect", "symmetric"), ("wrap", "wrap")]),
        # OpenCV: CONSTANT 0, REPLICATE 1, REFLECT 2 (edge repeated), WRAP 3, REFLECT_101 4
        *(("border_mode", n, b) for n, b in enumerate(["constant", "edge", "symmetric", "wrap", "reflect"])),
        ("border_mode", "cv2.BORDER_REFLECT", "symmetric"),
        ("border_mode", "BORDER_REFLECT_101", "reflect"),
        ("border_mode", "cv2.BORDER_REPLICATE", "edge"),
        ("border_mode", "nearest", "edge"),
        ("border_mode", "reflect_101", "reflect"),
        # numpy and torchvision: `reflect` does not repeat the edge
        ("padding_mode", "reflect", "reflect"),
        ("padding_mode", "symmetric", "symmetric"),
        ("border_mode", 9, None),
        ("border_mode", True, None),
        ("fill_mode", "sideways", None),
    ],
)
def test_borders_have_the_name_that_means_the_same_pixels(
    key: str, value: object, border: str | None
) -> None:
    assert border_of(key, value) == border
    if border:
        assert remedies(recipe(canvas=flow({key: value}))) == [f"write `border: {border}`"]
        assert remedies(recipe(**{key: flow(value)})) == [f"write `canvas: {{border: {border}}}`"]
        assert answer(flow({key: value})) == f"write `canvas: {{border: {border}}}` beside steps:"


def test_fill_and_interpolation_belong_to_the_canvas_as_well() -> None:
    assert canvas_of("cval", 7.0) == {"fill": 7}
    assert canvas_of("interpolation", 2) == {"interpolation": "bicubic"}
    assert canvas_of("interpolation", "cv2.INTER_LANCZOS4") == {"interpolation": "lanczos"}
    assert canvas_of("fill", "random") == canvas_of("interpolation", []) == canvas_of("other", 1) == {}
