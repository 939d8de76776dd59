"""Writes the fixtures of WeightsTests: python make_weights.py (needs torch, torchvision, safetensors).

types.safetensors     every element type; the float tensors hold the values in types.json
names-NETWORK.txt     torchvision's name of a tensor and, after a space, the reference's, a line each
tensors.pth           torch.save of every element type, of views in other orders, and of a parameter; in tensors.json
                      the values of those that can be read as floats
protocol4.pth         the same by a later protocol of pickle
checkpoint.pth        a model's tensors beside what else a checkpoint holds; without checksums
several.pth           two models, of which one is taken
module.pth, call.pth, text.pth    what is refused: a whole layer, a call, no dictionary
"""

import json
import os
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


class Call:
    """Unpickling it would run a command."""

    def __reduce__(self):
        return os.system, ("echo called",)


def pytorch_files():
    """What torch.save may write, in its archives."""
    block = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4) / 7
    readable = {
        "f16": torch.tensor(FLOATS, dtype=torch.float16).reshape(3, 4),
        "bf16": torch.tensor(FLOATS, dtype=torch.bfloat16),
        "f32": torch.tensor(FLOATS + WIDE, dtype=torch.float32),
        "f64": torch.tensor(FLOATS + WIDE, dtype=torch.float64),
        "whole": block,
        "part": block[1, :, 1:3],
        "transposed": block.permute(2, 0, 1),
        "channels last": torch.arange(16.0).reshape(1, 2, 2, 4).to(memory_format=torch.channels_last),
        "number": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.tensor([1.0, -2.0])),
    }
    others = {
        "i64": torch.tensor(123), "u8": torch.tensor([1, 2], dtype=torch.uint8), "bool": torch.tensor([True]),
        "u16": torch.tensor([7], dtype=torch.uint16), "f8": torch.tensor([1.0]).to(torch.float8_e4m3fn),
    }  # fmt: skip
    torch.save({**readable, **others}, HERE / "tensors.pth")
    torch.save({**readable, **others}, HERE / "protocol4.pth", pickle_protocol=4)
    values = {
        name: {"shape": list(t.shape), "values": t.detach().to(torch.float32).flatten().tolist()}
        for name, t in readable.items()
    }
    (HERE / "tensors.json").write_text(json.dumps(values) + "\n")

    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    for parameter in model.parameters():
        torch.nn.init.constant_(parameter, 0.5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    torch.serialization.set_crc32_options(False)
    checkpoint = {
        "epoch": 7, "lr": 0.1, "done": False, "best": None, "shape": torch.Size([1, 2]), "large": 2**70, "steps": -(2**40),
        "device": torch.device("cpu"), "model": model.state_dict(), "optimizer": optimizer.state_dict(),
    }  # fmt: skip
    torch.save(checkpoint, HERE / "checkpoint.pth")
    torch.serialization.set_crc32_options(True)
    torch.save({"model": model.state_dict(), "ema": model.state_dict()}, HERE / "several.pth")
    torch.save(model[0], HERE / "module.pth")
    torch.save({"weight": torch.zeros(1), "note": Call()}, HERE / "call.pth")
    torch.save("no weights", HERE / "text.pth")


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
    pytorch_files()
    names("vgg16", reference_vgg(False))
    names("vgg16_bn", reference_vgg(True))
    names("resnet101", reference_resnet([3, 4, 23, 3]))
