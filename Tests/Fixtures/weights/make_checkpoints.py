"""Writes the checkpoints of WeightsTests: python make_checkpoints.py (needs torch and numpy).

views.pth, views-old.pth    views that repeat, reorder and leave out elements, and share them; in views.json their values.
                            Files -old are in the format of before PyTorch 1.6, views-old by a later protocol of pickle
tensors-old.pth             tensors.pth, which make_weights.py writes, in that format
training.pth, training-old.pth    the model two dictionaries deep, beside what trainings keep: other tensors, numbers of
                            numpy, settings, objects; the optimizer's and averaged weights
sparse.pth                  a weight that a network would want, as a sparse tensor
"""

import argparse
import collections
import json
import pathlib
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent


def save(value, name):
    """The value in both formats."""
    torch.save(value, HERE / f"{name}.pth")
    protocol = 4 if name == "views" else 2
    torch.save(value, HERE / f"{name}-old.pth", _use_new_zipfile_serialization=False, pickle_protocol=protocol)


def views():
    block = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8
    double = torch.arange(6, dtype=torch.float64).reshape(2, 3) / 3
    with_attribute = torch.tensor([4.0, 5.0])
    with_attribute.origin = "here"
    parameter = torch.nn.Parameter(torch.tensor([[1.0, 2.0]]), requires_grad=False)
    parameter.is_shared = True
    tensors = {
        "expanded": torch.tensor([1.5, -2.0]).reshape(2, 1).expand(2, 3),
        "one for all": torch.tensor(0.25).expand(2, 2, 2),
        "transposed": block.t(),
        "every other": block[1:, ::2],
        "diagonal": torch.diagonal(block),
        "windows": block.flatten().unfold(0, 4, 2),
        "block": block,
        "flipped axes": double.permute(1, 0)[1:],
        "half": torch.tensor([[0.5, 3.0]], dtype=torch.float16).expand(3, 2),
        "bfloat16": torch.tensor([1.0, -3.0, 7.0], dtype=torch.bfloat16)[1:],
        "attribute": with_attribute,
        "parameter": parameter,
        "strange extents": torch.arange(3.0).as_strided((1, 3, 1), (77, 1, 99)),
    }
    others = {"complex": torch.tensor([1 + 2j]), "quantized": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)}
    save({**tensors, **others, "sparse": torch.eye(2).to_sparse()}, "views")
    values = {
        name: {"shape": list(t.shape), "values": t.detach().to(torch.float32).flatten().tolist()}
        for name, t in tensors.items()
    }
    (HERE / "views.json").write_text(json.dumps(values) + "\n")


def training():
    model = torch.nn.Sequential(
        collections.OrderedDict(conv1_1=torch.nn.Conv2d(1, 2, 3), conv1_1_bn=torch.nn.BatchNorm2d(2))
    )
    for parameter in model.parameters():
        torch.nn.init.constant_(parameter, 0.5)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.zeros(1, 1, 4, 4)).sum().backward()
    for parameter in model.parameters():
        torch.nn.init.constant_(parameter.grad, 0.0)
    optimizer.step()
    weights = collections.OrderedDict(("module._orig_mod.backbone." + n, t) for n, t in model.state_dict().items())
    value = {
        "best_acc1": torch.tensor(61.5), "epoch": 3, "loss": np.float64(0.25), "history": np.arange(3.0),
        "args": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("a")), "seen": {1, 2}, "raw": b"\x00\xff", "big": 2**80,
        "counts": collections.Counter("aab"), "hyper_parameters": collections.defaultdict(list, depth=[1, 2]),
        "optimizer_states": [optimizer.state_dict()], "type": torch.float16, "rng": torch.get_rng_state()[:4].clone(),
        "averages": {n: t + 1 for n, t in weights.items()}, "model": {"state_dict": weights, "step": torch.tensor(9)},
    }  # fmt: skip
    save(value, "training")


if __name__ == "__main__":
    torch.serialization.set_crc32_options(False)
    views()
    training()
    tensors = torch.load(HERE / "tensors.pth")
    torch.save(tensors, HERE / "tensors-old.pth", _use_new_zipfile_serialization=False)
    torch.save({"conv1_1.weight": torch.eye(2).to_sparse(), "conv1_1.bias": torch.zeros(2)}, HERE / "sparse.pth")
