"""Pixel agreement of two folders of label PNGs: `python -m reference.compare_labels DIR DIR`."""

import argparse
from pathlib import Path

from . import voc


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    arguments = parser.parse_args()
    folders = (arguments.first, arguments.second)
    names = sorted(set.intersection(*({path.name for path in folder.glob("*.png")} for folder in folders)))
    if not names:
        raise SystemExit(f"{arguments.first} and {arguments.second} have no PNG in common")
    equal, pixels = 0, 0
    for name in names:
        first, second = voc.read_labels(arguments.first / name), voc.read_labels(arguments.second / name)
        if first.shape != second.shape:
            raise SystemExit(f"{name}: {first.shape} and {second.shape}")
        same = int((first == second).sum())
        print(f"{name[:-4]} {same / first.size:.6f}")
        equal, pixels = equal + same, pixels + first.size
    print(f"all {len(names)} images: {equal / pixels:.6f} of the pixels agree")


if __name__ == "__main__":
    main()
