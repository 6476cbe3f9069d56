"""Makes other-epsilon.json: the weights after each step of methods that choose another epsilon or remap SAM's gradient.

Run: python3 tools/vectors/other-epsilon.py   (numpy, float64)

Every method is written from its paper's formula, and SAMPa from the loop of its authors' train.py, over one loss:
L_b(w) = sum_i b*a_i*w_i^2/2 + c*sin(3*w_i) of a kernel [2, 3] and a bias [3], with b the batch.
"""

import json
import pathlib

import numpy as np

CURVATURE = [np.array([[0.5, 4.0, 1.0], [2.0, 0.3, 3.0]]), np.array([1.5, 0.8, 2.5])]
START = [np.array([[0.7, -0.4, 1.1], [-0.9, 1.3, 0.2]]), np.array([0.6, -1.2, 0.35])]
RATE, STEPS, WAVE = 0.1, 6, 0.2
BATCHES = [1.0, 0.4, 1.7, 0.8, 1.2, 0.6, 1.4]


def gradient(w, batch=1.0):
    return [batch * a * x + 3 * WAVE * np.cos(3 * x) for a, x in zip(CURVATURE, w)]


def plus(u, c, v):
    return [x + c * y for x, y in zip(u, v)]


def times(c, u):
    return [c * x for x in u]


def length(u):
    return np.sqrt(sum((x * x).sum() for x in u))


def flat(u):
    return np.concatenate([x.ravel() for x in u]).tolist()


def descend(method, rate=RATE):
    """w <- w - rate*method(w, t); t counts from 0."""
    w, path = START, []
    for t in range(STEPS):
        w = plus(w, -rate, method(w, t))
        path.append(flat(w))
    return path


def sam_at(w, epsilon):
    return gradient(plus(w, 1, epsilon))


def unified(rho, share):
    def method(w, t):
        g, s = gradient(w), share(t)
        return sam_at(w, times(rho * (1 - s + s / length(g)), g))

    return method


def loss_budget(sigma, largest):
    radii = []

    def method(w, t):
        g = gradient(w)
        radii.append(min(sigma(t) / length(g), largest))
        return sam_at(w, times(radii[-1] / length(g), g))

    path = descend(method)
    assert any(r == largest for r in radii) and any(r < largest for r in radii), radii
    return path


def renormalized(rho):
    def method(w, t):
        g = gradient(w)
        sharp = sam_at(w, times(rho / length(g), g))
        return times(length(g) / length(sharp), sharp)

    return method


def centralized(g):
    # The kernel is [in, out]: one mean for each output.
    return [x - x.mean(axis=0, keepdims=True) if x.ndim > 1 else x for x in g]


def gcsam(rho, ascent=centralized):
    def method(w, t):
        g = ascent(gradient(w))
        return centralized(sam_at(w, times(rho / length(g), g)))

    return method


def z_sharp(rho, quantile):
    def method(w, t):
        g = gradient(w)
        z = [np.abs((x - x.mean()) / x.std()) for x in g]
        least = np.quantile(np.concatenate([x.ravel() for x in z]), quantile)
        kept = [np.where(y >= least, x, 0) for x, y in zip(g, z)]
        return sam_at(w, times(rho / length(kept), kept))

    return method


def saner(rho, alpha):
    shrunk = []

    def method(w, t):
        g = gradient(w)
        sharp = sam_at(w, times(rho / length(g), g))
        ratios = [y / x for x, y in zip(g, sharp)]
        shrunk.append(sum(((r > 0) & (r < 1)).sum() for r in ratios))
        return [np.where((r > 0) & (r < 1), alpha * y, y) for r, y in zip(ratios, sharp)]

    path = descend(method)
    assert 0 < sum(shrunk) < STEPS * len(path[0]), shrunk
    return path


def fisher(rho, eta):
    def method(w, t):
        g = gradient(w)
        inverse = [1 / (1 + eta * x * x) for x in g]
        lifted = [i * x for i, x in zip(inverse, g)]
        return sam_at(w, times(rho / np.sqrt(sum((x * y).sum() for x, y in zip(g, lifted))), lifted))

    return method


def stale(rho, of_descent):
    """The last gradient of descent for epsilon, for one gradient a step; or the last one at w, for two."""
    last = []

    def method(w, t):
        epsilon = times(rho / length(last[-1]), last[-1]) if last else times(0, w)
        g = sam_at(w, epsilon)
        last.append(g if of_descent else gradient(w))
        return g

    return method


def light(rho):
    sums = [0.0, 0.0]

    def method(w, t):
        s = gradient(w)
        sums[0] += length(s) ** 2
        g = sam_at(w, times(rho / np.sqrt(sums[0]), s))
        sums[1] += length(g) ** 2
        return times(1 / np.sqrt(sums[1]), g)

    return method


def sampa(rho, share, decay, momentum, one_batch):
    """The loop of LIONS-EPFL/SAMPa/train.py on two workers. With one batch, both gradients are of that one.

    Their first step has no decay in y, for want of a momentum buffer; here it has, as in every later step.
    """
    w, buffer, at_y, path = START, None, times(0, START), []
    last = BATCHES[0]
    for t in range(STEPS):
        data = BATCHES[t + 1]
        # Worker 0: the gradient at w + rho*g(y)/||g(y)||, on the batch of g(y).
        norm = length(at_y)
        perturbed = plus(w, rho / norm if norm > 0 else 0, at_y)
        # Worker 1: y, where the optimizer would go with g(y).
        held = plus(at_y, decay, w)
        y = plus(w, -RATE, held if buffer is None else plus(held, momentum, buffer))
        first = gradient(perturbed, data if one_batch else last)
        at_y = gradient(y, data)
        mixed = plus(plus(times(1 - share, first), share, at_y), decay, w)
        buffer = mixed if buffer is None else plus(mixed, momentum, buffer)
        w = plus(w, -RATE, buffer)
        path.append(flat(w))
        last = data
    return path


VECTORS = {
    "unifiedSam 0.3": descend(unified(0.2, lambda t: 0.3)),
    "unifiedSam 1-1/t": descend(unified(0.2, lambda t: 1 - 1 / (t + 1))),
    "lossBudgetSam": loss_budget(lambda t: 0.6 * (1 - t / 6), 0.15),
    "renormalized": descend(renormalized(0.2)),
    "gcsam": descend(gcsam(0.2)),
    "centralize behind": descend(gcsam(0.2, lambda g: g)),
    "zSharp 0.5": descend(z_sharp(0.2, 0.5)),
    "zSharp 0.8": descend(z_sharp(0.2, 0.8)),
    "saner 0.25": saner(0.2, 0.25),
    "saner 0": saner(0.2, 0),
    "fisher 1": descend(fisher(0.2, 1)),
    "fisher 7": descend(fisher(0.2, 7)),
    "asyncSam": descend(stale(0.2, True)),
    "asyncSam of the paper": descend(stale(0.2, False)),
    "lightSam": descend(light(0.5), rate=1.0),
    "sampa": sampa(0.2, 0.2, 0.05, 0.9, False),
    "sampa on one batch": sampa(0.2, 0.2, 0.05, 0.9, True),
}

if __name__ == "__main__":
    problem = {"a": [a.tolist() for a in CURVATURE], "w": [w.tolist() for w in START], "c": WAVE, "batches": BATCHES}
    out = pathlib.Path(__file__).parents[2] / "packages/transforms/test/fixtures/other-epsilon.json"
    paths = ",\n".join(f'  "{name}": {json.dumps(np.round(path, 12).tolist())}' for name, path in VECTORS.items())
    out.write_text(f'{{\n "problem": {json.dumps(problem)},\n "paths": {{\n{paths}\n }}\n}}\n')
