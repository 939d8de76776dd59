"""Stage 1: background-aware pooling and its loss, image by image."""

import math

import numpy as np
import torch
from torch.nn import functional

EPSILON = 1e-12
MINIMUM_BACKGROUND = 0.125


def background_mask(boxes, height, width):
    """M (H, W) uint8: 0 on rows ymin ..< ymax, columns xmin ..< xmax of every box, truncated; 1 elsewhere."""
    mask = np.ones((height, width), np.uint8)
    for box in boxes:
        mask[max(int(box.ymin), 0) : max(int(box.ymax), 0), max(int(box.xmin), 0) : max(int(box.xmax), 0)] = 0
    return mask


def resize_nearest(mask, height, width):
    """m[i, j] = M[floor(i * H / h), floor(j * W / w)]."""
    rows = [i * mask.shape[0] // height for i in range(height)]
    columns = [j * mask.shape[1] // width for j in range(width)]
    return mask[rows][:, columns]


def pad_to_multiple(x, grid):
    """(..., h, w) zero-padded to multiples of `grid`: an even pad in halves, an odd one all at the bottom / right."""

    def sides(size):
        pad = -size % grid
        return (pad // 2, pad // 2) if pad % 2 == 0 else (0, pad)

    return functional.pad(x, (*sides(x.shape[-1]), *sides(x.shape[-2])))


def background_queries(features, mask, grid):
    """The queries (J, D) of the valid cells, row by row. `features` (D, h, w), `mask` (h, w) of 0 and 1."""
    features, mask = pad_to_multiple(features, grid), pad_to_multiple(mask, grid)
    d, h, w = features.shape
    rows, columns = h // grid, w // grid
    weighted = (features * mask).reshape(d, grid, rows, grid, columns).sum(dim=(2, 4))
    count = mask.reshape(grid, rows, grid, columns).sum(dim=(1, 3))
    queries = (weighted / (count + EPSILON)).reshape(d, -1).T
    return queries[count.reshape(-1) > 0]


def attention(vectors, queries):
    """A: mean over the queries (J, D) of ReLU(cos(vector, query)), for vectors (D, ...) -> (...)."""
    unit = functional.normalize(vectors, dim=0, eps=EPSILON)
    unit_queries = functional.normalize(queries, dim=1, eps=EPSILON)
    return functional.relu(torch.einsum("jd,d...->j...", unit_queries, unit)).mean(dim=0)


def sample_points(low, high, image_size, feature_size):
    """The box's sample points along one axis as normalised coordinates; float32, each operation rounded."""
    one, two = np.float32(1), np.float32(2)
    to_unit = (np.float32(image_size) - one) / two
    to_cells = (np.float32(feature_size) - one) / two
    start, end = np.float32(low) / to_unit - one, np.float32(high) / to_unit - one
    first, last = start * to_cells + to_cells, end * to_cells + to_cells
    count = math.ceil(last) - math.floor(first)
    return torch.linspace(float(start), float(end), count, dtype=torch.float32)


def crop(features, box, image_size):
    """The box's features (D, y, x) sampled bilinearly from (D, h, w), zeros outside. `image_size` is (H, W)."""
    _, h, w = features.shape
    y = sample_points(box.ymin, box.ymax, image_size[0], h).to(features.dtype)
    x = sample_points(box.xmin, box.xmax, image_size[1], w).to(features.dtype)
    grid = torch.stack([x[None, :].expand(len(y), -1), y[:, None].expand(-1, len(x))], dim=-1)
    return functional.grid_sample(
        features[None], grid[None], mode="bilinear", padding_mode="zeros", align_corners=False
    )[0]


def pool(features, weight, bins):
    """Weighted means (R*R, D) over R x R windows of (D, y, x); `weight` (y, x)."""
    short = (max(bins - weight.shape[1], 0), 0, 0, max(bins - weight.shape[0], 0))  # left, right, top, bottom
    features = functional.pad(features[None], short, mode="replicate")[0]
    weight = functional.pad(weight[None, None], short, mode="replicate")[0, 0]
    stride = [size // bins for size in weight.shape]
    kernel = [size - (bins - 1) * step for size, step in zip(weight.shape, stride)]
    pooled = []
    for i in range(bins):
        for j in range(bins):
            rows = slice(i * stride[0], i * stride[0] + kernel[0])
            columns = slice(j * stride[1], j * stride[1] + kernel[1])
            window = weight[rows, columns]
            pooled.append((window * features[:, rows, columns]).sum(dim=(1, 2)) / (window.sum() + EPSILON))
    return torch.stack(pooled)


def pooled_vectors(features, boxes, mask, grid=4, bins=2, pooling="bap"):
    """One image's vectors and their targets: foreground (R*R for each box), then the valid background queries.

    `features` (D, h, w); `mask` (H, W) uint8, 1 on the background. Returns (V, D) and (V) int64.
    """
    small = torch.from_numpy(resize_nearest(mask, *features.shape[1:])).to(features.dtype)
    queries = background_queries(features, small, grid)
    aware = pooling == "bap" and mask.mean() > MINIMUM_BACKGROUND and len(queries) > 0
    vectors, targets = [], []
    for box in boxes:
        region = crop(features, box, mask.shape)
        weight = 1 - attention(region, queries) if aware else torch.ones_like(region[0])
        vectors.append(pool(region, weight, bins))
        targets += [box.label] * bins * bins
    return torch.cat([*vectors, queries]), torch.tensor(targets + [0] * len(queries))


def loss(model, images, boxes, masks, grid=4, bins=2, pooling="bap"):
    """Mean softmax cross-entropy over every vector of the batch. `images` (N, 3, H, W); lists of boxes and masks."""
    features = model.features(images)
    parts = [pooled_vectors(*sample, grid, bins, pooling) for sample in zip(features, boxes, masks)]
    scores = model.scores(torch.cat([vectors for vectors, _ in parts]))
    return functional.cross_entropy(scores, torch.cat([targets for _, targets in parts]))
