"""The XML of VOC: field by field, there and back, and what an output says of itself."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.formats import voc
from augcli.formats.contract import Output
from augcli.formats.voc.document import Annotation, Item, parse, write
from augcli.labels import boxes
from augcli.objects import Objects, Outline, Thing
from augcli.sample import Dataset
from tests.formats.voc_trees import (
    DEVKIT,
    devkit,
    elements,
    one_object,
    output_of,
    read,
    written_xml,
)


def test_the_devkit_s_xml_comes_back_field_for_field(tmp_path):
    dataset, (entry,) = read(devkit(tmp_path, {"2007_000027": DEVKIT}))
    assert dataset.format == "voc"
    assert dataset.holds == {"boxes", "attributes", "columns"}
    assert elements(written_xml(dataset, output_of(dataset, entry))) == elements(DEVKIT)


def test_boxes_are_one_based_and_inclusive(tmp_path):
    dataset, (entry,) = read(devkit(tmp_path, {"a": DEVKIT}))
    labels = voc.labels(entry, dataset)
    assert labels.size == (486, 500)
    assert boxes(labels.objects).tolist() == [
        [173, 100, 349, 351],
        [168, 103, 209, 146],
        [277, 209, 297, 233],
        [0, 0, 486, 500],
    ]


def test_parts_move_as_objects_and_go_back_into_their_object(tmp_path):
    dataset, (entry,) = read(devkit(tmp_path, {"a": DEVKIT}))
    objects = voc.labels(entry, dataset).objects
    assert objects.category == ("person", "head", "hand", "cat")
    assert entry.present == ("cat", "hand", "head", "person")
    doubled = objects.concat(objects.select([0, 2]))
    found = [[part.name for part in item.parts] for item in _items_of(dataset, doubled)]
    assert found == [["head", "hand"], [], ["hand"]]


def test_a_part_whose_object_is_gone_stays_an_object(tmp_path):
    dataset, (entry,) = read(devkit(tmp_path, {"a": DEVKIT}))
    objects = voc.labels(entry, dataset).objects.select([2, 3])
    assert [(item.name, item.parts) for item in _items_of(dataset, objects)] == [("hand", ()), ("cat", ())]


def _items_of(dataset, objects):
    output = Output("", "JPEGImages/a__001.jpg", (486, 500), objects)
    return parse(written_xml(dataset, output)).objects


def test_an_output_is_named_in_its_own_xml(tmp_path):
    text = DEVKIT.replace("<source>", "<path>/home/ann/2007_000027.jpg</path><source>", 1)
    dataset, (entry,) = read(devkit(tmp_path, {"sub/a": text}))
    objects = voc.labels(entry, dataset).objects.select([3])
    output = Output(
        "train", "JPEGImages/sub/a__001.png", (486, 500), objects, depth=1, extra=dict(entry.extra)
    )
    (file,) = voc.label_files(dataset, output)
    assert (file.kind, file.path) == ("labels", "Annotations/sub/a__001.xml")
    root = ET.fromstring(file.data)
    assert root.findtext("filename") == "a__001.png"
    assert root.findtext("path") == "JPEGImages/sub/a__001.png"
    assert root.findtext("size/depth") == "1"


def test_unknown_elements_and_attributes_are_carried():
    text = (
        '<annotation verified="yes"><filename>x.jpg</filename><weather><sky>grey</sky>'
        '<wind unit="m/s">3</wind></weather>'
        "<tag>a</tag><tag>b</tag><object id='7'><name>cat</name><colour>black</colour>"
        "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>1</xmax><ymax>2</ymax></bndbox></object></annotation>"
    )
    annotation = parse(text)
    assert annotation.fields == {
        "@verified": "yes",
        "weather": {"sky": "grey", "wind": {"@unit": "m/s", "#text": "3"}},
        "tag": ["a", "b"],
    }
    assert annotation.objects[0].fields == {"@id": "7", "colour": "black"}
    assert parse(write(annotation).decode()) == annotation


names = (
    st.text(min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: text and all(c.isprintable() or c == " " for c in text))
)


fields = st.dictionaries(
    st.sampled_from(["pose", "truncated", "difficult", "occluded", "colour"]),
    st.sampled_from([0, 1]),
    max_size=3,
).map(
    lambda found: {
        name: value if name not in ("pose", "colour") else f"v{value}" for name, value in found.items()
    }
)


sides = st.tuples(*[st.integers(0, 300)] * 2, *[st.integers(1, 300)] * 2).map(
    lambda v: (float(v[0]), float(v[1]), float(v[0] + v[2]), float(v[1] + v[3]))
)


items = st.builds(Item, names, sides, fields, st.lists(st.builds(Item, names, sides), max_size=2).map(tuple))


annotations = st.builds(
    Annotation, names, st.tuples(st.integers(1, 999), st.integers(1, 999)), st.just({"folder": "f"}),
    st.lists(items, max_size=4).map(tuple),
)  # fmt: skip


@given(annotations)
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_read_again(annotation):
    assert parse(write(annotation).decode()) == annotation


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><annotation/>', "DOCTYPE"),
        ("<!doctype annotation><annotation/>", "DOCTYPE"),
        ("<annotation>&x;</annotation>", "not XML"),
        ("<annotation><object></annotation>", "not XML (line 1)"),
        ("<annotation>" + "<a>" * 100 + "</a>" * 100 + "</annotation>", "nested too deeply"),
        ("<html/>", "begins with <html>"),
        ("", "not XML"),
    ],
)
def test_what_is_no_annotation_is_refused(text, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        parse(text)


def test_fractions_stay_where_the_dataset_has_them_and_are_rounded_elsewhere(tmp_path):
    box = "<xmin>2.25</xmin><ymin>3</ymin><xmax>5.5</xmax><ymax>7</ymax>"
    dataset, (entry,) = read(devkit(tmp_path, {"a": one_object(box)}))
    assert "<xmin>2.25</xmin>" in written_xml(dataset, output_of(dataset, entry))
    whole = Dataset("coco")
    output = output_of(dataset, entry)
    assert parse(written_xml(whole, output)).objects[0].box == (1.0, 2.0, 6.0, 7.0)


def test_a_box_thinner_than_a_pixel_keeps_one(tmp_path):
    objects = Objects.of([Thing("a", Outline.box(19.7, 3.1, 19.9, 3.3))])
    output = Output("", "JPEGImages/a.jpg", (20, 10), objects)
    assert parse(written_xml(Dataset("coco"), output)).objects[0].box == (19.0, 3.0, 20.0, 4.0)


def test_missing_or_zero_sizes_are_not_declared():
    for size in ("", "<size><width>0</width><height>0</height></size>", "<size><width>x</width></size>"):
        assert parse(f"<annotation>{size}</annotation>").size is None


def test_foreign_datasets_get_the_fields_that_readers_expect():
    objects = Objects.of([Thing("cat", Outline.box(1, 2, 5, 7), crowd=True, extra={"my score": 0.5})])
    output = Output("train", "JPEGImages/a.jpg", (20, 10), objects)
    root = ET.fromstring(written_xml(Dataset("coco"), output))
    assert root.findtext("segmented") == "0"
    found = {child.tag: child.text for child in root.find("object") if child.tag != "bndbox"}
    assert found == {
        "name": "cat",
        "pose": "Unspecified",
        "truncated": "0",
        "difficult": "1",
        "my_score": "0.5",
    }


def test_flags_follow_what_the_output_shows(tmp_path):
    things = [
        Thing("a", Outline.box(0, 0, 5, 5), visible=0.5, extra={"truncated": 0, "occluded": 0}),
        Thing("b", Outline.box(5, 5, 9, 9), visible=0.5, extra={"truncated": 0, "occluded": 0}),
        Thing("c", Outline.box(5, 5, 9, 9), visible=1.0, extra={"truncated": 0, "occluded": 0}),
    ]
    objects = Objects.of(things)
    found = parse(written_xml(Dataset("voc"), Output("", "JPEGImages/a.jpg", (20, 10), objects))).objects
    assert [(item.fields["truncated"], item.fields["occluded"]) for item in found] == [(1, 0), (0, 1), (0, 0)]
