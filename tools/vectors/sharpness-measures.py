"""Measures of sharpness of one small network, in float64 by PyTorch and NumPy.

    python3 tools/vectors/sharpness-measures.py > packages/sharpness/test/fixtures/measures.json

A tanh network 4-5-3 with biases and cross entropy on 12 examples, from the formulas: epsilon-hat by equation (2) of Foret
et al.; the maximum in a p-ball by conditional gradients from 300 starts (a vertex of the linear model at each step, with a
line search), that in an ellipsoid also by gradient ascent with a Euclidean projection by bisection, as Andriushchenko et
al. do it; means under noise by 400,000 draws; Hessians by torch.func; norms of convolutions by the FFT.
"""

import json
from math import log, sqrt

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(3)
rng = np.random.default_rng(3)
f32 = lambda a: np.asarray(a, dtype=np.float32).astype(np.float64)
SHAPES = {"hidden": (4, 5), "hiddenBias": (5,), "head": (5, 3), "headBias": (3,)}
weights = {name: f32(rng.normal(size=shape) * 0.9) for name, shape in SHAPES.items()}
x = torch.tensor(f32(rng.normal(size=(12, 4))))
y = torch.tensor(rng.integers(0, 3, size=12))
w0 = torch.cat([torch.tensor(v).flatten() for v in weights.values()])


def parts(w):
    out, at = [], 0
    for shape in SHAPES.values():
        n = int(np.prod(shape))
        out.append(w[at : at + n].reshape(shape))
        at += n
    return out


def features(w):
    a, b, *_ = parts(w)
    return torch.tanh(x @ a + b)


def logits(w):
    *_, c, d = parts(w)
    return features(w) @ c + d


def loss(w):
    return torch.nn.functional.cross_entropy(logits(w), y)


gradient = torch.func.grad(loss)
RHO = 0.3


def q_of(p):
    return np.inf if p == 1 else 1.0 if p == np.inf else p / (p - 1)


def epsilon(g, p, rho=RHO):
    q = q_of(p)
    if q == np.inf:
        e = torch.zeros_like(g)
        i = g.abs().argmax()
        e[i] = rho * g[i].sign()
        return e
    if q == 1:
        return rho * g.sign()
    return rho * g.sign() * g.abs() ** (q - 1) / (g.abs() ** q).sum() ** (1 / p)


def sam(p, t):
    g = t * gradient(w0)
    q = q_of(p)
    return {
        "value": (loss(w0 + t * epsilon(g, p)) - loss(w0)).item(),
        "promised": (RHO * torch.linalg.vector_norm(g, q)).item(),
    }


def worst(p, t, starts=300, steps=60):
    """Conditional gradients: toward the maximizer of the linear model, as far as the loss rises most."""
    best = 0.0
    shares = torch.linspace(0.05, 1, 20)
    line = torch.func.vmap(lambda w: loss(w))
    for start in range(starts):
        z = epsilon(torch.tensor(rng.normal(size=w0.numel())), p)
        for _ in range(steps):
            to = epsilon(t * gradient(w0 + t * z), p) - z
            points = z + shares[:, None] * to
            rises = line(w0 + t * points)
            i = rises.argmax()
            if (to.abs().max() < 1e-9) or rises[i] <= loss(w0 + t * z) + 1e-13:
                break
            z = points[i]
        best = max(best, (loss(w0 + t * z) - loss(w0)).item())
    return best


def worst_in_ellipsoid(t, starts=20, steps=800):
    """Gradient ascent in epsilon itself with the projection eps_i / (1 + 2 lambda / w_i^2)."""
    best = 0.0
    for _ in range(starts):
        e = t * epsilon(torch.tensor(rng.normal(size=w0.numel())), 2)
        for step in range(steps):
            g = gradient(w0 + e)
            e = e + 0.1 * 0.995**step * RHO * g / g.norm()
            low, high = 0.0, 100.0
            if (e / t).norm() > RHO:
                for _ in range(60):
                    middle = (low + high) / 2
                    if (e / (1 + 2 * middle / t**2) / t).norm() > RHO:
                        low = middle
                    else:
                        high = middle
                e = e / (1 + 2 * high / t**2)
        best = max(best, (loss(w0 + e) - loss(w0)).item())
    return best


def average(t, rho=0.2, draws=400_000):
    line = torch.func.vmap(loss)
    steps = (rho * t * torch.randn(20_000, w0.numel()) for _ in range(draws // 20_000))
    values = torch.cat([(line(w0 + z) + line(w0 - z)) / 2 for z in steps]) - loss(w0)
    return {"value": values.mean().item(), "standardError": (values.std() / sqrt(draws)).item(), "deviation": values.std().item()}


def relative_flatness(deviations):
    h = torch.func.hessian(loss)(w0)
    at = 20 + 5
    block = h[at : at + 15, at : at + 15].reshape(5, 3, 5, 3)  # inputs, outputs
    traces = torch.einsum("jsjt,j->st", block, 1 / deviations**2)
    c = parts(w0)[2] * deviations[:, None]
    return ((c.T @ c) * traces).sum().item()


def fisher_rao(layers):
    f = logits(w0)
    inner = ((torch.softmax(f, 1) - torch.nn.functional.one_hot(y, 3)) * f).sum(1)
    return layers * sqrt((inner**2).mean().item())


def order_cosine(p):
    def exact(w):
        return loss(w + epsilon(gradient(w), p))

    second = torch.func.grad(exact)(w0)
    first = gradient(w0 + epsilon(gradient(w0), p))
    return (first @ second / (first.norm() * second.norm())).item()


def certificate(p):
    g = gradient(w0)
    e = epsilon(g, p)
    h = gradient(w0 + e)
    rise = loss(w0 + e) - loss(w0)
    return {
        "linearizationRatio": (rise / (RHO * torch.linalg.vector_norm(g, q_of(p)))).item(),
        "gradientCosine": (g @ h / (g.norm() * h.norm())).item(),
        "epsilonToWeights": (e.norm() / w0.norm()).item(),
        "orderCosine": order_cosine(p),
    }


def quantized(bits):
    out = []
    for part in parts(w0):
        step = part.abs().max() / (2 ** (bits - 1) - 1)
        out.append((torch.round(part / step) * step).flatten())
    return loss(torch.cat(out)).item()


def feature_variances():
    f = features(w0).numpy()
    return np.sort(np.linalg.eigvalsh(np.cov(f.T, bias=True)))[::-1].tolist()


def conv_norm(kernel, n):
    return float(np.linalg.svd(np.fft.fft2(kernel, (n, n), axes=(0, 1)), compute_uv=False).max())


def bound(worst_loss, norm, rho, n, k, delta):
    complexity = k * log(1 + norm**2 / rho**2 * (1 + sqrt(log(n) / k)) ** 2)
    confidence, remainder = 4 * log(n / delta), 8 * log(6 * n + 3 * k)
    penalty = sqrt((complexity + confidence + remainder) / (n - 1))
    return dict(complexity=complexity, confidence=confidence, remainder=remainder, value=worst_loss + penalty)


def path_norm():
    a, b, c, d = (part**2 for part in parts(w0))
    return (torch.relu(torch.ones(1, 4) @ a + b) @ c + d).sum().item()


one = torch.ones_like(w0)
size = w0.abs()
f = logits(w0)
right = torch.nn.functional.one_hot(y, 3).bool()
margins = f[right] - f.masked_fill(right, -np.inf).max(1).values
kernel = f32(rng.normal(size=(3, 3, 2, 4)))
deviations = features(w0).std(0, correction=0)
PS = {"1": 1, "1.5": 1.5, "2": 2, "Infinity": np.inf}
half = [torch.arange(0, 6), torch.arange(6, 12)]
everything = (x, y)


def on(rows, f):
    global x, y
    x, y = everything[0][rows], everything[1][rows]
    value = f()
    x, y = everything
    return value


print(
    json.dumps(
        {
            "rho": RHO,
            "weights": {name: {"shape": v.shape, "values": v.flatten().tolist()} for name, v in weights.items()},
            "x": x.tolist(),
            "y": y.tolist(),
            "loss": loss(w0).item(),
            "sam": {name: {"plain": sam(p, one), "adaptive": sam(p, size)} for name, p in PS.items()},
            "samByHalves": [on(rows, lambda: sam(2, one)["value"]) for rows in half],
            "worst": {name: {"plain": worst(p, one), "adaptive": worst(p, size)} for name, p in PS.items()},
            "worstInEllipsoid": worst_in_ellipsoid(size),
            "keskar": 100 * worst(np.inf, (size + 1) * 0.1 / RHO) / (1 + loss(w0).item()),
            "average": {"plain": average(one), "adaptive": average(size)},
            "relativeFlatness": relative_flatness(torch.ones(5)),
            "relativeFlatnessOfNeurons": relative_flatness(deviations),
            "deviations": deviations.tolist(),
            "fisherRao": fisher_rao(2),
            "pathNorm": path_norm(),
            "margins": sorted(margins.tolist()),
            "margin": float(np.quantile(margins.numpy(), 0.1)),
            "variances": feature_variances(),
            "certificate": {name: certificate(p) for name, p in PS.items() if p not in (1,)},
            "quantized": {str(b): quantized(b) for b in (2, 3, 4, 8)},
            "spectral": {"hidden": float(np.linalg.norm(weights["hidden"], 2)), "head": float(np.linalg.norm(weights["head"], 2))},
            "conv": {"shape": kernel.shape, "values": kernel.flatten().tolist(), "8": conv_norm(kernel, 8), "7": conv_norm(kernel, 7)},
            "bound": bound(0.1, 30.0, 0.05, 60000, 77850, 0.05),
            "boundOfFew": bound(0.02, 1.0, 0.5, 50000, 10, 0.01),
        },
        indent=1,
    )
)
