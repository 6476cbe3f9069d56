"""What noise on the weights of the small network of sharpness-measures.py costs, in float64 by NumPy alone.

    python3 tools/vectors/sharpness-noise.py > packages/sharpness/test/fixtures/noise.json

The network and its examples are those of measures.json. Sigma is where 20,000 draws cost a tenth of the accuracy in the
mean, by bisection over the same draws, with labels as the network itself predicts them; `slope` is the derivative of the
drop there, `deviation` that of a draw. The loss under noise in proportion to each tensor is with the labels of the file.
"""

import json
from pathlib import Path

import numpy as np

FIXTURE = Path(__file__).parents[2] / "packages/sharpness/test/fixtures/measures.json"
reference = json.loads(FIXTURE.read_text())
weights = {name: np.array(w["values"]).reshape(w["shape"]) for name, w in reference["weights"].items()}
x, y = np.array(reference["x"]), np.array(reference["y"])
rng = np.random.default_rng(15)
DRAWS = 20_000
noise = {name: rng.normal(size=(DRAWS, *w.shape)) for name, w in weights.items()}


def logits(scales):
    """Of every draw, [draws, examples, classes]."""
    w = {name: weights[name] + scales[name] * z for name, z in noise.items()}
    hidden = np.tanh(np.einsum("nj,djk->dnk", x, w["hidden"]) + w["hiddenBias"][:, None])
    return np.einsum("dnk,dkc->dnc", hidden, w["head"]) + w["headBias"][:, None]


own = logits({name: 0 for name in weights})[0].argmax(1)


def drops(deviations):
    return 1 - (logits(deviations).argmax(2) == own).mean(1)


def sigma(deviations, drop=0.1):
    low, high = 0.0, 2.0
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if drops(deviations(middle)).mean() > drop else (middle, high)
    step = 0.02 * high
    slope = (drops(deviations(high + step)).mean() - drops(deviations(high - step)).mean()) / (2 * step)
    return {"sigma": high, "slope": slope, "deviation": drops(deviations(high)).std()}


def loss_at(level):
    f = logits({name: level * np.sqrt((w**2).mean()) for name, w in weights.items()})
    losses = np.log(np.exp(f).sum(2)) - f[:, np.arange(len(y)), y]
    return {"value": losses.mean(), "deviation": losses.mean(1).std()}


print(
    json.dumps(
        {
            "plain": sigma(lambda s: {name: s for name in weights}),
            "magnitude": sigma(lambda s: {name: np.sqrt((s * w) ** 2 + 1e-6) for name, w in weights.items()}),
            "levels": {str(level): loss_at(level) for level in (0.05, 0.2)},
        },
        indent=1,
    )
)
