"""The start weights of the golden runs: a rule for each tensor, so that a test can write the file itself."""

from dataclasses import asdict, dataclass

import numpy as np

from reference import formula, train, voc
from reference.train import STAGES


@dataclass(frozen=True)
class Rule:
    """value k = offset + scale * (2 u_k - 1), float32; `name` also seeds u. `shape` is PyTorch's."""

    name: str
    shape: list
    scale: float
    offset: float

    def values(self):
        return formula.values(self.name, self.shape, self.scale, self.offset)


def scale_and_offset(name, shape, statistics):
    """The formula's two constants for one of the trunk's tensors."""
    if name.endswith("running_mean"):
        return (0.1 if statistics else 0.0), 0.0
    if name.endswith("running_var"):
        return (0.3 if statistics else 0.0), 1.0
    if name.endswith(("_bn.weight", ".bn.weight")):
        return 0.1, 1.0
    if name.endswith(("_bn.bias", ".bn.bias")):
        # Statistics of the batch magnify what rounding does at ReLU's kink: keep most values away from it.
        return 0.05, (0.0 if statistics else 1.5)
    if name.endswith(".bias"):
        return 0.05, 0.0
    return float(np.sqrt(6 / np.prod(shape[1:]))), 0.0


def rules(stage, settings, classifier_scale, classifier_offset=0.0, first_layer=1.0, statistics=False):
    """A rule for each tensor of the stage's network, in state-dict order.

    `first_layer` multiplies the first convolution's scale: 1/64 brings inputs of 0..255 to the size the other layers expect.
    `statistics` moves batch norm's running statistics away from 0 and 1.
    """
    network = STAGES[stage](len(voc.CLASSES), **train.trunk_options(settings["model"]))
    result = []
    for name, tensor in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        shape = list(tensor.shape)
        if name == "classifier.weight":
            scale, offset = classifier_scale, classifier_offset
        else:
            scale, offset = scale_and_offset(name, shape, statistics)
        if name in ("backbone.conv1_1.weight", "backbone.layer1.conv1.conv.weight"):
            scale *= first_layer
        result.append(Rule(name, shape, scale, offset))
    return result


def arrays(rules):
    """name -> float32 array."""
    return {rule.name: rule.values() for rule in rules}


def described(rules):
    """The rules as JSON takes them."""
    return [asdict(rule) for rule in rules]
