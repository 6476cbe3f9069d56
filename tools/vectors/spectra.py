"""Spectra of a small residual network of silu, in float64 by PyTorch: whole matrices, and their eigenvalues by LAPACK.

The network is that of tools/sharpness/silu-network.mjs, written once more: it shares nothing with it but the names of
the tensors and the formula of their numbers. The Gauss-Newton matrix and the Fisher matrix are assembled from Jacobians
of the outputs, with the curvature of the loss written down, diag(p) - p·pᵀ. Where curvlinops is installed, its
operators are compared with these matrices, and differ by less than 1e-10 (pip install torch curvlinops-for-pytorch):

    python tools/vectors/spectra.py > packages/sharpness/test/fixtures/spectra.json
    python tools/vectors/spectra.py 5 10 12 > large.json    # channels, classes, images: tools/sharpness/all.mjs
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch.func import hessian, jacrev

torch.set_default_dtype(torch.float64)
MASK = 0xFFFFFFFF


def noise(name, count):
    """Numbers in [-0.5, 0.5) for a name: FNV-1a of it, then a scrambled counter."""
    h = 2166136261
    for letter in name.encode():
        h = ((h ^ letter) * 16777619) & MASK
    x = (h + np.arange(count, dtype=np.uint64) * 2654435761) & MASK
    for _ in range(2):
        x = ((x ^ (x >> 16)) * 0x45D9F3B) & MASK
    x ^= x >> 16
    return x / 2.0**32 - 0.5


def tensors(c, classes):
    """Names, shapes as [height, width, in, out], offsets and spreads."""
    found = {}

    def conv(name, i, o, side=3):
        found[name] = ((side, side, i, o), 0, np.sqrt(24 / (side * side * i)))

    def norm(name, n):
        found[f'{name}.scale'] = ((n,), 1, 0.5)
        found[f'{name}.offset'] = ((n,), 0, 0.5)

    conv('.stem', 1, c)
    for block, i, o in (('.one', c, c), ('.two', c, 2 * c)):
        norm(f'{block}.before', i)
        conv(f'{block}.first', i, o)
        norm(f'{block}.between', o)
        conv(f'{block}.second', o, o)
    conv('.two.short', c, 2 * c, 1)
    norm('.last', 2 * c)
    found['.dense.kernel'] = ((2 * c, classes), 0, 2)
    found['.dense.bias'] = ((classes,), 0, 1)
    return found


def float32(x):
    return torch.tensor(np.asarray(x, dtype=np.float32), dtype=torch.float64)


c, classes, count = (int(word) for word in sys.argv[1:4]) if len(sys.argv) > 3 else (1, 3, 6)
names = tensors(c, classes)
w = torch.cat([float32(offset + spread * noise(name, int(np.prod(shape)))) for name, (shape, offset, spread) in names.items()])
images = float32(4 * noise('images', count * 36)).reshape(count, 1, 6, 6)
labels = torch.arange(count) % classes


def unpacked(flat):
    parts, begin = {}, 0
    for name, (shape, _, _) in names.items():
        size = int(np.prod(shape))
        part = flat[begin : begin + size].reshape(shape)
        parts[name] = part.permute(3, 2, 0, 1) if len(shape) == 4 else part
        begin += size
    return parts


def normalized(x, p, name):
    mean = x.mean((0, 2, 3), keepdim=True)
    variance = ((x - mean) ** 2).mean((0, 2, 3), keepdim=True)
    return (x - mean) / torch.sqrt(variance + 1e-5) * p[f'{name}.scale'][:, None, None] + p[f'{name}.offset'][:, None, None]


def silu(x):
    return x * torch.sigmoid(x)


def conv2d(x, kernel, stride=1):
    """As TensorFlow pads: what is odd goes below and to the right."""
    side = kernel.shape[-1]
    total = max((-(-x.shape[-1] // stride) - 1) * stride + side - x.shape[-1], 0)
    return F.conv2d(F.pad(x, (total // 2, total - total // 2) * 2), kernel, stride=stride)


def outputs(flat, x=images):
    p = unpacked(flat)

    def branch(t, block, stride):
        t = conv2d(t, p[f'{block}.first'], stride)
        return conv2d(silu(normalized(t, p, f'{block}.between')), p[f'{block}.second'])

    x = conv2d(x, p['.stem'])
    h = x + branch(silu(normalized(x, p, '.one.before')), '.one', 1)
    t = silu(normalized(h, p, '.two.before'))
    y = conv2d(t, p['.two.short'], 2) + branch(t, '.two', 2)
    return silu(normalized(y, p, '.last')).mean((2, 3)) @ p['.dense.kernel'] + p['.dense.bias']


def loss(flat):
    return F.cross_entropy(outputs(flat), labels)


def spectrum(matrix):
    return torch.linalg.eigvalsh((matrix + matrix.T) / 2).flip(0)


def digits(values, n=9):
    return [float(f'{value:.{n}g}') for value in values.tolist()]


H = hessian(loss)(w) if len(w) < 1000 else jacrev(torch.func.grad(loss), chunk_size=64)(w)
eigenvalues = spectrum(H)
result = {'channels': c, 'classes': classes, 'count': count, 'loss': loss(w).item(), 'eigenvalues': digits(eigenvalues)}
if len(w) < 1000:
    J = jacrev(outputs)(w)  # [examples, classes, weights]
    p = torch.softmax(outputs(w), 1)
    G = sum(j.T @ (torch.diag(q) - torch.outer(q, q)) @ j for j, q in zip(J, p)) / count
    residual = p - F.one_hot(labels, classes)
    g = torch.einsum('nk,nkd->nd', residual, J)
    fisher = g.T @ g / count
    scaled = torch.abs(w)[:, None] * H * torch.abs(w)
    dense = slice(len(w) - 2 * c * classes - classes, len(w))
    result |= {
        'trace': H.trace().item(),
        'frobeniusNorm': H.norm().item(),
        'diagonalOfBias': digits(H.diagonal()[-classes:]),
        'block': digits(spectrum(H[dense, dense])[:5]),
        'adaptive': digits(spectrum(scaled)[:5]),
        'gaussNewton': digits(spectrum(G)[:6]),
        'effectiveDimension': (spectrum(G) / (spectrum(G) + 0.1)).sum().item(),
        'fisher': digits(spectrum(fisher)[:5]),
    }
    try:
        from curvlinops import GGNLinearOperator, HessianLinearOperator

        class Network(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.w = torch.nn.Parameter(w.clone())

            def forward(self, x):
                return outputs(self.w, x)

        network = Network()
        given = network, torch.nn.CrossEntropyLoss(), [network.w], [(images, labels)]
        for operator, matrix in ((HessianLinearOperator, H), (GGNLinearOperator, G)):
            theirs = operator(*given, check_deterministic=False) @ torch.eye(len(w))
            assert (theirs - matrix).abs().max() < 1e-10, operator
        print('curvlinops agrees', file=sys.stderr)
    except ImportError:
        print('curvlinops is not installed: not compared', file=sys.stderr)
json.dump(result, sys.stdout)
