"""`coco/`: polygons and masks as pycocotools codes them, and its twelve figures for a small set with all its rules."""

import contextlib
import copy
import io
import json

import numpy as np
from pycocotools import mask as codec
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]
CATEGORIES = [{"id": 3, "name": "car"}, {"id": 1, "name": "person"}, {"id": 18, "name": "dog"}]


def text(rle):
    return {"size": rle["size"], "counts": rle["counts"].decode()}


def random_polygon(rng, width, height, count):
    """Points around a centre; some outside the image, some on half pixels, some twice."""
    center = rng.uniform(0, [width, height])
    angles = np.sort(rng.uniform(0, 2 * np.pi, count))
    radii = rng.uniform(0.5, 1 + 0.6 * min(width, height), count)
    points = center + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
    points = np.round(points * 2) / 2 if rng.random() < 0.3 else np.round(points, 2)
    if rng.random() < 0.3:
        points = np.repeat(points, 2, axis=0)
    return points.reshape(-1).tolist()


def polygon_cases(rng):
    for _ in range(60):
        width, height = (int(x) for x in rng.integers(1, 60, 2))
        polygons = [random_polygon(rng, width, height, int(rng.integers(3, 12))) for _ in range(rng.integers(1, 4))]
        merged = codec.merge(codec.frPyObjects(polygons, height, width))
        box = [int(x) for x in codec.toBbox(merged)]
        yield {
            "width": width,
            "height": height,
            "polygons": polygons,
            "counts": merged["counts"].decode(),
            "area": int(codec.area(merged)),
            "box": box,
        }


def mask_cases(rng):
    """Masks of noise at many densities and sizes, runs long and short."""
    for density in (0, 0.01, 0.3, 0.5, 0.99, 1):
        for width, height in ((1, 1), (1, 9), (9, 1), (13, 7), (40, 90)):
            mask = (rng.random((height, width)) < density).astype(np.uint8)
            flat = mask.reshape(-1, order="F").tolist()
            changes = [i for i in range(len(flat)) if flat[i] != (flat[i - 1] if i else 0)]
            ends = changes + [len(flat)]
            runs = [ends[0]] + [b - a for a, b in zip(ends, ends[1:])]
            coded = codec.encode(np.asfortranarray(mask))
            plain = codec.frPyObjects({"size": [height, width], "counts": runs}, height, width)
            assert plain["counts"] == coded["counts"]
            yield {"width": width, "height": height, "runs": runs, "counts": coded["counts"].decode()}


def blob(rng, width, height, size):
    y, x = np.mgrid[:height, :width]
    cx, cy = rng.uniform(0, width), rng.uniform(0, height)
    ax, ay = size * rng.uniform(0.4, 1, 2)
    return np.asfortranarray((((x - cx) / ax) ** 2 + ((y - cy) / ay) ** 2 < 1).astype(np.uint8))


def truth(rng):
    images, annotations = [], []
    for number in (7, 2, 9, 4, 5):
        width, height = (int(x) for x in rng.integers(120, 260, 2))
        images.append({"id": number, "file_name": f"{number:012d}.jpg", "width": width, "height": height})
        for _ in range(0 if number == 4 else int(rng.integers(3, 9))):
            size = float(rng.choice([5, 12, 25, 45, 80]))
            mask = blob(rng, width, height, size)
            rle = codec.encode(mask)
            is_crowd = int(rng.random() < 0.2)
            shape = text(rle)
            if is_crowd:
                flat = mask.reshape(-1, order="F")
                edges = np.flatnonzero(np.diff(np.concatenate([[0], flat]))).tolist() + [flat.size]
                shape = {"size": shape["size"], "counts": np.diff([0] + edges).tolist()}
            elif rng.random() < 0.5:
                shape = [random_polygon(rng, width, height, 7)]
                rle = codec.merge(codec.frPyObjects(shape, height, width))
            annotations.append(
                {
                    "id": 100 + 3 * len(annotations),
                    "image_id": number,
                    "category_id": int(rng.choice([1, 3])),
                    "segmentation": shape,
                    "bbox": [float(x) for x in codec.toBbox(rle)],
                    # the stated area, not the mask's, decides about small, medium and large
                    "area": float(np.round(codec.area(rle) * rng.uniform(0.9, 1.1), 3)),
                    "iscrowd": is_crowd,
                }
            )
    rng.shuffle(annotations)
    return {"images": images, "annotations": annotations, "categories": CATEGORIES}


def perturbed(rng, data, coco, with_boxes):
    """Shifted copies of the true masks, several for some, with scores of which many are equal; and noise."""
    results = []
    for annotation in data["annotations"]:
        mask = coco.annToMask(annotation)
        for _ in range(int(rng.choice([0, 1, 1, 1, 2]))):
            shifts = rng.integers(-3, 4, 2)
            moved = np.asfortranarray(np.roll(mask, shifts, (0, 1)))
            category = annotation["category_id"] if rng.random() < 0.9 else int(rng.choice([1, 3, 18, 77]))
            results.append((annotation["image_id"], category, moved))
    for image in data["images"]:
        for _ in range(3):
            noise = blob(rng, image["width"], image["height"], float(rng.choice([6, 30])))
            results.append((image["id"], int(rng.choice([1, 3, 18])), noise))
    first = data["images"][0]
    for _ in range(120):  # more than the hundred that count
        results.append((first["id"], 1, blob(rng, first["width"], first["height"], 9.0)))
    records = []
    for image, category, mask in results:
        rle = codec.encode(mask)
        score = float(np.round(rng.random(), 1))
        record = {"image_id": image, "category_id": category, "segmentation": text(rle), "score": score}
        if with_boxes:
            record["bbox"] = [float(x) for x in codec.toBbox(rle)]
        records.append(record)
    return records


def figures(coco, records):
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(coco, coco.loadRes(copy.deepcopy(records)), "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return dict(zip(NAMES, evaluation.stats.tolist()))


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(21)
    (folder / "polygons.json").write_text(json.dumps(list(polygon_cases(rng))) + "\n")
    (folder / "masks.json").write_text(json.dumps(list(mask_cases(rng))) + "\n")
    data = truth(rng)
    (folder / "instances.json").write_text(json.dumps(data) + "\n")
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(folder / "instances.json"))
    scores = {}
    for name, with_boxes in (("results", False), ("results_with_boxes", True)):
        records = perturbed(rng, data, coco, with_boxes)
        (folder / f"{name}.json").write_text(json.dumps(records) + "\n")
        scores[name] = figures(coco, records)
    (folder / "scores.json").write_text(json.dumps(scores, indent=1) + "\n")


def shifted_truth(coco):
    """Every mask moved by an amount that depends on its number, with one of ten scores."""
    records = []
    for annotation in coco.dataset["annotations"]:
        mask = coco.annToMask(annotation)
        dx, dy = annotation["id"] % 5 - 2, annotation["id"] // 5 % 7 - 3
        moved = np.zeros_like(mask)
        height, width = mask.shape
        moved[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)] = mask[
            max(0, -dy) : height - max(0, dy), max(0, -dx) : width - max(0, dx)
        ]
        records.append(
            {
                "image_id": annotation["image_id"],
                "category_id": annotation["category_id"],
                "segmentation": text(codec.encode(np.asfortranarray(moved))),
                "score": annotation["id"] % 10 / 10,
            }
        )
    return records


def write_real(root, path):
    """`real.json`: pycocotools' figures for the shifted truth of two real sets, `root/instances_*.json`."""
    scores = {}
    for split in ("val2017", "train2017"):
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO(str(root / f"instances_{split}.json"))
        scores[split] = figures(coco, shifted_truth(coco))
    path.write_text(json.dumps(scores, indent=1) + "\n")
