"""The training loop of stages 1 and 3: SGD with parameter groups, unshuffled batches of whole images."""

import torch

from . import bap, nal, samples, voc
from .networks import BLOCKS, Classifier, DeepLab

STAGES = {"classifier": Classifier, "segmenter": DeepLab}


def trunk_options(model):
    """The trunk's arguments for the config section `model`."""
    if model["trunk"] in BLOCKS:
        return {"blocks": BLOCKS[model["trunk"]], "width": model["width"], "stride": model["stride"]}
    batch_norm = model["trunk"] == "vgg16_bn"
    return {"width": model["width"], "fc": model["fc"], "dropout": model["dropout"], "batch_norm": batch_norm}


def build(stage, settings, start, dtype=torch.float64):
    """The stage's network, ready to train, with the tensors of `start` (name -> array), which must be complete."""
    model = settings["model"]
    network = STAGES[stage](len(voc.CLASSES), **trunk_options(model)).to(dtype)
    state = {name: torch.as_tensor(value) for name, value in start.items()}
    missing, unexpected = network.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    assert not missing and not unexpected, (missing, unexpected)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = model["batch_norm"]["momentum"]
            module.train(model["batch_norm"]["mode"] == "train")
    return network


def parameter_groups(network, solver):
    """One group for each parameter: its own learning-rate multiplier and weight decay. Head and classifier are always new."""
    groups = []
    for name, parameter in network.named_parameters():
        age = "pretrained" if name.startswith("backbone.") else "new"
        role = "bias" if name.endswith(".bias") else "weight"
        exempt = role == "bias" or "_bn." in name or ".bn." in name
        decay = 0.0 if exempt and not solver["decay_biases"] else solver["weight_decay"]
        multiplier = solver["multipliers"][f"{age}_{role}"]
        groups.append({"params": [parameter], "multiplier": multiplier, "weight_decay": decay})
    return groups


def learning_rate(solver, t):
    """The base rate of iteration t, counted from 0."""
    schedule = solver["schedule"]
    if schedule["kind"] == "poly":
        return solver["lr"] * (1 - t / solver["iterations"]) ** schedule.get("power", 0.9)
    passed = sum(milestone <= t for milestone in schedule["milestones"])
    return solver["lr"] * schedule["factor"] ** passed


def batch_loss(stage, network, batch, settings, t):
    """The loss of one batch of samples."""
    images = torch.stack([sample.image for sample in batch])
    model, loss = settings["model"], settings["loss"]
    if stage == "classifier":
        boxes, masks = [sample.boxes for sample in batch], [sample.mask for sample in batch]
        return bap.loss(network, images, boxes, masks, model["grid"], model["roi"], model["pooling"])
    return nal.loss(
        network(images),
        torch.stack([sample.crf for sample in batch]),
        torch.stack([sample.ret for sample in batch]),
        kind=loss["kind"],
        temperature=model["temperature"],
        weight=loss["lambda"],
        gamma=loss["gamma"],
        detach_sigma=loss["detach_sigma"],
        beta=(1 - t / settings["solver"]["iterations"]) ** 0.9,
    )


def run(stage, settings, start, iterations=None, dtype=torch.float64):
    """Trains from `start`; returns the losses and the final tensors (name -> float64 array)."""
    data, solver = settings["data"], settings["solver"]
    assert data["crop"] == 0 and not data["shuffle"], "the reference trains on whole images in list order"
    network = build(stage, settings, start, dtype)
    optimizer = torch.optim.SGD(parameter_groups(network, solver), lr=solver["lr"], momentum=solver["momentum"])
    names = voc.read_ids(data["root"], data["split"])
    losses = []
    for t in range(iterations or solver["iterations"]):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(solver, t) * group["multiplier"]
        chosen = samples.batch_names(names, t, solver["batch"])
        batch = [samples.load(data, name, dtype, labels=stage == "segmenter") for name in chosen]
        optimizer.zero_grad()
        value = batch_loss(stage, network, batch, settings, t)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses, tensors(network)


def tensors(network):
    """Every named tensor, running statistics included, as float64 arrays."""
    state = network.state_dict().items()
    return {name: value.double().numpy().copy() for name, value in state if not name.endswith("num_batches_tracked")}
