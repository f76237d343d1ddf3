"""What the product is compared with: small scripts for the same recipes, as users of other libraries write.

    python peers.py PEER RECIPE PHOTOS OUT WORKERS

Each peer works on whole photographs in a pool of processes and writes three JPEG files for each, quality 90.
Exit status 3: a library is not installed.
"""

import importlib
import multiprocessing
import os
import random
import sys
from pathlib import Path

COPIES, QUALITY = 3, 90
NEEDS = {
    "albumentations": ("albumentations", "cv2", "numpy"),
    "floor": ("cv2", "numpy"),
    "naive": ("PIL.Image", "PIL.ImageEnhance", "numpy"),
}
NOT_INSTALLED = 3


def begin(name, recipe, files, out):
    """Import what this process needs; in every process, with whatever the parent has loaded already."""
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    for module in NEEDS[name]:
        importlib.import_module(module)
    if "cv2" in sys.modules:
        sys.modules["cv2"].setNumThreads(0)  # there is a process per core already
    Job.peer = PEERS[name](recipe, files, out)


class Job:
    """What a process works with."""

    peer = None

    @staticmethod
    def run(index):
        Job.peer.photo(index)


class Peer:
    def __init__(self, recipe, files, out):
        self.recipe, self.files, self.out = recipe, files, out

    def target(self, index, copy):
        return os.path.join(self.out, f"{index:06d}_{copy}.jpg")


def cutmix_box(rng, width, height, keep):
    """A box of the area share 1 - keep, somewhere inside."""
    side = (1.0 - keep) ** 0.5
    w, h = int(width * side), int(height * side)
    x, y = rng.randint(0, width - w), rng.randint(0, height - h)
    return x, y, x + w, y + h


class Albumentations(Peer):
    """Decode once with OpenCV, then one pipeline call per output. It mixes no images: R3 is a plain loop."""

    def __init__(self, recipe, files, out):
        super().__init__(recipe, files, out)
        import albumentations as A

        level = 10 / 255
        steps = {
            "R1": lambda: [
                A.Rotate(limit=30, p=1),
                A.HorizontalFlip(p=0.5),
                A.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=(0, 0), p=1),
                A.GaussNoise(std_range=(level, level), p=1),
            ],
            "R2": lambda: [A.HorizontalFlip(p=0.5), A.RandomResizedCrop(size=(224, 224), scale=(0.08, 1.0))],
            "R3": list,
        }
        self.pipeline = A.Compose(steps[recipe]())

    def photo(self, index):
        import cv2

        image = cv2.imread(self.files[index])
        rng = random.Random(index)
        for copy in range(COPIES):
            made = self.mixed(image, rng) if self.recipe == "R3" else self.pipeline(image=image)["image"]
            cv2.imwrite(self.target(index, copy), made, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])

    def mixed(self, image, rng):
        import cv2

        height, width = image.shape[:2]
        other = cv2.resize(cv2.imread(rng.choice(self.files)), (width, height))
        keep = rng.betavariate(0.4, 0.4)
        if rng.random() < 0.5:
            return cv2.addWeighted(image, keep, other, 1.0 - keep, 0)
        x0, y0, x1, y1 = cutmix_box(rng, width, height, keep)
        made = image.copy()
        made[y0:y1, x0:x1] = other[y0:y1, x0:x1]
        return made


class Floor(Peer):
    """No augmentation: decode once, encode three times. R1 encodes noisy pixels (noise makes files larger),
    R2 a corner of 224 x 224; the partners of R3 are not decoded.
    """

    def __init__(self, recipe, files, out):
        super().__init__(recipe, files, out)
        import numpy as np

        drawn = np.random.default_rng(1).standard_normal(1 << 20, dtype=np.float32) * 10
        self.noise = np.rint(drawn).clip(-128, 127).astype(np.int8)

    def photo(self, index):
        import cv2
        import numpy as np

        image = cv2.imread(self.files[index])
        if self.recipe == "R1":
            image = cv2.add(image, np.resize(self.noise, image.shape), dtype=cv2.CV_8U)
        elif self.recipe == "R2":
            image = image[:224, :224]
        for copy in range(COPIES):
            cv2.imwrite(self.target(index, copy), image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


class Naive(Peer):
    """Pillow and numpy; the photograph is opened anew for every output."""

    def photo(self, index):
        import numpy as np

        rng, noise = random.Random(index), np.random.default_rng(index)
        for copy in range(COPIES):
            made = getattr(self, self.recipe)(self.opened(self.files[index]), rng, noise)
            made.save(self.target(index, copy), quality=QUALITY)

    def opened(self, path):
        from PIL import Image

        return Image.open(path).convert("RGB")

    def R1(self, image, rng, noise):
        import numpy as np
        from PIL import Image, ImageEnhance

        image = image.rotate(rng.uniform(-30, 30), resample=Image.Resampling.BILINEAR)
        if rng.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        pixels = np.asarray(ImageEnhance.Brightness(image).enhance(rng.uniform(0.8, 1.2)))
        noisy = pixels + noise.normal(0, 10, pixels.shape)
        return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))

    def R2(self, image, rng, noise):
        from PIL import Image

        if rng.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        side = rng.uniform(0.08, 1.0) ** 0.5
        width, height = int(image.width * side), int(image.height * side)
        x, y = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
        return image.crop((x, y, x + width, y + height)).resize((224, 224), Image.Resampling.BILINEAR)

    def R3(self, image, rng, noise):
        from PIL import Image

        other = self.opened(rng.choice(self.files)).resize(image.size, Image.Resampling.BILINEAR)
        keep = rng.betavariate(0.4, 0.4)
        if rng.random() < 0.5:
            return Image.blend(other, image, keep)
        box = cutmix_box(rng, *image.size, keep)
        image.paste(other.crop(box), box[:2])
        return image


PEERS = {"albumentations": Albumentations, "floor": Floor, "naive": Naive}


def main():
    name, recipe, photos, out, workers = sys.argv[1:]
    os.makedirs(out)
    files = sorted(str(path) for path in Path(photos).rglob("*.jpg"))
    try:
        begin(name, recipe, files, out)
    except ImportError as error:
        print(f"{error.name or error} is not installed", file=sys.stderr)
        sys.exit(NOT_INSTALLED)
    context = multiprocessing.get_context("fork")
    chunk = max(1, min(8, len(files) // (int(workers) * 4)))
    with context.Pool(int(workers), begin, (name, recipe, files, out)) as pool:
        for _ in pool.imap_unordered(Job.run, range(len(files)), chunk):
            pass


if __name__ == "__main__":
    main()
