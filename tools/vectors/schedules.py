"""Values of schedules at every step, in float64 by optax.

    JAX_ENABLE_X64=1 python3 tools/vectors/schedules.py > packages/transforms/test/fixtures/schedules.json

warmupStableDecay is a join of optax's own, since optax has none of that name.
"""

import json

import optax

STEPS = 24


def stable(peak, steps, tail, warmup, fall):
    start = round((1 - tail) * steps)
    parts = [optax.linear_schedule(0.0, peak, warmup), optax.constant_schedule(peak), fall(peak, steps - start)]
    return optax.join_schedules(parts, [warmup, start])


def to_zero(peak, count):
    return optax.linear_schedule(peak, 0.0, count)


SCHEDULES = {
    "polynomial(1, 0.1, 10, 2)": optax.polynomial_schedule(1.0, 0.1, 2, 10),
    "polynomial(0.2, 0.8, 7, 0.5)": optax.polynomial_schedule(0.2, 0.8, 0.5, 7),
    "polynomial(-1, 0, 16, 3)": optax.polynomial_schedule(-1.0, 0.0, 3, 16),
    "withWarmup(cosineDecay(0.4, 15), 5)": optax.warmup_cosine_decay_schedule(0.0, 0.4, 5, 20),
    "withWarmup(polynomial(0.4, 0.1, 12, 2), 4)": optax.join_schedules(
        [optax.linear_schedule(0.0, 0.4, 4), optax.polynomial_schedule(0.4, 0.1, 2, 12)], [4]
    ),
    "withWarmup(constant(-0.3), 6)": optax.warmup_constant_schedule(0.0, -0.3, 6),
    "piecewise(0.5, Object.fromEntries([6, 12, 18].map((n) => [n, 0.3])))": optax.exponential_decay(
        0.5, 6, 0.3, staircase=True
    ),
    "warmupStableDecay(0.1, 20, 0.4, { warmup: 4 })": stable(0.1, 20, 0.4, 4, to_zero),
    "warmupStableDecay(-0.1, 20, 0.25, { warmup: 3, decay: 'cosine' })": stable(
        -0.1, 20, 0.25, 3, optax.cosine_decay_schedule
    ),
    "warmupStableDecay(0.1, 20, 1)": to_zero(0.1, 20),
}

if __name__ == "__main__":
    print(json.dumps({name: [float(f(t)) for t in range(STEPS)] for name, f in SCHEDULES.items()}, indent=1))
