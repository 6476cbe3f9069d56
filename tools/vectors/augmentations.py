"""Writes packages/datasets/test/fixtures/augmentations.json: what PIL and torchvision make of small images.

    python tools/vectors/augmentations.py
"""

import base64
import json
import zlib
from pathlib import Path

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torchvision.transforms import AutoAugment, AutoAugmentPolicy, InterpolationMode, RandAugment
from torchvision.transforms import functional as F
from torchvision.transforms.autoaugment import _apply_op

rng = np.random.default_rng(0)


def smooth(height, width, channels):
    """An image with gradients, edges and noise, as photographs have them."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [120 + 70 * np.sin(x / (2 + c) + c) + 40 * np.cos(y / (3 - c / 2)) + 20 * (x > y) for c in range(channels)]
    return np.clip(np.stack(planes, -1) + rng.normal(0, 12, (height, width, channels)), 0, 255).astype(np.uint8)


flat = np.full((5, 6, 3), 77, np.uint8)
two = np.zeros((4, 4, 1), np.uint8)
two[1:3] = 200
images = {
    "colour": smooth(13, 11, 3),
    "square": smooth(16, 16, 3),
    "grey": smooth(9, 12, 1),
    "noise": rng.integers(0, 256, (10, 10, 3), dtype=np.uint8),
    "flat": flat,
    "two": two,
    "thin": smooth(2, 7, 3),
}


def pil(array):
    return Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array)


def encoded(array):
    return base64.b64encode(array.tobytes()).decode()


def crc(image):
    """The CRC-32 of pixels, since all pixels of all cases are 700 KB."""
    return zlib.crc32(np.asarray(image, np.uint8).tobytes())


def camel(name):
    return name[0].lower() + name[1:]


def ops():
    """Every operation with every strength that policies can ask for, both signs."""
    for levels, space in (
        (10, AutoAugment()._augmentation_space(10, (0, 0))),
        (31, RandAugment()._augmentation_space(31, (0, 0))),
    ):
        for name, (_, signed) in space.items():
            yield levels, name, signed


def operation_cases():
    cases = []
    for key, array in images.items():
        height, width = array.shape[:2]
        for levels, name, signed in ops():
            space = (AutoAugment() if levels == 10 else RandAugment())._augmentation_space(levels, (height, width))
            magnitudes = space[name][0]
            every = range(levels) if magnitudes.ndim else [0]
            if levels == 31 and not magnitudes.ndim:
                continue
            if key not in ("colour", "noise"):
                every = list(every)[::7]
            elif levels == 31:
                every = list(every)[::5]
            for level in every:
                for negate in (False, True) if signed else (False,):
                    value = float(magnitudes[level]) if magnitudes.ndim else 0.0
                    value = -value if negate else value
                    fill = None if level % 2 == 0 else [128, 30, 200][: array.shape[-1]]
                    out = _apply_op(pil(array), name, value, InterpolationMode.NEAREST, fill)
                    cases.append([key, camel(name), level, levels, negate, fill or 0, crc(out)])
    return cases


def auto_augment_cases():
    """Each sub-policy with each pair of signs, both steps taken, and some with one step only."""
    cases = []
    for policy in (AutoAugmentPolicy.CIFAR10, AutoAugmentPolicy.SVHN, AutoAugmentPolicy.IMAGENET):
        for i in range(25):
            augment = AutoAugment(policy)
            signs = torch.tensor([i % 2, (i // 2) % 2])
            # Probabilities below those of the policy take a step; 2 takes none.
            steps = augment.policies[i]
            takes = [step[1] > 0 and (j + i) % 5 != 0 for j, step in enumerate(steps)]
            probs = torch.tensor([0.0 if take else 2.0 for take in takes])
            augment.get_params = lambda _, i=i, probs=probs, signs=signs: (i, probs, signs)
            out = augment(pil(images["square"]))
            cases.append([policy.value, i, takes, (signs == 0).tolist(), crc(out)])
    return cases


def rand_augment_cases():
    """RandAugment as torchvision draws it, its draws noted."""
    cases = []
    names = list(RandAugment()._augmentation_space(31, (16, 16)))
    for seed in range(24):
        count, magnitude = 1 + seed % 3, (seed * 7) % 31
        torch.manual_seed(seed)
        out = RandAugment(count, magnitude)(pil(images["square"]))
        torch.manual_seed(seed)
        draws = []
        for _ in range(count):
            name = names[int(torch.randint(len(names), (1,)).item())]
            signed = RandAugment()._augmentation_space(31, (16, 16))[name][1]
            draws.append([camel(name), bool(signed and torch.randint(2, (1,)))])
        cases.append([magnitude, draws, crc(out)])
    return cases


def jitter_cases():
    cases = []
    apply = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue]
    for i in range(24):
        key = ["colour", "noise", "grey", "square"][i % 4]
        order = rng.permutation(4).tolist()
        factors = [round(float(rng.uniform(0, 2)), 4) for _ in range(3)] + [round(float(rng.uniform(-0.5, 0.5)), 4)]
        out = pil(images[key])
        for j in order:
            out = apply[j](out, factors[j])
        cases.append([key, order, factors, crc(out)])
    return cases


target = Path(__file__).parents[2] / "packages/datasets/test/fixtures/augmentations.json"
target.write_text(
    json.dumps(
        {
            "source": f"torchvision {torchvision.__version__}, Pillow {PIL.__version__}",
            "images": {key: {"shape": array.shape, "pixels": encoded(array)} for key, array in images.items()},
            "operations": operation_cases(),
            "autoAugment": auto_augment_cases(),
            "randAugment": rand_augment_cases(),
            "colorJitter": jitter_cases(),
        },
        separators=(",", ":"),
    )
    + "\n"
)
print(target.stat().st_size)
