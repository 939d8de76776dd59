"""`classifier/` and `segmenter/`: the losses and weight changes of five iterations from start weights by formula."""

import os

import numpy as np
import torch

from reference import formula, settings, train

from . import start_weights
from .files import write_json

PERTURBATION = 3e-7
LOSS_SPREAD, CHANGE_SPREAD = 2e-4, 1e-2

CONFIG = """\
# Paths are relative to the folder of the fixtures; the start weights are made from NAME.json.
data:
  root: tiny-voc
  split: train
  crop: 0
  scale: [1, 1]
  flip: 0
  jitter: {{brightness: 0, contrast: 0, saturation: 0}}
  shuffle: false
  normalize: {normalize}
{labels}model:
  trunk: {trunk}
  width: 0.125
  fc: {fc}
  dropout: 0
  weights: start.safetensors
{stage}  batch_norm: {{mode: {batch_norm}, momentum: {momentum}}}
{loss}solver:
  iterations: 5
  batch: 4
  lr: {lr}
  momentum: 0.9
  weight_decay: {weight_decay}
  schedule: {schedule}
  multipliers: {{pretrained_weight: 1, pretrained_bias: 2, new_weight: 10, new_bias: 20}}
  decay_biases: {decay_biases}
"""
LABELS = "  labels: {crf: tiny-voc/labels/Y_crf, ret: tiny-voc/labels/Y_ret}\n"
DEFAULTS = {
    "normalize": "caffe", "labels": "", "trunk": "vgg16", "fc": "true", "batch_norm": "train", "loss": "",
    "momentum": "0.1", "weight_decay": "2.0e-2", "decay_biases": "false",
}  # fmt: skip
STEP, POLY = "{kind: step, milestones: [3], factor: 0.1}", "{kind: poly, power: 0.9}"


def classifier(lr, first_layer, pooling="bap", classifier_scale=0.1, statistics=False, **others):
    """One classifier case: the config's text and the start weights' options.

    Many pairs of `lr` and `first_layer` pass so near to a kink of ReLU or max pooling that rounding decides; those
    below do not.
    """
    stage = f"  pooling: {pooling}\n  grid: 4\n  roi: 2\n"
    values = {"stage": stage, "lr": lr, "schedule": STEP, **others}
    options = {"classifier_scale": classifier_scale, "first_layer": first_layer, "statistics": statistics}
    return CONFIG.format(**{**DEFAULTS, **values}), options


def segmenter(lr, first_layer, kind, detach="false"):
    """One segmenter case."""
    loss = f"loss: {{kind: {kind}, lambda: 0.1, gamma: 7, detach_sigma: {detach}}}\n"
    stage = "  head: largefov\n  temperature: 20\n"
    values = {"labels": LABELS, "stage": stage, "loss": loss, "lr": lr, "schedule": POLY}
    return CONFIG.format(**{**DEFAULTS, **values}), {"classifier_scale": 0.3, "first_layer": first_layer}


def deeplab_v2(lr, first_layer, trunk, stride, statistics=False, **others):
    """One case of DeepLab v2 with the noise-aware loss; its sum of four convolutions starts with small weights."""
    loss = "loss: {kind: nal, lambda: 0.1, gamma: 7, detach_sigma: false}\n"
    stage = f"  head: aspp\n  temperature: 20\n  stride: {stride}\n"
    values = {
        "labels": LABELS, "trunk": trunk, "stage": stage, "loss": loss, "lr": lr, "schedule": POLY,
        "decay_biases": "true", **others,
    }  # fmt: skip
    options = {"classifier_scale": 0.3, "first_layer": first_layer, "statistics": statistics}
    return CONFIG.format(**{**DEFAULTS, **values}), options


BATCH_NORM = {"trunk": "vgg16_bn", "fc": "false", "normalize": "torchvision", "decay_biases": "true"}
CASES = {
    "classifier": {
        "bap": classifier("1.0e-4", 1 / 84),
        "gap": classifier("1.3e-4", 1 / 74, "gap"),
        "bap_pool5": classifier("1.0e-4", 1 / 74, fc="false"),
        "bap_bn": classifier("2.0e-3", 1, **BATCH_NORM),
        "bap_bn_frozen": classifier("1.0e-3", 1, batch_norm="frozen", statistics=True, **BATCH_NORM),
    },
    "segmenter": {
        "nal": segmenter("1.0e-2", 1 / 53, "nal"),
        "nal_detached": segmenter("1.0e-2", 1 / 74, "nal", detach="true"),
        "ce_crf": segmenter("1.0e-2", 1 / 74, "ce_crf"),
        "ce_ret": segmenter("1.0e-2", 1 / 44, "ce_ret"),
        "baseline": segmenter("1.0e-2", 1 / 74, "baseline"),
        "entropy": segmenter("1.0e-2", 1 / 74, "entropy"),
        "bootstrapping": segmenter("1.0e-2", 1 / 74, "bootstrapping"),
        "v2": deeplab_v2("1.0e-3", 1, "resnet26", "caffe", normalize="torchvision", momentum="0.999"),
        "v2_frozen": deeplab_v2(
            "1.0e-3", 1, "resnet14", "torchvision", normalize="torchvision", batch_norm="frozen", statistics=True
        ),
    },
}


def perturbed(start, seed):
    """The start weights moved by a few roundings of float32: a stand-in for another order of the same arithmetic."""
    rng = np.random.default_rng(seed)
    return {name: value * (1 + PERTURBATION * rng.standard_normal(value.shape)) for name, value in start.items()}


def relative(value, truth):
    """|value - truth| / |truth|, and 0 where both are 0."""
    difference, size = np.linalg.norm(np.subtract(value, truth)), np.linalg.norm(truth)
    return float(difference / size) if size else float(difference)


def change(start, end):
    """name -> end - start."""
    return {name: end[name] - first for name, first in start.items()}


def spread(stage, config, start, iterations, losses, truth):
    """How far other roundings of the same computation move the losses and the changes (relative; the worst)."""
    runs = [(start, torch.float32)] + [(perturbed(start, seed), torch.float64) for seed in range(5)]
    loss_spread, change_spread = 0.0, 0.0
    for other, dtype in runs:
        other_losses, end = train.run(stage, config, other, iterations, dtype)
        moved = change(other, end)
        loss_spread = max([loss_spread, *(relative(a, b) for a, b in zip(other_losses, losses))])
        change_spread = max([change_spread, *(relative(moved[name], truth[name]) for name in truth)])
    return {"losses": loss_spread, "changes": change_spread}


def described(stage, config, start, iterations):
    """Losses, spread, and each tensor's total change: its norm and three projections."""
    losses, end = train.run(stage, config, start, iterations)
    moved = change(start, end)
    tensors = [
        {
            "name": name,
            "start_norm": float(np.linalg.norm(start[name])),
            "change_norm": float(np.linalg.norm(value)),
            "projections": formula.projections(name, value),
        }
        for name, value in moved.items()
    ]
    uncertain = spread(stage, config, start, iterations, losses, moved)
    return {"iterations": iterations, "losses": losses, "spread": uncertain, "tensors": tensors}


def golden(stage, config, options):
    """What NAME.json holds: the start weights' rules, and the state after one and after all iterations."""
    rules = start_weights.rules(stage, config, **options)
    start = {rule.name: rule.values().astype(np.float64) for rule in rules}
    runs = [described(stage, config, start, iterations) for iterations in (1, config["solver"]["iterations"])]
    return {"start": start_weights.described(rules), "runs": runs}


def write(folder):
    """NAME.yaml and NAME.json of each case of the stage the folder is named after."""
    torch.set_num_threads(1)
    os.chdir(folder.parent)
    folder.mkdir(exist_ok=True)
    for name, (text, options) in CASES[folder.name].items():
        result = golden(folder.name, settings.parse(text), options)
        for run in result["runs"]:
            print(f"{folder.name}/{name}", run["losses"], run["spread"])
            spreads = run["spread"]
            assert spreads["losses"] < LOSS_SPREAD and spreads["changes"] < CHANGE_SPREAD, "rounding decides"
        (folder / f"{name}.yaml").write_text(text.replace("NAME", name))
        write_json(folder / f"{name}.json", result)
