"""Paths of SAM in the tail of a run and of hand-overs, in float64 by the standard library.

    python3 tools/vectors/late-sam.py > packages/transforms/test/fixtures/late-sam.json

From the formulas: g = grad L(w) for t < t0 and grad L(w + rho_t g/|g|) from t0 = round((1 - f) T) on, where
rho_t = rho min(1, (t - t0 + 1)/r); momentum v <- beta v + g, w <- w - eta v; Adam as Kingma & Ba. The loss is
L(w) = sum(a_j w_j^2)/2 + sum(b_j w_j^4)/4, so that the two gradients are not parallel.
"""

import json
from math import sqrt

A = [1.0, 4.0, 0.5]
B = [0.3, 0.2, 0.5]
W = [0.7, -0.4, 1.1]
T = 12


def grad(w):
    return [a * x + b * x**3 for a, b, x in zip(A, B, w)]


def sam(w, rho):
    g = grad(w)
    norm = sqrt(sum(x * x for x in g))
    return grad([x + rho * y / norm for x, y in zip(w, g)])


def late(rho, tail, ramp=1):
    start = round((1 - tail) * T)

    def gradient(w, t):
        return grad(w) if t < start else sam(w, rho * min(1.0, (t - start + 1) / ramp))

    return gradient


def span(rho, begin, end):
    return lambda w, t: sam(w, rho) if begin <= t < end else grad(w)


def momentum(gradient, rate=lambda t: 0.1, beta=0.9):
    w, v, path = W, [0.0] * 3, []
    for t in range(T):
        g = gradient(w, t)
        v = [beta * x + y for x, y in zip(v, g)]
        w = [x - rate(t) * y for x, y in zip(w, v)]
        path.append(w)
    return path


def momentum_then_adam(gradient, switch, eta=0.1, beta=0.9, alpha=0.02, b1=0.9, b2=0.999, eps=1e-8):
    """Adam knows nothing of what was before: its moments and its count begin at the switch."""
    w, v, path = W, [0.0] * 3, []
    m, s = [0.0] * 3, [0.0] * 3
    for t in range(T):
        g = gradient(w, t)
        if t < switch:
            v = [beta * x + y for x, y in zip(v, g)]
            w = [x - eta * y for x, y in zip(w, v)]
        else:
            n = t - switch + 1
            m = [b1 * x + (1 - b1) * y for x, y in zip(m, g)]
            s = [b2 * x + (1 - b2) * y * y for x, y in zip(s, g)]
            w = [
                x - alpha * (mean / (1 - b1**n)) / (sqrt(square / (1 - b2**n)) + eps)
                for x, mean, square in zip(w, m, s)
            ]
        path.append(w)
    return path


# The momentum is carried: one velocity, and a rate that falls at the switch.
PATHS = {
    "chain(lateSam(0.2, 12, 0.3), momentum(0.1))": momentum(late(0.2, 0.3)),
    "chain(lateSam(linear(0.2 / 3, 0.2, 2), 12, 0.5), momentum(0.1))": momentum(late(0.2, 0.5, 3)),
    "chain(after(5, samTransform(0.2)), trace(0.9), handOver(5, scale(-0.1), scale(-0.02)))": momentum(
        span(0.2, 5, T), lambda t: 0.1 if t < 5 else 0.02
    ),
    "chain(during(3, 7, samTransform(0.2)), momentum(0.1))": momentum(span(0.2, 3, 7)),
    "chain(lateSam(0.2, 12, 0.5), handOver(6, momentum(0.1), adam(0.02)))": momentum_then_adam(late(0.2, 0.5), 6),
}

if __name__ == "__main__":
    print(json.dumps(PATHS, indent=1))
