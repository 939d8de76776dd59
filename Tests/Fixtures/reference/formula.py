"""Numbers by formula, so that no weights need storing: value k of a tensor is offset + scale * (2 u_k - 1)."""

import numpy as np

FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
MASK = (1 << 64) - 1


def fnv1a64(name):
    """The 64-bit FNV-1a hash of the name's UTF-8 bytes."""
    value = FNV_OFFSET
    for byte in name.encode():
        value = ((value ^ byte) * FNV_PRIME) & MASK
    return value


def splitmix64(x):
    """One step of SplitMix64 on an array of uint64; arithmetic wraps."""
    z = x + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(name, count):
    """u_k = (splitmix64(fnv1a64(name) + k) >> 11) * 2^-53, k = 0 ..< count; float64 in [0, 1)."""
    index = np.arange(count, dtype=np.uint64) + np.uint64(fnv1a64(name))
    return (splitmix64(index) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def values(name, shape, scale, offset=0.0):
    """A float32 tensor whose elements follow the formula in C order (PyTorch's O, I, h, w)."""
    numbers = offset + scale * (2 * uniform(name, int(np.prod(shape))) - 1)
    return numbers.reshape(shape).astype(np.float32)


def projections(name, change):
    """Inner products of a tensor's change with three formula vectors of scale 1 (float64)."""
    flat = np.asarray(change, np.float64).ravel()
    return [float(flat @ (2 * uniform(f"{name}/projection{i}", flat.size) - 1)) for i in range(3)]
