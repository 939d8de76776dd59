"""Dense CRF (Kraehenbuehl & Koltun 2011): pydensecrf, and the same mean field written out in NumPy.

`pydensecrf_marginals` makes the golden files. `marginals` states the rules (feature order, rounding, blur order,
which lattice vertices exist) in code that can be read, and is checked against it.

Parameters everywhere: (bi_weight, bi_xy_std, bi_rgb_std, gauss_weight, gauss_xy_std).
"""

import numpy as np

ITERATIONS = 10
PARAMETERS = {
    "labels": (4, 55, 3, 3, 3),
    "deeplab_v1": (4, 121, 5, 3, 3),
    "deeplab_v2": (4, 67, 3, 3, 1),
}


def energy(probabilities):
    """-log(clip(prob, 1e-5, 1)) as float32; any shape."""
    return -np.log(np.clip(probabilities, 1e-5, 1)).astype(np.float32)


def pydensecrf_marginals(image, probabilities, parameters, iterations=ITERATIONS):
    """Marginals (C, H, W) of an RGB image (H, W, 3), uint8, and class probabilities (C, H, W)."""
    import pydensecrf.densecrf as pydensecrf

    classes, height, width = probabilities.shape
    bi_weight, bi_xy, bi_rgb, gauss_weight, gauss_xy = parameters
    crf = pydensecrf.DenseCRF2D(width, height, classes)
    crf.setUnaryEnergy(np.ascontiguousarray(energy(probabilities).reshape(classes, -1)))
    crf.addPairwiseGaussian(sxy=gauss_xy, compat=gauss_weight)
    crf.addPairwiseBilateral(sxy=bi_xy, srgb=bi_rgb, rgbim=np.ascontiguousarray(image), compat=bi_weight)
    return np.array(crf.inference(iterations), dtype=np.float32).reshape(classes, height, width)


# The same, written out


def spatial_features(height, width, xy_std):
    """(H*W, 2): x, y over their standard deviation."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return np.stack([x, y], axis=-1).reshape(-1, 2) / np.float32(xy_std)


def bilateral_features(image, xy_std, rgb_std):
    """(H*W, 5): x, y, r, g, b, each over its standard deviation."""
    height, width, _ = image.shape
    colour = image.reshape(-1, 3).astype(np.float32) / np.float32(rgb_std)
    return np.concatenate([spatial_features(height, width, xy_std), colour], axis=1)


class Lattice:
    """The permutohedral lattice touched by N points in d dimensions.

    `vertex` (N, d+1) holds each point's d+1 vertices, `weight` (N, d+1) its barycentric weights,
    `neighbours` (d+1, M, 2) each vertex's neighbours along each axis; M stands for a missing one.
    """

    def __init__(self, features):
        """`features` (N, d) float32."""
        elevated = self._elevate(features)
        base, rank = self._nearest_remainder_zero(elevated)
        self.weight = self._barycentric(elevated, base, rank)
        keys = self._keys(base, rank)
        d = features.shape[1]
        self.keys, vertex = np.unique(keys.reshape(-1, d), axis=0, return_inverse=True)
        self.vertex = vertex.reshape(-1, d + 1)
        self.neighbours = self._find_neighbours()

    @staticmethod
    def _elevate(features):
        """(N, d) -> (N, d+1), on the hyperplane where the coordinates sum to 0."""
        n, d = features.shape
        i = np.arange(d)
        scale = (np.float32(np.sqrt(2 / 3) * (d + 1)) / np.sqrt((i + 1) * (i + 2))).astype(np.float32)
        c = features * scale
        elevated = np.empty((n, d + 1), np.float32)
        tail = np.zeros(n, np.float32)
        for j in range(d, 0, -1):
            elevated[:, j] = tail - np.float32(j) * c[:, j - 1]
            tail = tail + c[:, j - 1]
        elevated[:, 0] = tail
        return elevated

    @staticmethod
    def _nearest_remainder_zero(elevated):
        """The nearest remainder-0 point (N, d+1), and the rank of each coordinate's difference from it."""
        n, axes = elevated.shape
        rounded = np.rint(elevated * np.float32(1 / axes))
        base = rounded * np.float32(axes)
        difference = elevated - base
        rank = np.zeros((n, axes), np.int64)
        for i in range(axes):
            for j in range(i + 1, axes):
                smaller = difference[:, i] < difference[:, j]
                rank[:, i] += smaller
                rank[:, j] += ~smaller
        rank += rounded.sum(axis=1, keepdims=True).astype(np.int64)
        shift = np.where(rank < 0, axes, 0) - np.where(rank >= axes, axes, 0)
        return base + shift.astype(np.float32), rank + shift

    @staticmethod
    def _barycentric(elevated, base, rank):
        """(N, d+1): the weight of the vertex of each remainder."""
        n, axes = elevated.shape
        value = (elevated - base) * np.float32(1 / axes)
        weight = np.zeros((n, axes + 1), np.float32)
        points = np.arange(n)
        for i in range(axes):
            weight[points, axes - 1 - rank[:, i]] += value[:, i]
            weight[points, axes - rank[:, i]] -= value[:, i]
        weight[:, 0] += 1 + weight[:, axes]
        return weight[:, :axes]

    @staticmethod
    def _keys(base, rank):
        """(N, d+1, d): the first d coordinates of the vertex of remainder r: base + r, less d+1 for high ranks."""
        axes = base.shape[1]
        remainder = np.arange(axes)[None, :, None]
        wrap = np.where(rank[:, None, :-1] + remainder >= axes, axes, 0)
        return base[:, None, :-1].astype(np.int64) + remainder - wrap

    def _find_neighbours(self):
        """(d+1, M, 2): key +- (1, ..., 1) -+ (d+1) in coordinate j; M where no such vertex exists."""
        count, d = self.keys.shape
        index = {tuple(key): i for i, key in enumerate(self.keys.tolist())}
        neighbours = np.empty((d + 1, count, 2), np.int64)
        for j in range(d + 1):
            step = np.ones(d, np.int64)
            if j < d:
                step[j] -= d + 1
            for side, sign in enumerate((1, -1)):
                shifted = (self.keys + sign * step).tolist()
                neighbours[j, :, side] = [index.get(tuple(key), count) for key in shifted]
        return neighbours

    def filter(self, values):
        """Splat, blur along axes 0 ... d, slice: (N, C) -> (N, C)."""
        count, d = self.keys.shape
        cells = np.zeros((count + 1, values.shape[1]), values.dtype)
        for r in range(d + 1):
            np.add.at(cells, self.vertex[:, r], self.weight[:, r, None] * values)
        for j in range(d + 1):
            left, right = self.neighbours[j].T
            cells[:-1] = cells[:-1] + (cells[left] + cells[right]) / 2
        alpha = values.dtype.type(1 / (1 + 2.0**-d))
        return (self.weight[:, :, None] * alpha * cells[self.vertex]).sum(axis=1)


def softmax(scores):
    """Over the last axis."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def lattices(image, parameters):
    """The spatial and the bilateral lattice, each with its kernel's weight."""
    bi_weight, bi_xy, bi_rgb, gauss_weight, gauss_xy = parameters
    height, width, _ = image.shape
    return [
        (gauss_weight, Lattice(spatial_features(height, width, gauss_xy))),
        (bi_weight, Lattice(bilateral_features(image, bi_xy, bi_rgb))),
    ]


def marginals(image, probabilities, parameters, iterations=ITERATIONS, dtype=np.float32):
    """Like `pydensecrf_marginals`."""
    classes, height, width = probabilities.shape
    unary = energy(probabilities).reshape(classes, -1).T.astype(dtype)
    kernels = []
    for weight, lattice in lattices(image, parameters):
        norm = 1 / np.sqrt(lattice.filter(np.ones((height * width, 1), dtype)) + dtype(1e-20))
        kernels.append((dtype(weight), lattice, norm))
    q = softmax(-unary)
    for _ in range(iterations):
        messages = (weight * norm * lattice.filter(norm * q) for weight, lattice, norm in kernels)
        q = softmax(sum(messages, -unary))
    return q.T.reshape(classes, height, width)
