"""What PyTorch gives for small residual networks whose numbers follow from a formula, so that a test can make them, too.

ResNet is torchvision's own class; the ResNet for CIFAR, Shake-Shake and PyramidNet are written here once more, from the
papers, sharing nothing with the package but the paths of the tensors and the random numbers (Threefry). In float64.
Writes packages/models/test/fixtures/networks.json (pip install torch torchvision):

    python tools/vectors/networks.py
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

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


def values(name, shape, fan):
    """The numbers of a tensor as float32: small around what a fresh network has."""
    u = noise(name, int(np.prod(shape)))
    last = name.split('.')[-1]
    if len(shape) == 1:
        offset = 1 if last in ('scale', 'weight', 'variance', 'running_var') else 0
        u = offset + 0.5 * u
    elif len(shape) == 4:
        u = u * np.sqrt(24 / fan)
    return torch.tensor(u.astype(np.float32).reshape(shape), dtype=torch.float64)


def images(count, side, channels):
    """[count, channels, height, width] of numbers that lie as [count, height, width, channels]."""
    height, width = side
    return values('images', [count * height * width * channels], 1).reshape(count, height, width, channels).permute(0, 3, 1, 2)


def threefry(key, counter):
    rotations = [[13, 15, 26, 6], [17, 29, 16, 24]]
    ks = [key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDA]
    x = [(counter[0] + ks[0]) & MASK, (counter[1] + ks[1]) & MASK]
    for i in range(5):
        for r in rotations[i % 2]:
            x[0] = (x[0] + x[1]) & MASK
            x[1] = (((x[1] << r) | (x[1] >> (32 - r))) & MASK) ^ x[0]
        x = [(x[0] + ks[(i + 1) % 3]) & MASK, (x[1] + ks[(i + 2) % 3] + i + 1) & MASK]
    return x


def split(key, count):
    return [threefry(key, [i, 1]) for i in range(count)]


def uniform(key, count, low=0.0, high=1.0):
    u = [(threefry(key, [i // 2, 0])[i % 2] >> 8) * 2.0**-24 for i in range(count)]
    return torch.tensor([low + (high - low) * x for x in u], dtype=torch.float64).reshape(-1, 1, 1, 1)


class Weights(dict):
    """Tensors by path, made when they are first asked for; kernels lie as the package has them."""

    def __init__(self, training):
        self.training = training

    def get(self, path, shape, fan=1):
        if path not in self:
            self[path] = values(path, shape, fan).requires_grad_()
        return self[path]

    def conv(self, path, x, size, out, stride=1):
        kernel = self.get(f'{path}.kernel', [size, size, x.shape[1], out], size * size * out)
        return F.conv2d(x, kernel.permute(3, 2, 0, 1), stride=stride, padding=size // 2)

    def norm(self, path, x):
        (scale, bias), state = [[self.get(f'{path}.{n}', [x.shape[1]]) for n in names] for names in (('scale', 'bias'), ('mean', 'variance'))]
        if self.training:
            return F.batch_norm(x, None, None, scale, bias, training=True)
        return F.batch_norm(x, state[0].detach(), state[1].detach(), scale, bias)

    def dense(self, x, classes):
        features = x.mean((2, 3))
        return features @ self.get('.dense.kernel', [features.shape[1], classes]) + self.get('.dense.bias', [classes])


def wider(x, channels):
    return torch.cat([x, x.new_zeros(x.shape[0], channels - x.shape[1], *x.shape[2:])], 1)


def cifar_resnet(w, x, key, n=1, width=4):
    x = F.relu(w.norm('.stem.norm', w.conv('.stem.conv', x, 3, width)))
    for s in range(3):
        for b in range(n):
            path, stride, out = f'.stages[{s}][{b}]', 2 if s > 0 and b == 0 else 1, width * 2**s
            y = F.relu(w.norm(path + '.norm1', w.conv(path + '.conv1', x, 3, out, stride)))
            y = w.norm(path + '.norm2', w.conv(path + '.conv2', y, 3, out))
            x = F.relu(wider(x[:, :, ::stride, ::stride], out) + y)
    return w.dense(x, 3)


def forward_backward(x, forward, backward):
    return x * backward + (x * (forward - backward)).detach()


def shake_shake(w, x, key, n=1, width=4):
    x = w.norm('.stem.norm', w.conv('.stem.conv', x, 3, 16))
    for s in range(3):
        for b in range(n):
            path, stride, out = f'.stages[{s}][{b}]', 2 if s > 0 and b == 0 else 1, width * 2**s
            branches = []
            for i in range(2):
                at = f'{path}.branches[{i}]'
                y = F.relu(w.norm(at + '.norm1', w.conv(at + '.conv1', F.relu(x), 3, out, stride)))
                branches.append(w.norm(at + '.norm2', w.conv(at + '.conv2', y, 3, out)))
            if w.training:
                alpha, beta = [uniform(k, len(x)) for k in split(threefry(key, [s * n + b, 2]), 2)]
                mixed = forward_backward(branches[0], alpha, beta) + forward_backward(branches[1], 1 - alpha, 1 - beta)
            else:
                mixed = (branches[0] + branches[1]) / 2
            if x.shape[1] != out:
                at = path + '.shortcut'
                moved = F.pad(x, [0, 1, 0, 1])[:, :, 1:, 1:]
                first = w.conv(at + '.conv', x[:, :, ::stride, ::stride], 1, out // 2)
                second = w.conv(at + '.shifted', moved[:, :, ::stride, ::stride], 1, out // 2)
                x = w.norm(at + '.norm', torch.cat([first, second], 1))
            x = x + mixed
    return w.dense(F.relu(x), 3)


def pyramid_net(w, x, key, n=1, alpha=10, bottleneck=False, last=None):
    total = 3 * n
    x = w.norm('.stem.norm', w.conv('.stem.conv', x, 3, 16))
    for l in range(1, total + 1):
        s, b = divmod(l - 1, n)
        path, stride, inside = f'.stages[{s}][{b}]', 2 if s > 0 and b == 0 else 1, round(16 + alpha * l / total)
        y = w.norm(path + '.norm1', x)
        if bottleneck:
            y = F.relu(w.norm(path + '.norm2', w.conv(path + '.conv1', y, 1, inside)))
            y = F.relu(w.norm(path + '.norm3', w.conv(path + '.conv2', y, 3, inside, stride)))
            y = w.norm(path + '.norm4', w.conv(path + '.conv3', y, 1, 4 * inside))
        else:
            y = F.relu(w.norm(path + '.norm2', w.conv(path + '.conv1', y, 3, inside, stride)))
            y = w.norm(path + '.norm3', w.conv(path + '.conv2', y, 3, inside))
        if last is not None:
            keep = 1 - l / total * (1 - last)
            if w.training:
                keys = split(threefry(key, [l - 1, 2]), 3)
                kept = (uniform(keys[0], len(x)) < keep).double()
                a, g = uniform(keys[1], len(x), -1.0), uniform(keys[2], len(x))
                y = forward_backward(y, kept + a - kept * a, kept + g - kept * g)
            else:
                y = y * keep
        shortcut = F.avg_pool2d(x, 2, 2, ceil_mode=True) if stride == 2 else x
        x = wider(shortcut, y.shape[1]) + y
    return w.dense(F.relu(w.norm('.norm', x)), 3)


def ours(network, shape, **options):
    """Logits, and in training the gradients of all parameters, each against a fixed direction."""
    result = {}
    x = images(4, shape[:2], shape[2])
    for training in (False, True):
        w = Weights(training)
        logits = network(w, x, [0, 5], **options)
        result['training' if training else 'evaluation'] = logits.tolist()
    loss = F.cross_entropy(logits, torch.tensor([0, 2, 1, 2]))
    loss.backward()
    result['gradients'] = {
        path: float((leaf.grad.flatten().numpy() * noise(path + '~', leaf.numel())).sum())
        for path, leaf in w.items()
        if leaf.grad is not None
    }
    return result


class Narrow(ResNet):
    """torchvision's ResNet with a sixteenth of its channels."""

    def _make_layer(self, block, planes, blocks, **more):
        if planes == 64:
            self.inplanes = 4
        return super()._make_layer(block, planes // 16, blocks, **more)

    def __init__(self, block):
        super().__init__(block, [1, 1, 1, 1], num_classes=3)
        self.conv1 = torch.nn.Conv2d(2, 4, 7, 2, 3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(4)
        self.fc = torch.nn.Linear(32 * block.expansion, 3)


def torchvision(block, shape):
    model = Narrow(block).double()
    state = {
        name: values(name, list(t.shape), t.shape[0] * t.shape[-1] ** 2 if t.dim() == 4 else 1)
        for name, t in model.state_dict().items()
        if t.dim() > 0
    }
    x = images(4, shape[:2], shape[2])
    result = {}
    for training in (False, True):
        model.load_state_dict(state, strict=False)
        result['training' if training else 'evaluation'] = model.train(training)(x).tolist()
    return result


def rounded(tree):
    if isinstance(tree, dict):
        return {key: rounded(value) for key, value in tree.items()}
    return [rounded(x) for x in tree] if isinstance(tree, list) else float(f'{tree:.7g}')


torch.manual_seed(0)
results = {
    'resNet-10': torchvision(BasicBlock, [33, 40, 2]),
    'resNet-14': torchvision(Bottleneck, [33, 40, 2]),
    'cifarResNet': ours(cifar_resnet, [9, 8, 2], n=2),
    'shakeShake': ours(shake_shake, [9, 8, 2], n=2),
    'pyramidNet': ours(pyramid_net, [8, 8, 2], n=2),
    'pyramidNet with bottlenecks': ours(pyramid_net, [8, 8, 2], bottleneck=True),
    'pyramidNet with ShakeDrop': ours(pyramid_net, [9, 7, 2], bottleneck=True, last=0.5),
}
target = pathlib.Path(__file__).parents[2] / 'packages/models/test/fixtures/networks.json'
target.write_text(json.dumps(rounded(results), indent=1) + '\n')
