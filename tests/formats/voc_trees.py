"""VOC datasets for tests, and outputs as originals without steps are."""

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from augcli import formats
from augcli.errors import UsageError
from augcli.formats import Source, voc
from augcli.formats.contract import Output
from augcli.sample import Dataset

DEVKIT = """<annotation>
	<folder>VOC2012</folder>
	<filename>2007_000027.jpg</filename>
	<source>
		<database>The VOC2007 Database</database>
		<annotation>PASCAL VOC2007</annotation>
		<image>flickr</image>
	</source>
	<size>
		<width>486</width>
		<height>500</height>
		<depth>3</depth>
	</size>
	<segmented>0</segmented>
	<object>
		<name>person</name>
		<pose>Unspecified</pose>
		<truncated>0</truncated>
		<difficult>1</difficult>
		<actions>
			<jumping>0</jumping>
			<reading>1</reading>
		</actions>
		<bndbox>
			<xmin>174</xmin>
			<ymin>101</ymin>
			<xmax>349</xmax>
			<ymax>351</ymax>
		</bndbox>
		<part>
			<name>head</name>
			<bndbox>
				<xmin>169</xmin>
				<ymin>104</ymin>
				<xmax>209</xmax>
				<ymax>146</ymax>
			</bndbox>
		</part>
		<part>
			<name>hand</name>
			<bndbox>
				<xmin>278</xmin>
				<ymin>210</ymin>
				<xmax>297</xmax>
				<ymax>233</ymax>
			</bndbox>
		</part>
	</object>
	<object>
		<name>cat</name>
		<pose>Left</pose>
		<truncated>1</truncated>
		<difficult>0</difficult>
		<bndbox>
			<xmin>1</xmin>
			<ymin>1</ymin>
			<xmax>486</xmax>
			<ymax>500</ymax>
		</bndbox>
	</object>
</annotation>
"""
"""As the devkit writes them: 2007_000027 with a second object."""


def one_object(
    box="<xmin>2</xmin><ymin>3</ymin><xmax>5</xmax><ymax>7</ymax>", more="", name="cat", size=(20, 10)
):
    return (
        f"<annotation>{more}<size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>"
        f"<object><name>{name}</name><bndbox>{box}</bndbox></object></annotation>"
    )


def devkit(root: Path, xmls: dict[str, str], images=(), lists: dict[str, str] | None = None) -> Path:
    """A VOC tree: stem -> XML, and further images without one."""
    for stem, text in xmls.items():
        path = root / "Annotations" / f"{stem}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for name in [*(f"{stem}.jpg" for stem in xmls), *images]:
        path = root / "JPEGImages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    for name, text in (lists or {}).items():
        path = root / "ImageSets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def indexed(path: Path, pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(np.array(pixels, np.uint8))
    picture.putpalette([0] * 768)
    picture.save(path)


def read(root: Path, **options):
    return formats.read("auto", Source(str(root), **options))


def refused(root: Path, **options) -> str:
    with pytest.raises(UsageError) as caught:
        formats.read("voc", Source(str(root), **options))
    return str(caught.value)


def output_of(dataset: Dataset, entry, mask=None, **more) -> Output:
    """The output that an original without steps is."""
    opened = voc.labels(entry, dataset)
    size = opened.size or (20, 10)
    path = f"{voc.home(entry.split)}/{entry.key}"
    return Output(entry.split, path, size, opened.objects, mask, extra=dict(entry.extra), **more)


def written_xml(dataset, output) -> str:
    return voc.label_files(dataset, output)[0].data.decode()


def elements(text: str) -> list:
    """An XML tree as (tag, text, sorted children), so that the order of fields does not count."""

    def plain(element):
        return element.tag, (element.text or "").strip(), sorted(map(plain, element))

    return plain(ET.fromstring(text))


def masked(root: Path, classes=None, objects=None, xml=None) -> Path:
    devkit(root, {"a": xml or one_object(SMALL, size=(4, 3))}, lists={"Segmentation/train.txt": "a\n"})
    if classes is not None:
        indexed(root / "SegmentationClass" / "a.png", classes)
    if objects is not None:
        indexed(root / "SegmentationObject" / "a.png", objects)
    return root


SMALL = "<xmin>3</xmin><ymin>1</ymin><xmax>4</xmax><ymax>2</ymax>"


CLASS_PIXELS = [[0, 255, 8, 8], [0, 255, 8, 12], [0, 0, 255, 12]]


OBJECT_PIXELS = [[0, 255, 1, 1], [0, 255, 1, 2], [0, 0, 255, 2]]
