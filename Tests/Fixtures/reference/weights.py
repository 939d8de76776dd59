"""Weight files: safetensors under the reference's names, without their prefix, or under torchvision's."""

import re

import numpy as np
from safetensors.numpy import load_file

from .networks import STAGES


def convolution_names():
    """conv1_1 ... conv5_3, in order."""
    return [f"conv{stage}_{i}" for stage, (count, _) in enumerate(STAGES, start=1) for i in range(1, count + 1)]


def from_torchvision(tensors):
    """`features.N.*` of torchvision's vgg16 or vgg16_bn -> `backbone.convS_I.*` and `backbone.convS_I_bn.*`."""
    layers = sorted({int(re.match(r"features\.(\d+)\.", name)[1]) for name in tensors if name.startswith("features.")})
    names, current, result = iter(convolution_names()), "", {}
    for layer in layers:
        is_convolution = tensors[f"features.{layer}.weight"].ndim == 4
        current = next(names) if is_convolution else current
        target = f"backbone.{current}" if is_convolution else f"backbone.{current}_bn"
        for name, value in tensors.items():
            if name.startswith(f"features.{layer}."):
                result[f"{target}.{name.split('.')[-1]}"] = value
    return result


def read(path):
    """name -> float64 array, under the reference's names."""
    tensors = {name: value.astype(np.float64) for name, value in load_file(path).items()}
    if any(name.startswith("features.") for name in tensors):
        return from_torchvision(tensors)
    own = ("backbone.", "classifier.")
    return {name if name.startswith(own) else f"backbone.{name}": value for name, value in tensors.items()}
