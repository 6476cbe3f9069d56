"""The networks of PyTorch that ours are compared with; compare.mjs runs this, fixture.mjs makes the fixture of the tests.

    networks.py write DIR NAME...   random weights and running statistics, images, and the logits for them
    networks.py read DIR NAME...    loads DIR/NAME.exported.safetensors strictly, and writes the logits for the images
    networks.py formula DIR NAME... logits of weights that a formula gives, which packages/models/test/weights has, too
"""

import sys
from functools import partial

import numpy as np
import timm
import torch
import torchvision
from safetensors.torch import load_file, save_file
from timm.models.efficientnet import _gen_efficientnet
from timm.models.mlp_mixer import MlpMixer
from timm.models.vision_transformer import VisionTransformer
from torchvision.models.efficientnet import EfficientNet, MBConvConfig

CLASSES = 1000
FEW = 5


def tiny_torchvision_efficientnet():
    """B0 scaled by 0.1 in width and depth, as torchvision would."""
    stages = [(1, 3, 1, 32, 16, 1), (6, 3, 2, 16, 24, 2), (6, 5, 2, 24, 40, 2), (6, 3, 2, 40, 80, 3),
              (6, 5, 1, 80, 112, 3), (6, 5, 2, 112, 192, 4), (6, 3, 1, 192, 320, 1)]
    scale = partial(MBConvConfig, width_mult=0.1, depth_mult=0.1)
    return EfficientNet([scale(*stage) for stage in stages], dropout=0.2, num_classes=FEW, last_channel=128)


def tiny_timm_efficientnet(**kwargs):
    return _gen_efficientnet("efficientnet_b0", channel_multiplier=0.1, depth_multiplier=0.1, num_classes=FEW, **kwargs)


# Name: the network, and the shape of a batch of images [batch, channels, height, width].
NETWORKS = {
    "efficientnet-b0-torchvision": (torchvision.models.efficientnet_b0, (2, 3, 224, 224)),
    "efficientnet-b5-torchvision": (torchvision.models.efficientnet_b5, (1, 3, 224, 224)),
    "efficientnet-b0-timm": (partial(timm.create_model, "efficientnet_b0"), (2, 3, 224, 224)),
    "efficientnet-b0-tensorflow": (partial(timm.create_model, "tf_efficientnet_b0"), (2, 3, 224, 224)),
    "efficientnet-b7-tensorflow": (partial(timm.create_model, "tf_efficientnet_b7"), (1, 3, 224, 224)),
    "vit-tiny-timm": (partial(timm.create_model, "vit_tiny_patch16_224"), (2, 3, 224, 224)),
    "vit-small-timm": (partial(timm.create_model, "vit_small_patch16_224"), (1, 3, 224, 224)),
    "vit-base-torchvision": (torchvision.models.vit_b_16, (1, 3, 224, 224)),
    "mixer-base-timm": (partial(timm.create_model, "mixer_b16_224"), (1, 3, 224, 224)),
    **{
        f"resnet-{depth}-torchvision": (getattr(torchvision.models, f"resnet{depth}"), (2, 3, 96, 128))
        for depth in (18, 34, 50, 101, 152)
    },
    "resnet-50-timm": (partial(timm.create_model, "resnet50"), (2, 3, 96, 128)),
    "tiny-efficientnet-torchvision": (tiny_torchvision_efficientnet, (2, 3, 48, 64)),
    "tiny-efficientnet-timm": (tiny_timm_efficientnet, (2, 3, 48, 64)),
    "tiny-efficientnet-tensorflow": (
        partial(tiny_timm_efficientnet, pad_type="same", norm_layer=partial(torch.nn.BatchNorm2d, eps=1e-3)),
        (2, 3, 48, 64),
    ),
    "tiny-vit-timm": (
        partial(VisionTransformer, img_size=(8, 12), patch_size=4, embed_dim=24, depth=2, num_heads=3, num_classes=FEW),
        (2, 3, 8, 12),
    ),
    "tiny-vit-torchvision": (
        partial(torchvision.models.VisionTransformer, image_size=8, patch_size=4, num_layers=2, num_heads=3,
                hidden_dim=24, mlp_dim=96, num_classes=FEW),
        (2, 3, 8, 8),
    ),
    "tiny-mixer-timm": (
        partial(MlpMixer, img_size=8, patch_size=4, embed_dim=16, num_blocks=2, mlp_ratio=(0.5, 2), num_classes=FEW),
        (2, 3, 8, 8),
    ),
}


def weights_of(network):
    """The names that a file holds: all but the counts of batches."""
    return {name: x for name, x in network.state_dict().items() if not name.endswith("num_batches_tracked")}


def randomize(network, seed):
    """Moves what starts at 0 or 1 away from there, so that each of them counts."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, x in weights_of(network).items():
            if name.endswith("running_var") or (x.ndim == 1 and name.endswith("weight")):
                x.uniform_(0.5, 1.5)
            elif x.ndim == 1 or name.endswith("token") or "pos_embed" in name:
                x.normal_(0, 0.1)
            elif name.split(".")[0] in ("head", "heads", "classifier", "fc"):
                x.normal_(0, x.shape[1] ** -0.5)


def noise(count, seed):
    """Numbers in [-1, 1) that look random, by a formula in float64."""
    wave = np.sin(np.arange(count, dtype=np.float64) * 12.9898 + seed) * 43758.5453
    return 2 * (wave - np.floor(wave)) - 1


def by_formula(network):
    """Weights by name and shape: what a test computes itself, so that no file of weights is kept."""
    with torch.no_grad():
        for name, x in weights_of(network).items():
            u = noise(x.numel(), sum(map(ord, name)) % 1000)
            if name.endswith("running_var") or (x.ndim == 1 and name.endswith("weight")):
                values = 1 + 0.5 * u
            elif x.ndim == 1:
                values = 0.2 * u
            else:
                values = u * np.sqrt(3 / np.prod(x.shape[1:]))
            x.copy_(torch.from_numpy(values.astype(np.float32)).reshape(x.shape))


def logits(network, images):
    network.eval()
    with torch.no_grad():
        return network(images)


def main(mode, folder, names):
    torch.set_num_threads(2)
    for name in names:
        make, shape = NETWORKS[name]
        network = make()
        if mode == "read":
            network.load_state_dict(load_file(f"{folder}/{name}.exported.safetensors"), strict=True)
            images = load_file(f"{folder}/{name}.case.safetensors")["images"].permute(0, 3, 1, 2)
            save_file({"logits": logits(network, images)}, f"{folder}/{name}.again.safetensors")
            continue
        if mode == "formula":
            by_formula(network)
            images = torch.from_numpy(noise(int(np.prod(shape)), 0.5).astype(np.float32)).reshape(shape)
        else:
            randomize(network, seed=len(name))
            images = torch.randn(shape)
            save_file({key: x.contiguous() for key, x in network.state_dict().items()}, f"{folder}/{name}.safetensors")
        case = {"images": images.permute(0, 2, 3, 1).contiguous(), "logits": logits(network, images)}
        save_file(case, f"{folder}/{name}.case.safetensors")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
