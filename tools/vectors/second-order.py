"""Paths of the relatives of SAM that look at the Hessian, in float64 by numpy, with whole Hessians.

    python3 tools/vectors/second-order.py > packages/transforms/test/fixtures/second-order.json

Written from the formulas of the papers (and, where they differ, of the authors' code, as the docstrings of the links
say); the random numbers are Threefry-2x32 with 20 rounds (Salmon et al., SC 2011), keyed as @steppe/random documents.
"""

import json

import numpy as np

# L(w) = w.A.w/2 + sum(b*w^4)/4: the Hessian A + 3*diag(b*w^2) moves with w.
A = np.array([[2, 0.5, 0], [0.5, 3, -1], [0, -1, 1.5]])
B = np.array([0.3, 0.2, 0.5])
W = np.array([0.7, -0.4, 1.1])


def grad(w):
    return A @ w + B * w**3


def hessian(w):
    return A + 3 * np.diag(B * w**2)


def unit(x):
    return x / np.linalg.norm(x)


# Random numbers.

MASK = 0xFFFFFFFF


def threefry(key, counter):
    keys = (key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDA)
    x, y = (counter[0] + keys[0]) & MASK, (counter[1] + keys[1]) & MASK
    for block in range(5):
        for turn in ((13, 15, 26, 6), (17, 29, 16, 24))[block % 2]:
            x = (x + y) & MASK
            y = (y << turn | y >> 32 - turn) & MASK ^ x
        x = (x + keys[(block + 1) % 3]) & MASK
        y = (y + keys[(block + 2) % 3] + block + 1) & MASK
    return x, y


def words(key, count):
    return [word for i in range((count + 1) // 2) for word in threefry(key, (i, 0))]


def split(key):
    return threefry(key, (0, 1)), threefry(key, (1, 1))


def leaf(key, index=0):
    return threefry(key, (index, 2))


def normals(key, count):
    pairs = np.array(words(key, count), float).reshape(-1, 2)
    radius = np.sqrt(-2 * np.log((pairs[:, 0] + 0.5) / 2**32))
    angle = 2 * np.pi * pairs[:, 1] / 2**32
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).ravel()[:count]


def signs(key, count):
    return np.array([1.0 if word >> 8 < 2**23 else -1.0 for word in words(key, count)[:count]])


# The links: each yields the direction for the weights that it is sent.


def power_steps(v, h, steps):
    for _ in range(steps):
        eigenvalue = v @ h @ v
        v = unit(h @ v)
    return v, eigenvalue


def eigen_sam(rho, alpha, every, steps, seed):
    v, step, out = unit(normals(leaf((0, seed)), 3)), 0, None
    while True:
        w = yield out
        if step % every == 0:
            v, eigenvalue = power_steps(v, hessian(w), steps)
        g = unit(grad(w))
        d = g + alpha * np.sign(g @ v) * (v - (v @ g) * g)
        out = grad(w + rho * d), {"topEigenvalue": eigenvalue}
        step += 1


def eigen_corrected_sam(rho, alpha, every, steps, seed):
    v, step, out = unit(normals(leaf((0, seed)), 3)), 0, None
    while True:
        w = yield out
        if step % every == 0:
            v, eigenvalue = power_steps(v, hessian(w), steps)
        g = grad(w + rho * unit(grad(w)))
        out = unit(g) - alpha * np.sign(g @ v) * (unit(g) @ v) * v, {"topEigenvalue": eigenvalue}
        step += 1


def gam(rho, alpha):
    out = None
    while True:
        w = yield out
        ascent = hessian(w) @ unit(grad(w))
        at = w + rho * unit(ascent)
        flatness = rho * np.linalg.norm(grad(at))
        out = grad(w) + alpha * rho * hessian(at) @ unit(grad(at)), {"firstOrderFlatness": flatness}


def cr_sam(rho, gamma, beta):
    out = None
    while True:
        w = yield out
        e = rho * unit(grad(w))
        ahead, behind = grad(w + e), grad(w - e)
        out = ahead + gamma * (ahead + behind - 2 * grad(w)) + beta * (ahead - behind), {}


def sassha(rho, every, b1, b2, epsilon, power, seed):
    mean, diagonal, key, step, out = np.zeros(3), np.zeros(3), (0, seed), 0, None
    while True:
        w = yield out
        at = w + rho * unit(grad(w))
        step += 1
        mean = b1 * mean + (1 - b1) * grad(at)
        if (step - 1) % every == 0:
            probe, key = split(key)
            z = signs(leaf(probe), 3)
            diagonal = b2 * diagonal + (1 - b2) * np.abs(z * (hessian(at) @ z))
            correction = 1 - b2**step
        out = mean / (1 - b1**step) / ((diagonal / correction) ** power + epsilon), {}


def bsam(rho, examples, weightDecay, damping, initial, b1, b2, seed):
    momentum, s, key, out = np.zeros(3), np.full(3, float(initial)), (0, seed), None
    while True:
        w = yield out
        now, key = split(key)
        drawn = grad(w + normals(leaf(now), 3) / np.sqrt(examples * s))
        momentum = b1 * momentum + (1 - b1) * (grad(w + rho * drawn / s) + weightDecay * w)
        direction = momentum / s
        s = b2 * s + (1 - b2) * (np.sqrt(s) * np.abs(drawn) + weightDecay + damping)
        out = direction, {"precision": list(examples * s)}


def descent(link, rate, updates, **options):
    """The weights after each step of w - rate*direction, and what else the link says at each."""
    each = link(**options)
    next(each)
    w, path, said = W, [], []
    for _ in range(updates):
        direction, more = each.send(w)
        w = w - rate * direction
        path.append(list(w))
        said.append(more)
    return {
        "options": options,
        "rate": rate,
        "path": path,
        "said": {name: [more[name] for more in said] for name in said[0]},
    }


search = {"alpha": 0.5, "every": 3, "steps": 2}
vectors = {
    "eigenSam": [descent(eigen_sam, 0.1, 8, rho=0.2, seed=seed, **search) for seed in (5, 6)],
    "eigenCorrectedSam": [descent(eigen_corrected_sam, 0.05, 8, rho=0.2, seed=seed, **search) for seed in (5, 6, 7)],
    "gam": [descent(gam, 0.1, 6, rho=0.2, alpha=0.7)],
    "crSam": [descent(cr_sam, 0.1, 6, rho=0.2, gamma=0.5, beta=0.3)],
    "sassha": [
        descent(sassha, 0.1, 8, rho=0.2, every=every, b1=0.9, b2=0.95, epsilon=1e-3, power=power, seed=7)
        for every, power in ((3, 0.5), (1, 0.8))
    ],
    "bsam": [
        descent(bsam, 0.1, 8, rho=0.1, examples=20, weightDecay=0.05, damping=0.1, initial=2, b1=0.9, b2=0.8, seed=7)
    ],
}

print(json.dumps(vectors, indent=1))
