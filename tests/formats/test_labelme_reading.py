"""Listing LabelMe: layouts, files that set traps, shapes that cannot be right."""

import pytest

from augcli import formats
from augcli.formats import Source, labelme
from augcli.labels import boxes
from tests.formats.labelme_trees import TRIANGLE, document, one, read, refused, shape, tree

BAD = {
    "outside": shape("a", [[30, 1], [40, 5]], "rectangle"),
    "far": shape("a", [[10, 1], [40, 5]], "rectangle"),
    "flat": shape("a", [[3, 1], [3, 5]], "rectangle"),
    "two points": shape("a", [[1, 1], [5, 5]]),
    "line": shape("a", [[1, 1], [5, 5]], "line"),
    "linestrip": shape("a", [[1, 1], [5, 5], [6, 1]], "linestrip"),
    "unknown": shape("a", [[1, 1], [5, 5]], "cuboid"),
    "no label": shape("", TRIANGLE),
    "no points": shape("a", None),
    "words": shape("a", [["1", 1], [5, 5], [6, 1]]),
    "circle": shape("a", [[5, 5], [5, 5]], "circle"),
    "point": shape("a", [[50, 5]], "point"),
    "no mask": shape("a", [[1, 1], [5, 5]], "mask"),
    "bad mask": shape("a", [[1, 1], [5, 5]], "mask", mask="!!!"),
    "no object": 7,
    "huge": shape("a", [[10**400, 1], [5, 5], [6, 1]]),
}


def test_all_bad_shapes_are_named_at_once(tmp_path):
    text = refused(one(tmp_path, *BAD.values()))
    assert len(text.splitlines()) == len(BAD)
    for number in range(len(BAD)):
        assert f"a.json: shapes[{number}]: " in text
    assert "shapes of type 'linestrip' have no area" in text
    assert "shapes of type 'cuboid' are not known" in text
    assert "--set labels.invalid=drop" in text


def test_bad_shapes_are_dropped_or_clipped_on_request_and_counted(tmp_path):
    root = one(tmp_path, *BAD.values(), shape("b", TRIANGLE))
    dataset, (entry,) = read(root, invalid="drop")
    assert labelme.labels(entry, dataset).objects.category == ("b",)
    assert any(note.startswith(f"{len(BAD)} invalid labels were left out") for note in dataset.notes)
    dataset, (entry,) = read(root, invalid="clip")
    assert boxes(labelme.labels(entry, dataset).objects).tolist()[0] == [10, 1, 20, 5]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'{"shapes": [], "shapes": []}', "has the key 'shapes' twice"),
        (b'{"shapes": [{"label": "a", "points": [[NaN, 1]]}]}', "holds NaN"),
        (b'{"shapes": [{"label": "a", "points": [[1e999, 1]]}]}', "too large"),
        (b'{"shapes": ' + b"[" * 100 + b"]" * 100 + b"}", "nested too deeply"),
        (b'{"shapes": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"shapes": ' + b"1" * 5000 + b"}", "a.json"),
        (b'{"shapes": "\xe9"}', "is not UTF-8 text"),
        (b'{"shapes": [', "line 1"),
        (b"[]", "has no list of shapes"),
    ],
)
def test_what_is_no_labelme_file_is_refused(tmp_path, data, says):
    root = tree(tmp_path, {"a.jpg": b"x", "a.json": data, "b.jpg": b"x", "b.json": document(image="b.jpg")})
    assert says in refused(root)
    dataset, entries = read(root, invalid="drop")
    assert [entry.key for entry in entries] == ["b.jpg"]
    assert any("1 image left out, whose labels cannot be read" in note for note in dataset.notes)


@pytest.mark.parametrize("path", ["../a.jpg", "/etc/a.jpg", "C:\\x\\a.jpg", "..\\..\\a.jpg", "x/../../a.jpg"])
def test_paths_that_leave_the_dataset_are_refused(tmp_path, path):
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert "leaves the dataset" in refused(one(tmp_path / "data", image=path))


def test_links_that_leave_the_dataset_are_refused(tmp_path):
    root = one(tmp_path / "data")
    (root / "a.jpg").rename(tmp_path / "a.jpg")
    (root / "a.jpg").symlink_to(tmp_path / "a.jpg")
    assert "is a link that leaves the dataset" in refused(root)


@pytest.mark.parametrize(
    ("image", "label", "path", "identity"),
    [
        ("a.jpg", "a.json", "a.jpg", "a.jpg"),
        ("train/a.jpg", "train/a.json", "a.jpg", "train/a.jpg"),
        ("images/a.jpg", "labels/a.json", "..\\images\\a.jpg", "a.jpg"),
        ("images/a.jpg", "annotations/other.json", "../images/a.jpg", "a.jpg"),
        ("images/a.jpg", "annotations/a.json", "renamed.jpg", "a.jpg"),
    ],
)
def test_images_are_found_by_path_or_by_name(tmp_path, image, label, path, identity):
    dataset, (entry,) = read(tree(tmp_path, {image: b"x", label: document(shape("a", TRIANGLE), image=path)}))
    assert entry.id == identity
    assert labelme.labels(entry, dataset).objects.category == ("a",)


def test_annotations_may_stand_apart(tmp_path):
    tree(tmp_path, {"i/a.jpg": b"x", "j/a.json": document(shape("a", TRIANGLE), image="../i/a.jpg")})
    dataset, (entry,) = read(tmp_path / "i", annotations=str(tmp_path / "j"))
    assert len(labelme.labels(entry, dataset).objects) == 1


def test_labels_without_an_image_and_images_without_labels(tmp_path):
    root = tree(tmp_path, {"a.jpg": b"x", "b.json": document(image="b.jpg")})
    assert "its image 'b.jpg' is not there" in refused(root)
    dataset, (entry,) = read(root, invalid="drop")
    assert len(labelme.labels(entry, dataset).objects) == 0
    assert any("1 image has no JSON file" in note for note in dataset.notes)


def test_two_files_for_one_image_are_refused(tmp_path):
    root = tree(tmp_path, {"a.jpg": b"x", "a.json": document(), "b.json": document()})
    assert "b.json: a.jpg has labels already" in refused(root)


def test_other_json_files_are_passed_over(tmp_path):
    root = tree(tmp_path, {"a.jpg": b"x", "a.json": document(), "run.json": {"a": 1}, "classes.json": ["a"]})
    dataset, entries = read(root)
    assert (len(entries), dataset.ignored) == (1, {"label files": 1, "other files": 2})


def test_label_files_can_be_excluded(tmp_path):
    root = tree(tmp_path, {"a.jpg": b"x", "a.json": document(), "b.json": b"{"})
    assert "b.json: " in refused(root)
    assert len(read(root, exclude=("b.json",))[1]) == 1


def test_auto_recognises_it_and_unknown_sizes_are_none(tmp_path):
    dataset, (entry,) = formats.read("auto", Source(str(one(tmp_path, imageHeight=None))))
    assert dataset.format == "labelme"
    assert labelme.labels(entry, dataset).size is None


def test_overshoot_of_a_pixel_is_clipped_and_counted(tmp_path):
    dataset, (entry,) = read(one(tmp_path, shape("a", [[-0.5, 0.0], [20.75, 10.0]], "rectangle")))
    assert boxes(labelme.labels(entry, dataset).objects).tolist() == [[0, 0, 20, 10]]
    assert any("1 label overshot" in note for note in dataset.notes)
