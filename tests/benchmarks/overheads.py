"""What guards and labels cost per output: the product's own path of one image, with and without, in turn.

    python tests/benchmarks/overheads.py --photos DIR [--n 300] [--rounds 5]

Of each photograph the fastest turn counts, because whatever disturbs it only adds; whole commands, as
`compare.py` times them, vary by more than what is looked for here. Guards: hashes, journal, build digests,
atomic writes. Labels: seven boxes an image in a COCO file, against class folders. What the parent spends on
reading and writing label files is not in it.
"""

import argparse
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import bare
import cv2
from photos import SAMPLES, linked

from augcli import manifest
from augcli.prelude import prelude
from augcli.work import Work, settle

HERE = Path(__file__).resolve().parent
BOXES = 7

Turn = Callable[[int], object]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--photos", type=Path, default=SAMPLES)
    asked.add_argument("--n", type=int, default=300, help="photographs")
    asked.add_argument("--rounds", type=int, default=5)
    given = asked.parse_args()
    settle()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as place:
        folder = Path(place)
        linked(given.photos, given.n, folder / "folders")
        boxes(folder / "folders", folder / "coco")
        plain, labelled = (working(folder, kind) for kind in ("folders", "coco"))

        def unguarded(number: int) -> None:
            bare.put(bare.BARE)
            try:
                plain(number)
            finally:
                bare.put(bare.GUARDED)

        bare.put(bare.GUARDED)
        found = fastest({"plain": plain, "bare": unguarded, "labelled": labelled}, given.n, given.rounds)
    outputs = 3 * given.n
    for name, seconds in found.items():
        print(f"{name:10}{1e3 * seconds / outputs:8.3f} ms/output")
    print(f"guards {1 - found['bare'] / found['plain']:.1%} of an output")
    print(f"labels {found['labelled'] / found['plain'] - 1:.1%} more than class folders")


def fastest(turns: Mapping[str, Turn], count: int, rounds: int) -> dict[str, float]:
    """CPU seconds of each, summed over the photographs, of each photograph its fastest turn."""
    best = {name: [float("inf")] * count for name in turns}
    order = list(turns)
    for _ in range(rounds):
        for number in range(count):
            random.shuffle(order)
            for name in order:
                begin = time.process_time()
                turns[name](number)
                best[name][number] = min(best[name][number], time.process_time() - begin)
    return {name: sum(each) for name, each in best.items()}


def working(folder: Path, kind: str) -> Turn:
    """All that a run does with the photograph of a number, in this process."""
    out = folder / f"{kind}-out"
    out.mkdir()
    found = prelude(HERE / "R1.yaml", [f"input.path={folder / kind}", f"output.path={out}"], None)
    work = Work(found.setting, str(out), "environment", found.plan.format)
    jobs = {Path(job.entry.key).stem: job for job in found.plan.jobs()}
    state = manifest.load(out)
    journal = manifest.Journal.begin(out, {}, state.known, state.journal)

    def turn(number: int) -> None:
        job = jobs[f"{number:06d}"]
        journal.promise([copy.output for _, copy in job.outputs], None)
        journal.append(*(record.row for record in work(job)))

    return turn


def boxes(photos: Path, target: Path) -> None:
    """The same photographs as a COCO dataset of ten classes, with boxes anywhere."""
    (target / "annotations").mkdir(parents=True)
    (target / "train").mkdir()
    draw = random.Random(3)
    images, annotations = [], []
    for number, path in enumerate(sorted(photos.rglob("*.jpg"), key=lambda each: each.name), 1):
        shutil.copyfile(path, target / "train" / path.name)
        height, width = cv2.imread(str(path)).shape[:2]
        images.append({"id": number, "file_name": path.name, "width": width, "height": height})
        for _ in range(BOXES):
            w, h = (round(draw.uniform(0.08, 0.5) * side, 2) for side in (width, height))
            x, y = round(draw.uniform(0, width - w), 2), round(draw.uniform(0, height - h), 2)
            ids = {"id": len(annotations) + 1, "image_id": number, "category_id": draw.randrange(1, 11)}
            annotations.append(ids | {"bbox": [x, y, w, h], "area": round(w * h, 4), "iscrowd": 0})
    categories = [{"id": number, "name": f"class{number}"} for number in range(1, 11)]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (target / "annotations" / "instances_train.json").write_text(json.dumps(document))


if __name__ == "__main__":
    main()
