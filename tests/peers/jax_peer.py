#!/usr/bin/env python3
"""JAX beside seedvar: vmap over seeds of a lax.scan over steps, one compiled call, true fp32 products. See peer_rounds.py."""
import os
import sys

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax
import jax.numpy as jnp
from jax import lax

import peer_rounds as peer

jax.config.update("jax_default_matmul_precision", "highest")
jax.config.update("jax_default_prng_impl", "unsafe_rbg")


def product_by_dot(a, b):
    return a @ b


def product_by_sum(a, b):
    """For layers so narrow that a library's matrix product is all overhead: XLA fuses this with what surrounds it."""
    return jnp.sum(a[:, :, None] * b[None, :, :], axis=1)


def network(job, x, label, product, unroll):
    """Returns train(key): the share of rows that one network, trained from this key, classifies rightly."""
    j = peer.JOBS[job]
    n, widths, size = len(label), j["layers"], j["batch_size"]
    steps_an_epoch = n // size
    n_steps = steps_an_epoch * j["epochs"]
    factors = jnp.asarray(peer.coprimes(n))

    def outputs(parameters, rows):
        for i, (w, b) in enumerate(parameters):
            rows = product(rows, w) + b
            if i + 1 < len(parameters):
                rows = jax.nn.relu(rows)
        return rows

    def loss(parameters, rows, labels):
        z = outputs(parameters, rows)
        if widths[-1] == 1:
            return jnp.mean(jax.nn.softplus(z[:, 0]) - labels * z[:, 0])
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), labels[:, None], axis=1))

    def start(key):
        keys = jax.random.split(key, 2 * len(widths))
        layers = []
        for i, (n_in, n_out) in enumerate(zip(widths, widths[1:])):
            bound = (6 / n_in) ** 0.5
            layers.append((jax.random.uniform(keys[2 * i], (n_in, n_out), minval=-bound, maxval=bound),
                           jax.random.uniform(keys[2 * i + 1], (n_out,), minval=-n_in ** -0.5, maxval=n_in ** -0.5)))
        return layers

    def train(key):
        begun, a, b = jax.random.split(key, 3)
        a = jax.random.choice(a, factors, (j["epochs"],))
        b = jax.random.randint(b, (j["epochs"],), 0, n)

        def step(state, t):
            epoch, first = t // steps_an_epoch, t % steps_an_epoch * size
            at = (a[epoch] * (first + jnp.arange(size)) + b[epoch]) % n
            parameters, velocity = state
            gradient = jax.grad(loss)(parameters, x[at], label[at])
            if j["momentum"] > 0:
                velocity = jax.tree_util.tree_map(lambda v, g: j["momentum"] * v + g, velocity, gradient)
                gradient = velocity
            parameters = jax.tree_util.tree_map(lambda p, g: p - j["lr"] * g, parameters, gradient)
            return (parameters, velocity), None

        parameters = start(key)
        velocity = jax.tree_util.tree_map(jnp.zeros_like, parameters) if j["momentum"] > 0 else ()
        (parameters, _), _ = lax.scan(step, (parameters, velocity), jnp.arange(n_steps), unroll=unroll)
        return parameters

    def share_right(parameters):
        z = outputs(parameters, x)
        found = (z[:, 0] > 0).astype(jnp.int32) if widths[-1] == 1 else jnp.argmax(z, axis=1)
        return jnp.mean(found == label)

    return train, share_right


def maker_of_networks(job, x, label, product, unroll=1):
    train, share_right = network(job, jnp.asarray(x), jnp.asarray(label), product, unroll)
    train_all, judge_some = jax.jit(jax.vmap(train)), jax.jit(jax.vmap(share_right))

    def make(n):
        keys = jax.random.split(jax.random.PRNGKey(0), n)

        def run():
            parameters = jax.block_until_ready(train_all(keys))
            few = jax.tree_util.tree_map(lambda p: p[:16], parameters)
            return round(float(judge_some(few).mean()), 4)
        return run
    return make


def maker_of_descents(n):
    j = peer.JOBS["J3"]
    slope = [k * c for k, c in enumerate(j["coefficients"])][1:]

    @jax.jit
    def descend(key):
        x = jax.random.uniform(key, (n,), minval=j["start"][0], maxval=j["start"][1])
        for _ in range(j["steps"]):
            d = jnp.full_like(x, slope[-1])
            for c in slope[-2::-1]:
                d = d * x + c
            x = x - j["lr"] * d
        return x

    def run():
        return round(float(jnp.median(jax.block_until_ready(descend(jax.random.PRNGKey(1))))), 4)
    return run


def maker_of_splits(n):
    x, y = map(jnp.asarray, peer.line(peer.JOBS["J4"]["points"]))
    n_train = peer.JOBS["J4"]["train"]

    @jax.jit
    def fit(key):
        order = jnp.argsort(jax.random.bits(key, (n, len(x))), axis=1)
        train, test = order[:, :n_train], order[:, n_train:]
        tx, ty = x[train], y[train]
        mx, my = tx.mean(1, keepdims=True), ty.mean(1, keepdims=True)
        slope = jnp.sum((tx - mx) * (ty - my), 1, keepdims=True) / jnp.sum((tx - mx) ** 2, 1, keepdims=True)
        residual = y[test] - (my + slope * (x[test] - mx))
        spread = y[test] - y[test].mean(1, keepdims=True)
        return 1 - jnp.sum(residual ** 2, 1) / jnp.sum(spread ** 2, 1)

    def run():
        return round(float(jnp.median(jax.block_until_ready(fit(jax.random.PRNGKey(2))))), 4)
    return run


def main():
    options = peer.arguments()
    platform = "gpu" if options.device == "cuda" else "cpu"
    try:
        jax.config.update("jax_platforms", "cuda" if options.device == "cuda" else "cpu")
        device = jax.devices(platform)[0]
    except RuntimeError as error:
        sys.exit(f"JAX cannot use {options.device}: {error}")
    first = 16384 if options.device == "cuda" else 64

    def forms_of(job):
        if job == "J3":
            return [("unrolled", 16 * first, maker_of_descents)]
        if job == "J4":
            return [("argsort", 4 * first, maker_of_splits)]
        x, label = peer.moons(256, 0.2) if job == "J1" else peer.digits(options.digits, 1438)
        forms = [("vmap of scan", first, maker_of_networks(job, x, label, product_by_dot))]
        if job == "J1":
            forms.append(("vmap of scan, products as sums", first, maker_of_networks(job, x, label, product_by_sum)))
            forms.append(("vmap of scan, four steps at a time", first,
                          maker_of_networks(job, x, label, product_by_dot, unroll=4)))
        return forms

    import jaxlib
    peer.serve("JAX", {"jax": jax.__version__, "jaxlib": jaxlib.__version__, "device": str(device.device_kind)}, forms_of,
               options)


if __name__ == "__main__":
    main()
