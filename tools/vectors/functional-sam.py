"""Functional-SAM on a small network with a softmax loss, in float64 by numpy, from the formula of the papers:
g = J(w + eps)^T c with c = dl/dF at w and eps = rho * sign(G) |G|^(q-1) / (sum |G|^q)^(1/p) for G the gradient at w.

    python3 tools/vectors/functional-sam.py > packages/transforms/test/fixtures/functional-sam.json
"""

import json

import numpy as np

rng = np.random.default_rng(12)
X = rng.normal(size=(5, 3))
LABELS = [0, 2, 1, 2, 0]
FIRST = rng.normal(size=(3, 4)) * 0.8
SECOND = rng.normal(size=(4, 3)) * 0.8


def outputs(w, x):
    return np.tanh(x @ w[0]) @ w[1]


def cotangent(logits, labels):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (shifted / shifted.sum(axis=1, keepdims=True) - np.eye(3)[labels]) / len(labels)


def pullback(w, x, c):
    hidden = np.tanh(x @ w[0])
    return [x.T @ ((c @ w[1].T) * (1 - hidden**2)), hidden.T @ c]


def moved(w, g, rho, p):
    flat = np.concatenate([leaf.ravel() for leaf in g])
    if p == "inf":
        steps = [rho * np.sign(leaf) for leaf in g]
    else:
        q = p / (p - 1)
        length = np.sum(np.abs(flat) ** q) ** (1 / p)
        steps = [rho * np.sign(leaf) * np.abs(leaf) ** (q - 1) / length for leaf in g]
    return [a + b for a, b in zip(w, steps)]


def gradient(w, x, labels):
    return pullback(w, x, cotangent(outputs(w, x), labels))


def functional(w, x, labels, rho, p, decay=0):
    """The decay is a loss of a further output, w itself: its cotangent is decay * w, and its Jacobian does not move."""
    c = cotangent(outputs(w, x), labels)
    worst = moved(w, [g + decay * a for g, a in zip(pullback(w, x, c), w)], rho, p)
    return [g + decay * a for g, a in zip(pullback(worst, x, c), w)]


def sam(w, x, labels, rho, p):
    return gradient(moved(w, gradient(w, x, labels), rho, p), x, labels)


def slices(m):
    return [slice(i, i + m) for i in range(0, len(X), m)]


def mean(parts):
    """The mean of what slices give, by their numbers of examples."""
    return [sum(len(X[at]) * g[i] for at, g in parts) / len(X) for i in range(2)]


def each_its_own(w, rho, p, m):
    return mean([(at, functional(w, X[at], LABELS[at], rho, p)) for at in slices(m)])


def flat(tree):
    return [float(x) for leaf in tree for x in leaf.ravel()]


w = [FIRST, SECOND]
cases = [
    {
        "rho": rho,
        "p": p,
        "plain": flat(gradient(w, X, LABELS)),
        "sam": flat(sam(w, X, LABELS, rho, p)),
        "functional": flat(functional(w, X, LABELS, rho, p)),
        "decayed": flat(functional(w, X, LABELS, rho, p, 0.3)),
        "slicesBehind": flat(each_its_own(w, rho, p, 2)),
    }
    for rho, p in [(0.05, 2), (1, 2), (0.5, 3), (0.3, "inf")]
]
print(
    json.dumps(
        {"x": X.tolist(), "labels": LABELS, "first": FIRST.tolist(), "second": SECOND.tolist(), "cases": cases},
        indent=1,
    )
)
