"""Makes packages/transforms/test/fixtures/optimizers.json: 50 steps of optimizers over four leaves, in float64.

Run: python3 tools/vectors/optimizers.py, with numpy, jax and optax 0.2.8.
amsgrad, muon, scheduleFree, prodigy and the plain Polyak step are optax's own; SAM-SPS and USAM-SPS are written from
the paper (Oikonomou & Loizou, arXiv 2606.01827, the boxed update), whose code they follow.

The loss at step t is L(w) = sum of a_i (w_i - c_i)^2 / 2 + n_i(t) w_i over every leaf by itself, with
a_i = 0.5 + i mod 3, c_i = cos(i), n_i(t) = 0.05 sin(0.7 t + i), from w_i = 1 - 0.1 (i mod 7).
"""

import json
import pathlib

import jax

jax.config.update("jax_enable_x64", True)

import numpy as np  # noqa: E402
import optax  # noqa: E402

STEPS = 50
SHAPES = {"matrix": (5, 3), "kernel": (2, 1, 2, 6), "bias": (3,), "scale": ()}


def over(shape, f):
    return f(np.arange(int(np.prod(shape)), dtype=np.float64)).reshape(shape)


def each(f):
    return {name: over(shape, f) for name, shape in SHAPES.items()}


A, C = each(lambda i: 0.5 + i % 3), each(np.cos)
START = each(lambda i: 1 - 0.1 * (i % 7))


def noise(step):
    return each(lambda i: 0.05 * np.sin(0.7 * step + i))


def value(w, step):
    n = noise(step)
    return sum(float(np.sum(A[k] * (w[k] - C[k]) ** 2 / 2 + n[k] * w[k])) for k in w)


def gradient(w, step):
    n = noise(step)
    return {k: A[k] * (w[k] - C[k]) + n[k] for k in w}


def run(optimizer, names=tuple(SHAPES), with_value=False, read=None):
    w = {k: START[k] for k in names}
    state, update = optimizer.init(w), jax.jit(optimizer.update)
    for step in range(STEPS):
        extra = {"value": value(w, step)} if with_value else {}
        updates, state = update({k: gradient(w, step)[k] for k in w}, state, w, **extra)
        w = {k: w[k] + np.asarray(v) for k, v in updates.items()}
    return read(state, w) if read else w


def muon(rest, rate, **options):
    dims = {"matrix": optax.contrib.MuonDimensionNumbers(), "kernel": optax.contrib.MuonDimensionNumbers((0, 1, 2), 3)}
    matrices = run(optax.contrib.muon(rate, muon_weight_dimension_numbers=dims, **options), ("matrix", "kernel"))
    return matrices | run(rest, ("bias", "scale"))


def schedule_free(base, weigh, read=None, **options):
    return run(optax.contrib.schedule_free(base, weigh, **options), read=read)


def sam_sps(rho, lam, lower, bound, decay):
    w = dict(START)
    for step in range(STEPS):
        g = gradient(w, step)
        length = np.sqrt(sum(np.sum(x * x) for x in g.values()))
        eps = {k: rho * (1 - lam + lam / length) * x for k, x in g.items()}
        at = {k: w[k] + eps[k] for k in w}
        sharp = gradient(at, step)
        gap = value(at, step) - sum(np.sum(sharp[k] * eps[k]) for k in w)
        gamma = min(max(0.0, gap - lower) / sum(np.sum(x * x) for x in sharp.values()), bound)
        w = {k: w[k] - gamma * (sharp[k] + decay * w[k]) for k in w}
    return w



warm = optax.linear_schedule(0.01, 0.1, 9)
falling = optax.linear_schedule(1.0, 0.0, STEPS)
points = optax.contrib.schedule_free_eval_params

ENDS = {
    "amsgrad": run(optax.amsgrad(0.05)),
    "amsgrad, uncorrected": run(optax.amsgrad(0.05, bias_correction_mu=False, bias_correction_nu=False)),
    "muon": muon(optax.adam(0.02), 0.02),
    "muon, consistent, without Nesterov": muon(
        optax.sgd(0.1), 0.03, nesterov=False, consistent_rms=0.2, weight_decay=0.3, beta=0.8, ns_steps=3
    ),
    "scheduleFree of sgd": schedule_free(optax.sgd(0.3), 0.3),
    "scheduleFree of sgd, x": schedule_free(optax.sgd(0.3), 0.3, read=points),
    # optax asks the weights' schedule at count + 1 and the optimizer's at count: one of the two is shifted here.
    "scheduleFree of a warm adam": schedule_free(
        optax.adam(warm, b1=0.0), lambda count: warm(count - 1), b1=0.8, weight_lr_power=1.5
    ),
    "scheduleFree of a warm adam, x": schedule_free(
        optax.adam(warm, b1=0.0), lambda count: warm(count - 1), read=points, b1=0.8, weight_lr_power=1.5
    ),
    # From 1e-6 on, the default, the first ways are below the rounding of float32 weights.
    "prodigy": run(optax.contrib.prodigy(estim_lr0=1e-2)),
    "prodigy, all options": run(
        optax.contrib.prodigy(
            falling, (0.8, 0.99), eps=1e-3, estim_lr0=1e-4, estim_lr_coef=0.5, weight_decay=0.1, safeguard_warmup=True
        )
    ),
    "polyak": run(
        optax.chain(optax.scale_by_polyak(-1.0, 0.5, variant="sps+"), optax.scale(-1.0)), with_value=True
    ),
    "polyak behind SAM": sam_sps(0.3, 1.0, 1.0, 0.3, 0.05),
    "polyak behind USAM": sam_sps(0.2, 0.0, 1.0, 1.0, 0.0),
}

made = {
    "steps": STEPS,
    "shapes": {k: list(v) for k, v in SHAPES.items()},
    "ends": {name: {k: [round(float(x), 9) for x in np.ravel(v)] for k, v in end.items()} for name, end in ENDS.items()},
}
path = pathlib.Path(__file__).parents[2] / "packages/transforms/test/fixtures/optimizers.json"
path.write_text(json.dumps(made) + "\n")
