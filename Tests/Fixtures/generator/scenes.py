"""Procedural scenes: textured superellipses, one kind for each class, on a textured background."""

from dataclasses import dataclass

import numpy as np

# class: (colour, exponent of the superellipse, stripe period in pixels)
LOOKS = {
    "person": ((196, 120, 92), 2.0, 7),
    "car": ((52, 84, 190), 5.0, 11),
    "cat": ((226, 196, 70), 1.4, 5),
    "bottle": ((60, 150, 84), 8.0, 4),
}


@dataclass
class Object:
    """One object. `box` is xmin, ymin, xmax, ymax as the annotation gives it."""

    name: str
    box: tuple
    difficult: bool = False


def superellipse(width, height, box, exponent):
    """(H, W) distance from the box's centre; 1 on the outline that touches all four edges."""
    xmin, ymin, xmax, ymax = box
    y, x = np.mgrid[0:height, 0:width] + 0.5
    across = np.abs(2 * x - xmin - xmax) / (xmax - xmin)
    down = np.abs(2 * y - ymin - ymax) / (ymax - ymin)
    return (across**exponent + down**exponent) ** (1 / exponent)


def smooth_noise(width, height, cell, rng):
    """(H, W) in -1 ... 1: random values on a coarse grid, interpolated linearly."""
    coarse = rng.uniform(-1, 1, (height // cell + 2, width // cell + 2))
    y, x = np.mgrid[0:height, 0:width] / cell
    i, j = y.astype(int), x.astype(int)
    v, u = y - i, x - j
    top = coarse[i, j] * (1 - u) + coarse[i, j + 1] * u
    bottom = coarse[i + 1, j] * (1 - u) + coarse[i + 1, j + 1] * u
    return top * (1 - v) + bottom * v


def background(width, height, rng):
    """(H, W, 3): a slope of two colours under smooth noise."""
    first, second = rng.uniform(90, 190, (2, 3))
    slope = np.linspace(0, 1, width)[None, :, None]
    texture = 28 * smooth_noise(width, height, 12, rng) + 14 * smooth_noise(width, height, 4, rng)
    return first * (1 - slope) + second * slope + texture[:, :, None]


def draw(width, height, objects, rng):
    """Image (H, W, 3) uint8 and, for each object, its distance map (H, W); later objects lie on top."""
    image = background(width, height, rng)
    y, x = np.mgrid[0:height, 0:width]
    distances = []
    for item in objects:
        colour, exponent, period = LOOKS[item.name]
        distance = superellipse(width, height, item.box, exponent)
        stripes = 22 * np.sin(2 * np.pi * (x + 2 * y) / period) + 12 * smooth_noise(width, height, 6, rng)
        inside = distance <= 1
        image[inside] = (np.array(colour) + rng.uniform(-15, 15, 3) + stripes[:, :, None])[inside]
        distances.append(distance)
    image += rng.normal(0, 3, image.shape)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8), distances
