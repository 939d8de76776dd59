"""Writes the golden files of the tests: `python make_golden.py [crf ...]` (default: all). See README.md."""

import argparse
import importlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PARTS = {
    "crf": "crf_golden",
    "bap": "bap_golden",
    "tiny-voc": "tiny_voc",
    "labels": "labels_golden",
    "classifier": "training_golden",
    "segmenter": "training_golden",
    "coco": "coco_golden",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    for part in parser.parse_args().parts or PARTS:
        importlib.import_module(f"generator.{PARTS[part]}").write(FOLDER / part)
        print(part)


if __name__ == "__main__":
    main()
