"""Listing VOC: layouts, split lists, label files that set traps, labels that cannot be right."""

from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from augcli import formats
from augcli.formats import Source, voc
from augcli.labels import boxes
from augcli.sample import Category
from tests.formats.voc_trees import devkit, one_object, read, refused
from tests.runs import call


def test_files_that_are_no_utf8_or_too_large_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("augcli.formats.voc.reading.MAX_BYTES", 3 << 20)
    big = "<annotation>" + " " * (3 << 20) + "</annotation>"
    sixteen = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><annotation/>'.encode("utf-16")
    text = refused(devkit(tmp_path, {"a": "<annotation>\xe9".encode("latin-1"), "b": sixteen, "c": big}))
    assert "a.xml: is not UTF-8 text (line 1)" in text
    assert "b.xml: is not UTF-8 text" in text
    assert "c.xml: is larger than 3 MiB" in text


BAD_BOXES = {
    "outside": "<xmin>30</xmin><ymin>1</ymin><xmax>40</xmax><ymax>5</ymax>",
    "far": "<xmin>10</xmin><ymin>1</ymin><xmax>40</xmax><ymax>5</ymax>",
    "inverted": "<xmin>9</xmin><ymin>1</ymin><xmax>4</xmax><ymax>5</ymax>",
    "flat": "<xmin>9</xmin><ymin>1</ymin><xmax>8</xmax><ymax>5</ymax>",
    "nan": "<xmin>nan</xmin><ymin>1</ymin><xmax>8</xmax><ymax>5</ymax>",
    "huge": "<xmin>1e999</xmin><ymin>1</ymin><xmax>8</xmax><ymax>5</ymax>",
    "word": "<xmin>one</xmin><ymin>1</ymin><xmax>8</xmax><ymax>5</ymax>",
    "missing": "<xmin>1</xmin><ymin>1</ymin><xmax>8</xmax>",
}


def test_all_bad_boxes_are_named_at_once_with_file_and_line(tmp_path):
    root = devkit(tmp_path, {name: one_object(box, more="\n\n") for name, box in BAD_BOXES.items()})
    text = refused(root)
    assert len(text.splitlines()) == len(BAD_BOXES)
    for name in BAD_BOXES:
        assert f"{name}.xml:3: " in text
    assert "xmin 'one', which is no number" in text
    assert "has no ymax" in text
    assert "--set labels.invalid=drop" in text


def test_bad_boxes_are_dropped_or_clipped_on_request_and_counted(tmp_path):
    root = devkit(tmp_path, {name: one_object(box) for name, box in BAD_BOXES.items()})
    dataset, entries = read(root, invalid="drop")
    assert len(entries) == len(BAD_BOXES)
    assert not any(len(voc.labels(entry, dataset).objects) for entry in entries)
    assert any(note.startswith("8 invalid labels were left out") for note in dataset.notes)
    dataset, entries = read(root, invalid="clip")
    (kept,) = [found for entry in entries if len(found := voc.labels(entry, dataset).objects)]
    assert boxes(kept).tolist() == [[9, 0, 20, 5]]


def test_a_box_that_begins_at_zero_is_clipped_and_said_aloud(tmp_path):
    box = "<xmin>0</xmin><ymin>1</ymin><xmax>20</xmax><ymax>11</ymax>"
    dataset, (entry,) = read(devkit(tmp_path, {"a": one_object(box)}))
    assert boxes(voc.labels(entry, dataset).objects).tolist() == [[0, 0, 20, 10]]
    assert any("1 box begins at pixel 0" in note for note in dataset.notes)
    assert any("1 label overshot" in note for note in dataset.notes)


def test_image_sets_are_the_splits(tmp_path):
    xmls = {name: one_object() for name in "abcde"}
    lists = {
        "Main/train.txt": "a\nb\n",
        "Main/val.txt": "c\r\n\n",
        "Main/trainval.txt": "a\nb\nc\n",
        "Main/cat_train.txt": "a -1\nb  1\n",
        "Main/fold7.txt": "d\n",
        "Segmentation/val.txt": "d\na\n",
    }
    dataset, entries = read(devkit(tmp_path, xmls, lists=lists))
    assert [entry.id for entry in entries] == ["train/a.jpg", "train/b.jpg", "val/c.jpg", "val/d.jpg"]
    assert dataset.ignored["in no list of ImageSets"] == 1
    assert any("fold7" in note for note in dataset.notes)
    assert any("1 image is in another split by Segmentation" in note for note in dataset.notes)


def test_a_list_of_all_images_is_no_split(tmp_path):
    root = devkit(tmp_path, {"a": one_object(), "b": one_object()}, lists={"Main/trainval.txt": "a\nb\n"})
    assert [entry.id for entry in read(root)[1]] == ["a.jpg", "b.jpg"]


def test_lists_with_mistakes_are_refused(tmp_path):
    lists = {"Main/train.txt": "a\n../x\n/etc/x\nnone\n", "Main/val.txt": "a\n"}
    text = refused(devkit(tmp_path, {"a": one_object()}, lists=lists))
    assert "train.txt:2: '../x' leaves the dataset" in text
    assert "train.txt:3: '/etc/x' leaves the dataset" in text
    assert "train.txt:4: the image 'none' is not there" in text
    assert "val.txt:1: 'a' is in two splits" in text


def test_labels_without_an_image_are_refused_or_left_out(tmp_path):
    root = devkit(tmp_path, {"a": one_object(), "b": one_object(more="<filename>b.jpg</filename>")})
    (root / "JPEGImages" / "b.jpg").unlink()
    assert "its image 'b.jpg' is not there" in refused(root)
    assert [entry.key for entry in read(root, invalid="drop")[1]] == ["a.jpg"]


def test_an_image_whose_xml_cannot_be_read_is_left_out_with_it(tmp_path):
    root = devkit(tmp_path, {"a": one_object(), "b": "<annotation>"})
    dataset, entries = read(root, invalid="drop")
    assert [entry.key for entry in entries] == ["a.jpg"]
    assert any("1 image left out, whose XML cannot be read" in note for note in dataset.notes)


@pytest.mark.parametrize("name", ["../x.jpg", "/etc/x.jpg", "C:\\x.jpg", "..\\x.jpg"])
def test_file_names_that_leave_the_dataset_are_refused(tmp_path, name):
    root = devkit(tmp_path, {"a": one_object(more=f"<filename>{name}</filename>")})
    assert "leaves the dataset" in refused(root)


def test_links_that_leave_the_dataset_are_refused(tmp_path):
    root = devkit(tmp_path / "data", {"a": one_object()})
    (tmp_path / "secret.xml").write_text(one_object())
    (root / "Annotations" / "b.xml").symlink_to(tmp_path / "secret.xml")
    assert "b.xml: is a link that leaves the dataset" in refused(root)


def test_images_without_xml_have_no_objects(tmp_path):
    dataset, entries = read(devkit(tmp_path, {"a": one_object()}, images=["b.jpg"]))
    assert [len(voc.labels(entry, dataset).objects) for entry in entries] == [1, 0]
    assert any("1 image has no XML" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("image", "xml", "identity"),
    [
        ("a.jpg", "a.xml", "a.jpg"),
        ("train/a.jpg", "train/a.xml", "train/a.jpg"),
        ("images/a.png", "annotations/a.xml", "a.png"),
        ("train/images/s/a.png", "train/annotations/s/a.xml", "train/s/a.png"),
        ("images/val/a.png", "annotations/val/a.xml", "val/a.png"),
        ("images/val/a.png", "annotations/a.xml", "val/a.png"),
    ],
)
def test_other_layouts_are_read(tmp_path, image, xml, identity):
    for name, data in ((image, b"x"), (xml, one_object().encode())):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    dataset, (entry,) = formats.read("voc", Source(str(tmp_path)))
    assert entry.id == identity
    assert voc.labels(entry, dataset).objects.category == ("cat",)


def test_annotations_may_stand_apart(tmp_path):
    devkit(tmp_path / "one", {"a": one_object()})
    (tmp_path / "one" / "Annotations").rename(tmp_path / "xml")
    source = Source(str(tmp_path / "one" / "JPEGImages"), annotations=str(tmp_path / "xml"))
    dataset, (entry,) = formats.read("voc", source)
    assert (entry.id, len(voc.labels(entry, dataset).objects)) == ("a.jpg", 1)


def test_excluded_images_take_their_labels_with_them(tmp_path):
    root = devkit(tmp_path, {"a": one_object(), "b": "<broken"})
    dataset, entries = read(root, exclude=("b.jpg",))
    assert [entry.key for entry in entries] == ["a.jpg"]
    assert dataset.ignored["excluded"] == 1


def test_categories_of_other_names_are_numbered_in_order(tmp_path):
    xmls = {"a": one_object(name="zebra"), "b": one_object(name="ant")}
    assert read(devkit(tmp_path, xmls))[0].categories == (
        Category("ant", 1, color=(128, 0, 0)),
        Category("zebra", 2, color=(0, 128, 0)),
    )


def test_the_pose_of_an_object_changes_sides_in_a_mirror_and_in_nothing_else(tmp_path):
    poses = ["Left", "Right", "Frontal"]
    objects = "".join(
        f"<object><name>cat</name><pose>{pose}</pose><bndbox>"
        "<xmin>2</xmin><ymin>3</ymin><xmax>5</xmax><ymax>7</ymax></bndbox></object>"
        for pose in poses
    )
    size = "<size><width>20</width><height>10</height><depth>3</depth></size>"
    root = devkit(tmp_path / "in", {"a": f"<annotation>{size}{objects}</annotation>"})
    Image.new("RGB", (20, 10)).save(root / "JPEGImages" / "a.jpg")
    for name, step, expected in (
        ("mirror", "flip: {axis: horizontal}", ["Right", "Left", "Frontal"]),
        ("turn", "rotate90: {quarter_turns: 2}", poses),
        ("twice", "flip: {axis: both}", poses),
    ):
        recipe = tmp_path / f"{name}.yaml"
        out = tmp_path / name
        recipe.write_text(
            f"augment: 1\ninput: {{path: {root}}}\noutput: {{path: {out}}}\ncopies: 1\nsteps: [{step}]\n"
        )
        assert call("run", recipe, "--workers", "1").code == 0
        found = ET.parse(out / "Annotations" / "a__001.xml").getroot()
        assert [one.findtext("pose") for one in found.findall("object")] == expected
        kept = ET.parse(out / "Annotations" / "a.xml").getroot()
        assert [one.findtext("pose") for one in kept.findall("object")] == poses
