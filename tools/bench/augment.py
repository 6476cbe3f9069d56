"""The peer of augment.mjs: images per CPU second of torchvision's augmentations on PIL images, one line of JSON a turn.

Reads lines "NAME SIDE SECONDS" and answers each with {"rate": images per CPU second}.
"""

import json
import sys
import time

import numpy as np
import torch
from PIL import Image
from torchvision import transforms as T

torch.set_num_threads(1)
makers = {
    "autoAugment cifar10": lambda: T.AutoAugment(T.AutoAugmentPolicy.CIFAR10),
    "autoAugment imagenet": lambda: T.AutoAugment(T.AutoAugmentPolicy.IMAGENET),
    "randAugment 2 9": lambda: T.RandAugment(2, 9),
    "colorJitter .4": lambda: T.ColorJitter(0.4, 0.4, 0.4, 0.1),
}


def images(side):
    """64 images with gradients and noise, as augment.mjs makes them."""
    y, x = np.mgrid[0:side, 0:side]
    made = []
    for i in range(64):
        planes = [(x * (2 + c) + y * (3 - c) + 41 * i + (x * y * 7919) % 31) % 256 for c in range(3)]
        made.append(Image.fromarray(np.stack(planes, -1).astype(np.uint8)))
    return made


for line in sys.stdin:
    *name, side, seconds = line.split()
    augment, given = makers[" ".join(name)](), images(int(side))
    for image in given:
        augment(image)
    begin, count = time.process_time(), 0
    while time.process_time() - begin < float(seconds):
        for image in given:
            augment(image)
        count += len(given)
    print(json.dumps({"rate": count / (time.process_time() - begin)}), flush=True)
