"""The versions of everything that changes bytes: part of a run's identity."""

from __future__ import annotations

import re
import zlib

import cv2
import numpy
import PIL
from PIL import features

_PILLOW_CODECS = {
    "libjpeg_turbo": features.version_feature,
    "zlib": features.version_codec,
    "zlib_ng": features.version_feature,
    "libtiff": features.version_codec,
    "webp": features.version_module,
    "littlecms2": features.version_module,
}
_OPENCV_CODECS = {"JPEG": "opencv_jpeg", "PNG": "opencv_png", "TIFF": "opencv_tiff"}


def environment() -> dict[str, str]:
    """Name -> version, sorted; a codec that this build lacks is `none`."""
    found = {"pillow": PIL.__version__, "numpy": numpy.__version__, "opencv": cv2.__version__}
    found["python_zlib"] = zlib.ZLIB_RUNTIME_VERSION
    for name, version_of in _PILLOW_CODECS.items():
        checked = features.check(name)
        found[name] = (version_of(name) if checked else None) or "none"
    build = cv2.getBuildInformation()
    for label, name in _OPENCV_CODECS.items():
        line = re.search(rf"^ +{label}: .*?\((?:ver )?([^)]*)\)", build, re.MULTILINE)
        found[name] = line.group(1).strip() if line else "none"
    return dict(sorted(found.items()))
