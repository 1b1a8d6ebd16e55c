"""Studies drawn at random: combinations that nobody thought of."""
import random

LOSSES = ("cross_entropy", "logistic", "squared")


def _data(draw, loss):
    names = ["moons", "linear"] if loss == "squared" else ["moons", "iris"] if loss == "cross_entropy" else ["moons"]
    name = draw.choice(names[1:] if loss == "squared" else names)
    data = {"set": name, "standardize": draw.random() < 0.5}
    is_fresh = name != "iris" and draw.random() < 0.4
    if name != "iris":
        data.update(points=draw.randint(20, 150), noise=draw.choice((0, 0.1, 1, 3)))
    if name == "linear":
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
    return {**model, "activation": draw.choice(("relu", "tanh"))} if hidden else model


def _train(draw, loss):
    train = {"loss": loss, "batch_size": draw.choice((1, 5, 8, 16, 33, 1000)),
             "sampling": draw.choice(("shuffle", "shuffle", "replacement")),
             "optimizer": {"kind": draw.choice(("sgd", "momentum")), "lr": draw.choice((1e-3, 0.05, 0.3, 5))}}
    if train["optimizer"]["kind"] == "momentum" or draw.random() < 0.3:
        train["optimizer"]["momentum"] = draw.choice((0, 0.3, 0.9, 0.99))
    train["steps"] = draw.choice((0, 1, 7, 25))
    return train


def _numerics(draw):
    entry = draw.choice(({"path": "serial"}, {"path": "tree", "split": 2 ** draw.randint(1, 5)},
                         {"path": "drawn", "split": draw.randint(3, 32), "replicates": draw.randint(1, 2)}))
    return {**entry, "precision": draw.choice(("fp32", "fp32", "fp64"))}


def random_study(seed):
    draw = random.Random(seed)
    loss = draw.choice(LOSSES)
    return {"data": _data(draw, loss), "model": _model(draw), "train": _train(draw, loss),
            "design": {"kind": "sweep", "seeds": 2, "first_seed": draw.getrandbits(draw.choice((3, 32, 63)))},
            "numerics": [_numerics(draw)]}
