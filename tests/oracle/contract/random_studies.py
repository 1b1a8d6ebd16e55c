"""Studies drawn at random: combinations that nobody thought of."""
import random

LOSSES = ("cross_entropy", "logistic", "squared")


def _data(draw, loss):
    names = {"squared": ["linear"], "logistic": ["moons"], "cross_entropy": ["moons", "iris"]}[loss]
    data = {"set": draw.choice(names), "standardize": draw.random() < 0.5}
    is_fresh = data["set"] != "iris" and draw.random() < 0.4
    if data["set"] != "iris":
        data.update(points=draw.randint(20, 150), noise=draw.choice((0, 0.1, 1, 3)))
    if data["set"] == "linear":
        data["features"] = draw.randint(1, 6)
    if is_fresh:
        data["test_points"] = draw.randint(1, 70)
    if draw.random() < 0.6:
        val, test = draw.choice((0, 0.1, 0.25, 0.3)), 0 if is_fresh else draw.choice((0, 0.15, 0.4))
        data["split"] = {"train": round(1 - val - test, 6), "val": val, "test": test}
    if loss != "squared" and draw.random() < 0.4:
        data.setdefault("split", {})["stratify"] = True
        if is_fresh and len(data["split"]) == 1:
            data["split"]["train"] = 1
    return data


def _model(draw):
    init = draw.choice(("kaiming_uniform", "kaiming_normal", "glorot_uniform", "glorot_normal", "zero",
                        {"kind": "normal", "sd": draw.choice((0.01, 1, 30))},
                        {"kind": "uniform", "bound": draw.choice((0.1, 2))}))
    hidden = [draw.randint(1, 9) for _ in range(draw.choice((0, 1, 1, 2, 3, 4)))]
    model = {"kind": "mlp", "hidden": hidden, "init": init, "bias": draw.choice(("default", "zero", False))}
    if hidden:
        model["activation"] = draw.choice(("relu", "tanh", "sigmoid", "silu", "gelu"))
        model["dropout"] = draw.choice((0, 0, 0.1, 0.5, 0.75))
    return model


def _optimizer(draw):
    kind = draw.choice(("sgd", "momentum", "nesterov", "adam", "adamw"))
    optimizer = {"kind": kind, "lr": draw.choice((1e-3, 0.05, 0.3, 5))}
    if kind in ("momentum", "nesterov") or kind == "sgd" and draw.random() < 0.3:
        optimizer["momentum"] = draw.choice((0, 0.3, 0.9, 0.99))
    if kind.startswith("adam") and draw.random() < 0.5:
        optimizer.update(beta1=draw.choice((0, 0.5, 0.9)), beta2=draw.choice((0, 0.9, 0.9999)),
                         epsilon=draw.choice((1e-37, 1e-8, 0.1)))
    if draw.random() < 0.4:
        optimizer["weight_decay"] = draw.choice((0, 1e-3, 0.5))
    if draw.random() < 0.3:
        optimizer["clip_norm"] = draw.choice((0, 0.01, 0.3, 10))
    return optimizer


def _schedule(draw):
    kind = draw.choice(("constant", "linear", "cosine", "one_cycle"))
    schedule = {"kind": kind}
    if draw.random() < 0.5:
        schedule["warmup"] = draw.choice((1, 3, 24, 25) if kind == "one_cycle" else (0, 1, 4, 25))
    if kind in ("linear", "cosine") and draw.random() < 0.5:
        schedule["final"] = draw.choice((0, 0.3, 1))
    return schedule


def _train(draw, loss, has_validation):
    train = {"loss": loss, "batch_size": draw.choice((1, 5, 8, 16, 33, 1000)),
             "sampling": draw.choice(("shuffle", "shuffle", "replacement")), "optimizer": _optimizer(draw),
             "last_batch": draw.choice(("keep", "drop")), "steps": draw.choice((0, 1, 7, 25))}
    if draw.random() < 0.6:
        train["schedule"] = _schedule(draw)
    if has_validation and draw.random() < 0.4:
        train["early_stopping"] = {"patience": draw.randint(1, 4)}
        if draw.random() < 0.6:
            train["early_stopping"]["every"] = draw.randint(1, 4)
    return train


def _numerics(draw):
    path = draw.choice(("serial", "tree", "butterfly", "compensated", "binned", "fixed", "drawn"))
    entry = {"path": path, "precision": draw.choice(("fp32", "fp32", "fp64", "tf32", "bf16", "fp16"))}
    if path in ("tree", "butterfly"):
        entry["split"] = 2 ** draw.randint(1, 5)
    elif path != "serial":
        entry["split"] = draw.randint(3, 32)
    if path == "drawn":
        entry["replicates"] = draw.randint(1, 2)
    if path == "fixed":
        entry["scale"] = draw.choice((10, 20, 30, 40))
    if entry["precision"] == "fp16":
        entry["loss_scale"] = draw.choice((2**-4, 1, 256, 2**16))
    return entry


def _network(draw):
    loss = draw.choice(LOSSES)
    data = _data(draw, loss)
    shares = data.get("split", {})
    has_validation = shares["val"] > 0 if "val" in shares else "test_points" not in data
    return {"data": data, "model": _model(draw), "train": _train(draw, loss, has_validation),
            "numerics": [_numerics(draw) for _ in range(2)]}


def _clusters(draw):
    return {"data": _data(draw, draw.choice(LOSSES)),
            "model": {"kind": "kmeans", "clusters": draw.randint(1, 6), "start": draw.choice(("random", "k-means++"))},
            "train": {"max_iterations": draw.choice((0, 1, 5, 100))},
            "numerics": [{"precision": precision} for precision in ("fp32", "fp64")]}


def random_study(seed):
    draw = random.Random(seed)
    study = (_clusters if draw.random() < 0.15 else _network)(draw)
    return {**study, "design": {"kind": "sweep", "seeds": 2, "first_seed": draw.getrandbits(draw.choice((3, 32, 63)))}}
