"""JAX's side of peer.mjs: a WideResNet in float32, under jit, asked line by line for so many gradients, steps of SAM or
evaluations in a row; it answers with the seconds of each. Needs jax.

    peer_jax.py
"""

import json
import resource
import sys
import time

import jax
import jax.numpy as jnp
from jax import lax

CLASSES = 10


def conv(w, x, stride=1):
    return lax.conv_general_dilated(x, w, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def norm_relu(p, s, x, training):
    """Batch normalization with running averages as everyone else's here, then ReLU."""
    mean, variance = (jnp.mean(x, (0, 1, 2)), jnp.var(x, (0, 1, 2))) if training else (s["mean"], s["variance"])
    moved = {"mean": 0.9 * s["mean"] + 0.1 * mean, "variance": 0.9 * s["variance"] + 0.1 * variance}
    return jax.nn.relu((x - mean) * lax.rsqrt(variance + 1e-5) * p["scale"] + p["offset"]), moved


def blocks_of(depth, width):
    into = 16
    for group, out in enumerate([16 * width, 32 * width, 64 * width]):
        for i in range((depth - 4) // 6):
            yield into, out, 2 if group > 0 and i == 0 else 1
            into = out


def made(depth, width, channels):
    keys = iter(jax.random.split(jax.random.key(0), 1000))

    def kernel(into, out, size=3):
        return jax.random.normal(next(keys), (size, size, into, out)) * (2 / (size * size * into)) ** 0.5

    def norm(channels):
        return {"scale": jnp.ones(channels), "offset": jnp.zeros(channels)}

    params = {"stem": kernel(channels, 16), "blocks": []}
    for into, out, stride in blocks_of(depth, width):
        block = {"n1": norm(into), "c1": kernel(into, out), "n2": norm(out), "c2": kernel(out, out)}
        if into != out or stride > 1:
            block["shortcut"] = kernel(into, out, 1)
        params["blocks"].append(block)
    last = 64 * width
    params["norm"] = norm(last)
    params["dense"] = {"w": jax.random.normal(next(keys), (last, CLASSES)) * last**-0.5, "b": jnp.zeros(CLASSES)}

    def running(p):
        return {"mean": jnp.zeros_like(p["scale"]), "variance": jnp.ones_like(p["scale"])}

    state = {
        "blocks": [{"n1": running(b["n1"]), "n2": running(b["n2"])} for b in params["blocks"]],
        "norm": running(params["norm"]),
    }
    return params, state


def network(params, state, x, strides, training):
    x, moved = conv(params["stem"], x), []
    for p, s, stride in zip(params["blocks"], state["blocks"], strides):
        h, first = norm_relu(p["n1"], s["n1"], x, training)
        shortcut = conv(p["shortcut"], h, stride) if "shortcut" in p else x
        h, second = norm_relu(p["n2"], s["n2"], conv(p["c1"], h, stride), training)
        x = conv(p["c2"], h) + shortcut
        moved.append({"n1": first, "n2": second})
    h, last = norm_relu(params["norm"], state["norm"], x, training)
    logits = jnp.mean(h, (1, 2)) @ params["dense"]["w"] + params["dense"]["b"]
    return logits, {"blocks": moved, "norm": last}


def opened(asked):
    depth, width = asked["depth"], asked["width"]
    params, state = made(depth, width, asked["channels"])
    strides = [stride for _, _, stride in blocks_of(depth, width)]
    x = jax.random.normal(jax.random.key(1), (asked["batch"], asked["side"], asked["side"], asked["channels"]))
    y = jnp.arange(asked["batch"]) % CLASSES

    def loss(params, state, x, y):
        logits, moved = network(params, state, x, strides, True)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1)), moved

    grad = jax.grad(loss, has_aux=True)

    def sam(params, buffers, state, x, y):
        g, _ = grad(params, state, x, y)
        scale = 0.05 / jnp.sqrt(sum(jnp.sum(each * each) for each in jax.tree.leaves(g)))
        g, moved = grad(jax.tree.map(lambda w, each: w + scale * each, params, g), state, x, y)
        buffers = jax.tree.map(lambda b, each, w: 0.9 * b + each + 5e-4 * w, buffers, g, params)
        return jax.tree.map(lambda w, b: w - 1e-3 * b, params, buffers), buffers, moved

    work = asked["work"]
    current = {"params": params, "state": state, "buffers": jax.tree.map(jnp.zeros_like, params)}
    if work == "gradient":
        run = jax.jit(grad)
        return params, lambda: run(params, state, x, y)
    if work == "evaluation":
        run = jax.jit(lambda params, state, x: network(params, state, x, strides, False)[0])
        return params, lambda: run(params, state, x)
    step = jax.jit(sam, donate_argnums=(0, 1, 2))

    def stepped():
        moved = step(current["params"], current["buffers"], current["state"], x, y)
        current["params"], current["buffers"], current["state"] = moved
        return moved

    return params, stepped


run = None
print(json.dumps({"peer": f"JAX {jax.__version__}"}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if "work" in asked:
        params, run = opened(asked)
        print(json.dumps({"parameters": sum(p.size for p in jax.tree.leaves(params))}), flush=True)
        continue
    seconds = []
    for _ in range(asked["times"]):
        begin = time.perf_counter()
        jax.block_until_ready(run())
        seconds.append(time.perf_counter() - begin)
    print(json.dumps({"seconds": seconds, "kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}), flush=True)
