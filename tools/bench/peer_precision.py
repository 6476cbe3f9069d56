"""PyTorch's side of precision.mjs, capture.mjs and peer.mjs: a WideResNet under bf16 autocast or in float32, in channels_last, eager or compiled, asked line by line
for so many gradients, steps of SAM or evaluations in a row; it answers with the seconds of each. Needs torch.

    peer_precision.py THREADS
"""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(int(sys.argv[1]))
CLASSES = 10


def conv(into, out, size=3, stride=1):
    return nn.Conv2d(into, out, size, stride, size // 2, bias=False)


def norm_relu(channels):
    return nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(inplace=True))


class Block(nn.Module):
    def __init__(self, into, out, stride):
        super().__init__()
        self.first = norm_relu(into)
        self.branch = nn.Sequential(conv(into, out, 3, stride), norm_relu(out), conv(out, out))
        self.shortcut = conv(into, out, 1, stride) if into != out or stride > 1 else None

    def forward(self, x):
        h = self.first(x)
        return self.branch(h) + (x if self.shortcut is None else self.shortcut(h))


def wide_resnet(depth, width, channels):
    widths = [16 * width, 32 * width, 64 * width]
    layers, into = [conv(channels, 16)], 16
    for group, out in enumerate(widths):
        for i in range((depth - 4) // 6):
            layers.append(Block(into, out, 2 if group > 0 and i == 0 else 1))
            into = out
    return nn.Sequential(*layers, norm_relu(into), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(into, CLASSES))


def loss_of(s):
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=s["autocast"]):
        logits = s["run"](s["x"])
    return F.cross_entropy(logits.float(), s["y"])


def gradient(s):
    return torch.autograd.grad(loss_of(s), s["parameters"])


def evaluate(s):
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=s["autocast"]):
        return s["run"](s["x"])


def sam(s):
    parameters, buffers = s["parameters"], s["buffers"]
    g = gradient(s)
    scale = 0.05 / torch.stack(torch._foreach_norm(g)).norm()
    with torch.no_grad():
        e = torch._foreach_mul(g, scale)
        torch._foreach_add_(parameters, e)
    g = gradient(s)
    with torch.no_grad():
        torch._foreach_sub_(parameters, e)
        torch._foreach_mul_(buffers, 0.9)
        torch._foreach_add_(buffers, g)
        torch._foreach_add_(buffers, parameters, alpha=5e-4)
        torch._foreach_add_(parameters, buffers, alpha=-1e-3)


WORKS = {"gradient": gradient, "SAM step": sam, "evaluation": evaluate}


def opened(asked):
    model = wide_resnet(asked["depth"], asked["width"], asked["channels"]).to(memory_format=torch.channels_last)
    trained = model.train(asked["work"] != "evaluation")
    parameters = list(model.parameters())
    shape = (asked["batch"], asked["channels"], asked["side"], asked["side"])
    return {
        "autocast": asked["autocast"],
        "run": torch.compile(trained) if asked.get("compile") else trained,
        "parameters": parameters,
        "buffers": [torch.zeros_like(p) for p in parameters],
        "x": torch.randn(shape).to(memory_format=torch.channels_last),
        "y": torch.arange(asked["batch"]) % CLASSES,
    }


current, run = {}, None
print(json.dumps({"peer": f"PyTorch {torch.__version__}"}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if "work" in asked:
        current, run = opened(asked), WORKS[asked["work"]]
        print(json.dumps({"parameters": sum(p.numel() for p in current["parameters"])}), flush=True)
        continue
    seconds = []
    for _ in range(asked["times"]):
        begin = time.perf_counter()
        run(current)
        seconds.append(time.perf_counter() - begin)
    print(json.dumps({"seconds": seconds, "kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}), flush=True)
