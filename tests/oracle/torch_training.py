"""Training of a case of export_case by PyTorch alone, in binary64: its layers, losses, gradients, optimizers and learning
rates. Only the dropped units are not PyTorch's: they come from docs/numerics.md, sections 2 and 6."""
import pathlib
import sys
import warnings

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "contract"))
from philox import uniform, word  # noqa: E402

warnings.filterwarnings("ignore", message="The epoch parameter")  # PyTorch's SequentialLR gives it to itself
DROPOUT_STREAM = 4
ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid, "silu": torch.nn.SiLU,
               "gelu": lambda: torch.nn.GELU(approximate="tanh")}
POOLS = {"none": torch.nn.Identity, "max": lambda: torch.nn.MaxPool2d(2), "average": lambda: torch.nn.AvgPool2d(2)}
LOSSES = {"cross_entropy": torch.nn.CrossEntropyLoss, "logistic": torch.nn.BCEWithLogitsLoss,
          "squared": torch.nn.MSELoss}


class Dropout(torch.nn.Module):
    """Multiplies the units of one hidden layer by factors made beforehand; in evaluation by 1."""

    def __init__(self, case, layer):
        super().__init__()
        self.case, self.layer, self.factors = case, layer, None

    def draw(self, step, n_samples):
        width, share = self.case["widths"][self.layer + 1], self.case["dropout"]
        sample = torch.arange(n_samples)[:, None] + step * self.case["batch_size"]
        element = 4 * sample * ((width + 3) // 4) + torch.arange(width)
        words = word(self.case["seed_dropout"], DROPOUT_STREAM, self.layer, element.numpy())
        self.factors = torch.from_numpy((uniform(words) >= share) / (1 - share))

    def forward(self, values):
        return values * self.factors if self.training else values


def make_optimizer(settings, parameters):
    lr, decay, kind = settings["lr"], settings["weight_decay"], settings["kind"]
    if kind in ("adam", "adamw"):
        make = torch.optim.Adam if kind == "adam" else torch.optim.AdamW
        return make(parameters, lr=lr, betas=(settings["beta1"], settings["beta2"]), eps=settings["epsilon"],
                    weight_decay=decay)
    return torch.optim.SGD(parameters, lr=lr, momentum=settings["momentum"], weight_decay=decay,
                           nesterov=kind == "nesterov")


def one_cycle(optimizer, lr, n_steps, warmup):
    """PyTorch's rise ends at step pct_start * total_steps - 1. Without a rise only the fall is left."""
    schedulers = torch.optim.lr_scheduler
    if warmup == 0:
        return schedulers.CosineAnnealingLR(optimizer, max(n_steps - 1, 1), lr / 250000)
    total = max(n_steps, warmup + 2)
    return schedulers.OneCycleLR(optimizer, lr, total_steps=total, pct_start=(warmup + 1) / total, cycle_momentum=False)


def make_scheduler(settings, optimizer, n_steps, warmup):
    """PyTorch's own schedulers; warm-up is its LinearLR before them. Its step() after each step sets the next rate."""
    schedulers, lr, final = torch.optim.lr_scheduler, settings["lr"], settings["final"]
    if settings["schedule"] == "one_cycle":
        return one_cycle(optimizer, lr, n_steps, warmup)
    n_left = max(n_steps - warmup, 1)
    rest = {"constant": lambda: schedulers.ConstantLR(optimizer, 1, n_left),
            "linear": lambda: schedulers.LinearLR(optimizer, 1, final, n_left),
            "cosine": lambda: schedulers.CosineAnnealingLR(optimizer, n_left, lr * final)}[settings["schedule"]]
    if warmup == 0:
        return rest()
    rise = schedulers.LinearLR(optimizer, 1 / warmup, 1, warmup - 1)
    return schedulers.SequentialLR(optimizer, [rise, rest()], [warmup])


def rates(settings, n_steps, warmup):
    """The learning rates of n_steps steps."""
    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], lr=settings["lr"])
    scheduler = make_scheduler(settings, optimizer, n_steps, warmup)
    found = []
    for step in range(n_steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step + 1 < n_steps:
            scheduler.step()
    return found


class Oracle:
    """The network of one arm, trained by PyTorch. n_clipped, n_steps: of all trainings so far."""

    def __init__(self, case):
        self.case, self.n_clipped, self.n_steps = case, 0, 0
        self.x = torch.tensor(case["x"], dtype=torch.float64)
        is_class = case["loss"] == "cross_entropy"
        self.y = torch.tensor(case["y"], dtype=torch.int64 if is_class else torch.float64)
        self.y = self.y if is_class else self.y[:, None]
        self.loss = LOSSES[case["loss"]]()

    def stages(self):
        """From the features to the inputs of the first dense layer."""
        if not self.case["conv"]:
            return []
        channels, layers = self.case["image"][0], [torch.nn.Unflatten(1, self.case["image"])]
        for stage in self.case["conv"]:
            kernel, padding = stage["kernel"], stage["kernel"] // 2 if stage["padding"] == "same" else 0
            layers += [torch.nn.Conv2d(channels, stage["channels"], kernel, stage["stride"], padding, dtype=torch.float64),
                       ACTIVATIONS[self.case["activation"]](), POOLS[stage["pool"]]()]
            channels = stage["channels"]
        return layers + [torch.nn.Flatten()]

    def network(self, start):
        """start: parameters in seedvar's order, which is PyTorch's: layer by layer, weights [out][in], biases."""
        layers, widths = self.stages(), self.case["widths"]
        for layer, (n_in, n_out) in enumerate(zip(widths, widths[1:])):
            layers += [torch.nn.Linear(n_in, n_out, dtype=torch.float64), ACTIVATIONS[self.case["activation"]](),
                       Dropout(self.case, layer)]
        net = torch.nn.Sequential(*layers[:-2])
        torch.nn.utils.vector_to_parameters(torch.tensor(start, dtype=torch.float64), net.parameters())
        return net

    def clip(self, net, most):
        """To C / N, where PyTorch's clip_grad_norm_ has C / (N + 1e-6)."""
        norm = torch.sqrt(sum((p.grad ** 2).sum() for p in net.parameters()))
        if 0 < most < norm:
            self.n_clipped += 1
            for p in net.parameters():
                p.grad *= most / norm

    def train(self, start, n_steps, warmup):
        net, settings = self.network(start), self.case["optimizer"]
        optimizer = make_optimizer(settings, net.parameters())
        scheduler = make_scheduler(settings, optimizer, n_steps, warmup)
        for step in range(n_steps):
            rows = self.case["visits"][step]
            for layer in net:
                if isinstance(layer, Dropout):
                    layer.draw(step, len(rows))
            optimizer.zero_grad()
            self.loss(net(self.x[rows]), self.y[rows]).backward()
            self.clip(net, settings["clip_norm"])
            optimizer.step()
            if step + 1 < n_steps:
                scheduler.step()
        self.n_steps += n_steps
        return net.eval()

    def losses(self, net):
        first, losses = 0, {}
        with torch.no_grad():
            for part in ("train", "val", "test"):
                rows = slice(first, first + self.case[f"n_{part}"])
                first = rows.stop
                if rows.start < rows.stop:
                    losses[f"{part}_loss"] = self.loss(net(self.x[rows]), self.y[rows]).item()
        return losses
