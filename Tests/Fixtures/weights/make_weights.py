"""Writes the fixtures of WeightsTests: python make_weights.py (needs torch, torchvision, safetensors).

types.safetensors     every element type; the float tensors hold the values in types.json
names-NETWORK.txt     torchvision's name of a tensor and, after a space, the reference's, a line each
"""

import json
from pathlib import Path

import torch
import torchvision
from safetensors.torch import save_file

HERE = Path(__file__).parent

FLOATS = [0.0, -0.0, 1.0, -1.5, 65504.0, 6e-8, -6.1e-5, 5.97e-8, 0.333251953125, 1e-3, 3.14159, -2.0**-24]
WIDE = [3.3e38, 1.1754944e-38, 1e-45, 0.1, -12345.678]


def types():
    """Each float type with values that it rounds in its own way, other types, a number, and an empty tensor."""
    tensors = {
        "f16": torch.tensor(FLOATS, dtype=torch.float16).reshape(3, 4),
        "bf16": torch.tensor(FLOATS + WIDE[:2], dtype=torch.bfloat16),
        "f32": torch.tensor(FLOATS + WIDE, dtype=torch.float32),
        "f64": torch.tensor(FLOATS + WIDE, dtype=torch.float64),
    }
    others = {
        "bool": torch.tensor([True, False, True]),
        "u8": torch.tensor([1, 2, 3], dtype=torch.uint8),
        "i8": torch.tensor([-1], dtype=torch.int8),
        "i16": torch.tensor([-1, 1], dtype=torch.int16),
        "i32": torch.tensor([[7]], dtype=torch.int32),
        "num_batches_tracked": torch.tensor(123, dtype=torch.int64),
        "f8": torch.tensor([1.0, 2.0, 3.0]).to(torch.float8_e4m3fn),
        "empty": torch.zeros(0, 3),
        'na"me\\ \u00fc \U0001f600': torch.tensor([2.0]),
    }
    save_file({**tensors, **others}, HERE / "types.safetensors", metadata={"format": "pt", "note": 'say "hi"\n'})
    values = {name: t.float().flatten().tolist() for name, t in tensors.items()}
    values["f64"] = tensors["f64"].to(torch.float32).tolist()
    (HERE / "types.json").write_text(json.dumps(values) + "\n")


def conv_bn(inputs, outputs, kernel):
    """The reference's unit: a convolution without bias and its batch norm."""
    unit = torch.nn.Module()
    unit.conv = torch.nn.Conv2d(inputs, outputs, kernel, bias=False)
    unit.bn = torch.nn.BatchNorm2d(outputs)
    return unit


def bottleneck(inputs, outputs, is_first):
    block = torch.nn.Module()
    block.reduce = conv_bn(inputs, outputs // 4, 1)
    block.conv3x3 = conv_bn(outputs // 4, outputs // 4, 3)
    block.increase = conv_bn(outputs // 4, outputs, 1)
    if is_first:
        block.shortcut = conv_bn(inputs, outputs, 1)
    return block


def reference_resnet(blocks):
    """The reference's ResNet: the stem is layer1, blocks count from 1."""
    net = torch.nn.Module()
    net.layer1 = torch.nn.Module()
    net.layer1.conv1 = conv_bn(3, 64, 7)
    inputs = 64
    for number, count in enumerate(blocks):
        layer, outputs = torch.nn.Module(), 256 << number
        for b in range(count):
            layer.add_module(f"block{b + 1}", bottleneck(inputs, outputs, b == 0))
            inputs = outputs
        net.add_module(f"layer{number + 2}", layer)
    return net


def reference_vgg(with_norms):
    """The reference's VGG-16, as far as torchvision has its layers."""
    net, inputs = torch.nn.Module(), 3
    for stage, (count, outputs) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]):
        for k in range(count):
            name = f"conv{stage + 1}_{k + 1}"
            net.add_module(name, torch.nn.Conv2d(inputs, outputs, 3))
            if with_norms:
                net.add_module(name + "_bn", torch.nn.BatchNorm2d(outputs))
            inputs = outputs
    return net


def names(network, reference):
    """Pairs the tensors of two networks by their order, which is forward order in both, and checks the shapes."""
    theirs = getattr(torchvision.models, network)().state_dict()
    theirs = {name: t for name, t in theirs.items() if not name.startswith(("classifier.", "fc."))}
    ours = reference.state_dict()
    assert [t.shape for t in theirs.values()] == [t.shape for t in ours.values()]
    lines = [f"{a} backbone.{b}\n" for a, b in zip(theirs, ours)]
    (HERE / f"names-{network}.txt").write_text("".join(lines))


if __name__ == "__main__":
    types()
    names("vgg16", reference_vgg(False))
    names("vgg16_bn", reference_vgg(True))
    names("resnet101", reference_resnet([3, 4, 23, 3]))
