"""bana's config files: the keys the reference understands, with their defaults."""

import copy
import re

import yaml

from .networks import BLOCKS

DEFAULTS = {
    "data": {
        "root": "", "split": "train", "classes": "voc", "crop": 321, "shuffle": True, "normalize": "caffe",
        "labels": {"crf": "", "ret": ""},
    },
    "model": {
        "trunk": "vgg16", "width": 1.0, "fc": True, "dropout": 0.5, "weights": "", "pooling": "bap", "grid": 4,
        "roi": 2, "head": "largefov", "temperature": 20, "batch_norm": {"mode": "train", "momentum": 0.1},
        "stride": "caffe",
    },
    "loss": {"kind": "nal", "lambda": 0.1, "gamma": 7, "detach_sigma": False},
    "solver": {
        "iterations": 8000, "batch": 20, "lr": 1e-3, "momentum": 0.9, "weight_decay": 5e-4,
        "schedule": {"kind": "step", "milestones": [5000], "factor": 0.1},
        "multipliers": {"pretrained_weight": 1, "pretrained_bias": 2, "new_weight": 10, "new_bias": 20},
        "decay_biases": False,
    },
    "label": {"background": "attention", "foreground": "cam", "bg_threshold": 0.99, "crf": [4, 55, 3, 3, 3]},
}  # fmt: skip


class Loader(yaml.SafeLoader):
    """YAML 1.2's floats: PyYAML takes 1e-3 for a string."""


FLOAT = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$")
Loader.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+0123456789"))


def merged(defaults, given):
    """`given` over `defaults`, section by section; a schedule replaces the default one whole."""
    result = copy.deepcopy(defaults)
    for key, value in (given or {}).items():
        deeper = isinstance(value, dict) and isinstance(result.get(key), dict) and key != "schedule"
        result[key] = merged(result[key], value) if deeper else value
    return result


def parse(text):
    """A config's text -> nested dictionaries with every default filled in."""
    settings = merged(DEFAULTS, yaml.load(text, Loader))
    if settings["data"]["classes"] != "voc" or settings["model"]["trunk"] not in ("vgg16", "vgg16_bn", *BLOCKS):
        raise ValueError("the reference knows VOC's classes and the VGG and ResNet trunks only")
    return settings
