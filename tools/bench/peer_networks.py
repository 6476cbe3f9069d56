"""PyTorch's side of tools/bench/networks.mjs: asked line by line for one forward pass, gradient or step of SAM, it answers with
seconds (of the processor, with one thread). Needs torch, torchvision and timm.

    peer_networks.py THREADS
"""

import json
import sys
import time

import timm
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

threads = int(sys.argv[1])
torch.set_num_threads(threads)
now = time.process_time if threads == 1 else time.perf_counter


def conv(into, out, size=3, stride=1):
    return nn.Conv2d(into, out, size, stride, size // 2, bias=False)


def wider(x, channels):
    return F.pad(x, [0, 0, 0, 0, 0, channels - x.shape[1]])


def conv_norms(*widths, stride=1):
    (a, b, c) = widths
    return nn.Sequential(conv(a, b, 3, stride), nn.BatchNorm2d(b), nn.ReLU(True), conv(b, c), nn.BatchNorm2d(c))


class Basic(nn.Module):
    def __init__(self, into, out, stride):
        super().__init__()
        self.out, self.stride, self.branch = out, stride, conv_norms(into, out, out, stride=stride)

    def forward(self, x):
        return F.relu(wider(x[:, :, :: self.stride, :: self.stride], self.out) + self.branch(x))


class Shake(nn.Module):
    def __init__(self, into, out, stride):
        super().__init__()
        self.stride = stride
        self.a, self.b = [conv_norms(into, out, out, stride=stride) for _ in range(2)]
        if into != out:
            self.near, self.moved, self.norm = conv(into, out // 2, 1, stride), conv(into, out // 2, 1, stride), nn.BatchNorm2d(out)
        self.projected = into != out

    def forward(self, x):
        h = F.relu(x)
        a, b = self.a(h), self.b(h)
        if self.training:
            alpha, beta = torch.rand(2, len(x), 1, 1, 1)
            back = beta * a + (1 - beta) * b
            mixed = back + (alpha * a + (1 - alpha) * b - back).detach()
        else:
            mixed = (a + b) / 2
        if not self.projected:
            return x + mixed
        moved = F.pad(x, [0, 1, 0, 1])[:, :, 1:, 1:].contiguous(memory_format=torch.channels_last)
        return self.norm(torch.cat([self.near(x), self.moved(moved)], 1)) + mixed


class Pyramid(nn.Module):
    def __init__(self, into, out, stride):
        super().__init__()
        self.out, self.stride = out, stride
        self.norm, self.branch = nn.BatchNorm2d(into), conv_norms(into, out, out, stride=stride)

    def forward(self, x):
        shortcut = x if self.stride == 1 else F.avg_pool2d(x, 2)
        return wider(shortcut, self.out) + self.branch(self.norm(x))


class Network(nn.Module):
    def __init__(self, block, widths, stages, relu_first, last):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 16), nn.BatchNorm2d(16), *([nn.ReLU(True)] if relu_first else []))
        n = len(widths) // stages
        blocks, into = [], 16
        for i, out in enumerate(widths):
            blocks.append(block(into, out, 2 if i % n == 0 and i > 0 else 1))
            into = out
        self.blocks = nn.Sequential(*blocks)
        self.last = {"none": nn.Identity(), "relu": nn.ReLU(True), "norm": nn.Sequential(nn.BatchNorm2d(into), nn.ReLU(True))}[last]
        self.fc = nn.Linear(into, 10)

    def forward(self, x):
        return self.fc(self.last(self.blocks(self.stem(x))).mean((2, 3)))


NETWORKS = {
    "cifarResNet-32": lambda: Network(Basic, [16] * 5 + [32] * 5 + [64] * 5, 3, True, "none"),
    "Shake-Shake 26 2x32d": lambda: Network(Shake, [32] * 4 + [64] * 4 + [128] * 4, 3, False, "relu"),
    "PyramidNet-110 a48": lambda: Network(Pyramid, [round(16 + 48 * k / 54) for k in range(1, 55)], 3, False, "norm"),
    "ResNet-18": lambda: torchvision.models.resnet18(num_classes=10),
    "ResNet-50": lambda: torchvision.models.resnet50(num_classes=10),
    "EfficientNet-B0": lambda: timm.create_model("efficientnet_b0", num_classes=10, drop_rate=0.2, drop_path_rate=0.2),
    "ViT-Ti/16": lambda: timm.create_model("vit_tiny_patch16_224", num_classes=10),
}


def sam_step(model, parameters, buffers, x, y):
    def gradient():
        return torch.autograd.grad(F.cross_entropy(model(x), y), parameters)

    g = gradient()
    scale = 0.05 / torch.stack(torch._foreach_norm(g)).norm()
    with torch.no_grad():
        e = torch._foreach_mul(g, scale)
        torch._foreach_add_(parameters, e)
    g = gradient()
    with torch.no_grad():
        torch._foreach_sub_(parameters, e)
        torch._foreach_mul_(buffers, 0.9)
        torch._foreach_add_(buffers, g)
        torch._foreach_add_(buffers, parameters, alpha=5e-4)
        torch._foreach_add_(parameters, buffers, alpha=-0.1)


current = {}
print(json.dumps({"peer": f"torch {torch.__version__}"}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if asked["do"] == "open":
        model = NETWORKS[asked["network"]]().to(memory_format=torch.channels_last)
        x = torch.randn(asked["batch"], 3, asked["side"], asked["side"]).to(memory_format=torch.channels_last)
        parameters = list(model.parameters())
        current = {"model": model, "parameters": parameters, "x": x, "y": torch.arange(asked["batch"]) % 10,
                   "buffers": [torch.zeros_like(p) for p in parameters]}
        print(json.dumps({"parameters": sum(p.numel() for p in parameters)}), flush=True)
        continue
    model = current["model"].train(asked["do"] != "forward")
    begin = now()
    if asked["do"] == "sam":
        sam_step(**current)
    elif asked["do"] == "gradient":
        torch.autograd.grad(F.cross_entropy(model(current["x"]), current["y"]), current["parameters"])
    else:
        with torch.inference_mode():
            model(current["x"])
    print(json.dumps({"seconds": now() - begin}), flush=True)
