"""Stage 3: the noise-aware loss and the losses it is compared with."""

import torch
from torch.nn import functional

IGNORE = 255
KINDS = ("nal", "wce", "ce_crf", "ce_ret", "baseline", "entropy", "bootstrapping")


def mean(values, mask):
    """The mean of `values` over `mask`; 0 where the mask is empty."""
    return values[mask].sum() / mask.sum() if mask.any() else values.sum() * 0


def confidence(cosines, labels, gamma):
    """sigma (N, H, W): (D_c* / max_c D_c)^gamma with D = 1 + z. `labels` must hold classes only."""
    d = 1 + cosines
    own = d.gather(1, labels[:, None])[:, 0]
    return (own / d.max(dim=1).values) ** gamma


def loss(cosines, crf, ret, kind="nal", temperature=20.0, weight=0.1, gamma=7.0, detach_sigma=False, beta=1.0):
    """The loss of a batch: cosines z (N, C, H, W), label maps Y_crf and Y_ret (N, H, W) int64.

    `weight` is lambda; `beta` is the bootstrapping schedule's value at this iteration.
    """
    log_h = functional.log_softmax(temperature * cosines, dim=1)
    if kind in ("ce_crf", "ce_ret"):
        return functional.nll_loss(log_h, crf if kind == "ce_crf" else ret, ignore_index=IGNORE)

    reliable = (crf == ret) & (crf != IGNORE)
    unreliable = (crf != ret) & (crf != IGNORE)
    labels = crf.masked_fill(crf == IGNORE, 0)
    negative_log = -log_h.gather(1, labels[:, None])[:, 0]
    l_ce = mean(negative_log, reliable)
    if kind == "baseline" or not unreliable.any():
        return l_ce
    if kind in ("nal", "wce"):
        sigma = confidence(cosines, labels, gamma)[unreliable]
        sigma = sigma.detach() if detach_sigma else sigma
        return l_ce + weight * (sigma * negative_log[unreliable]).sum() / sigma.sum()
    entropy = -(log_h.exp() * log_h).sum(dim=1)
    if kind == "entropy":
        return l_ce + weight * mean(entropy, unreliable)
    assert kind == "bootstrapping", kind
    return l_ce + weight * mean(beta * negative_log + (1 - beta) * entropy, unreliable)
