"""`crf/`: two images with noisy class probabilities, and pydensecrf's marginals for every parameter set."""

import numpy as np

from reference import densecrf

from .files import write_json
from .scenes import Object, draw, smooth_noise

CASES = {
    "three_channels": (48, 36, [Object("person", (6, 3, 24, 34)), Object("car", (20, 14, 46, 32))]),
    # an odd number of pixels; four objects
    "five_channels": (
        51,
        35,
        [
            Object("bottle", (2, 4, 11, 33)),
            Object("cat", (9, 12, 31, 34)),
            Object("person", (26, 2, 38, 30)),
            Object("car", (34, 16, 51, 33)),
        ],
    ),
}
TOLERANCE = 1e-4


def noisy_probabilities(width, height, distances, rng):
    """(1 + objects, H, W) float32: a softmax of blurred outlines under smooth noise, so that the CRF has work to do."""
    scores = [np.zeros((height, width))] + [2.5 * np.tanh(3 * (1 - distance)) for distance in distances]
    noise = [1.8 * smooth_noise(width, height, 5, rng) for _ in scores]
    return densecrf.softmax(np.stack(scores, axis=-1) + np.stack(noise, axis=-1)).transpose(2, 0, 1).astype(np.float32)


def checked_marginals(image, probabilities, parameters):
    """pydensecrf's marginals (C, H, W), once the written-out mean field has given the same."""
    golden = densecrf.pydensecrf_marginals(image, probabilities, parameters)
    ours = densecrf.marginals(image, probabilities, parameters)
    difference = float(np.abs(golden - ours).max())
    assert difference < TOLERANCE, f"pydensecrf and the reference differ by {difference}"
    return golden


def vertex_counts(image, parameters):
    """Number of lattice vertices touched by a pixel, for each kernel."""
    (_, spatial), (_, bilateral) = densecrf.lattices(image, parameters)
    return {"spatial": len(spatial.keys), "bilateral": len(bilateral.keys)}


def write(folder):
    """Each case's folder: image.npy, probabilities.npy, NAME_marginals.npy, NAME_argmax.npy and case.json."""
    for seed, (name, (width, height, objects)) in enumerate(CASES.items()):
        rng = np.random.default_rng(seed)
        image, distances = draw(width, height, objects, rng)
        probabilities = noisy_probabilities(width, height, distances, rng)
        case = folder / name
        case.mkdir(parents=True, exist_ok=True)
        np.save(case / "image.npy", image)
        np.save(case / "probabilities.npy", np.ascontiguousarray(probabilities.transpose(1, 2, 0)))
        sets = {}
        for key, parameters in densecrf.PARAMETERS.items():
            marginals = checked_marginals(image, probabilities, parameters)
            changed = float((marginals.argmax(0) != probabilities.argmax(0)).mean())
            np.save(case / f"{key}_marginals.npy", np.ascontiguousarray(marginals.transpose(1, 2, 0)))
            np.save(case / f"{key}_argmax.npy", marginals.argmax(0).astype(np.uint8))
            sets[key] = {"parameters": parameters, "vertices": vertex_counts(image, parameters), "changed": changed}
        description = {"width": width, "height": height, "iterations": densecrf.ITERATIONS, "parameter_sets": sets}
        write_json(case / "case.json", description)
