#!/usr/bin/env python3
"""PyTorch beside seedvar: all seeds in one batched product, either vmap over torch.func.grad, or baddbmm with the gradient
written out; on a GPU an epoch is one CUDA graph. True fp32 products. See peer_rounds.py."""
import sys

import torch

import peer_rounds as peer

try:
    from torch.func import grad, vmap
except ImportError:  # before PyTorch 2
    from functorch import grad, vmap

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False


def wait(device):
    if device == "cuda":
        torch.cuda.synchronize()


class Replayed:
    """A function without arguments that works in place: on a GPU captured once and replayed."""

    def __init__(self, work, device):
        self.work = work
        if device != "cuda":
            return
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            work()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            work()
        self.work = graph.replay

    def __call__(self):
        self.work()


class Networks:
    """n networks, each with its own shuffle. A form says how step() moves them by one batch."""

    def __init__(self, job, n, device, x, label):
        j = peer.JOBS[job]
        self.j, self.n, self.device = j, n, device
        self.x = torch.tensor(x, device=device)
        self.label = torch.tensor(label, device=device, dtype=torch.int64)
        self.factors = torch.tensor(peer.coprimes(len(label)), device=device, dtype=torch.int64)
        self.steps = len(label) // j["batch_size"]
        self.places = torch.arange(self.steps * j["batch_size"], device=device)
        self.a = torch.ones(n, 1, dtype=torch.int64, device=device)
        self.b = torch.zeros(n, 1, dtype=torch.int64, device=device)
        self.weights = [torch.zeros(n, i, o, device=device) for i, o in zip(j["layers"], j["layers"][1:])]
        self.biases = [torch.zeros(n, 1, o, device=device) for o in j["layers"][1:]]
        self.velocity = [torch.zeros_like(p) for p in self.weights + self.biases]
        self.epoch = Replayed(self.do_epoch, device)

    def begin(self):
        for w, b in zip(self.weights, self.biases):
            bound = (6 / w.shape[1]) ** 0.5
            w.uniform_(-bound, bound)
            b.uniform_(-w.shape[1] ** -0.5, w.shape[1] ** -0.5)
        for v in self.velocity:
            v.zero_()

    def do_epoch(self):
        for t in range(self.steps):
            size = self.j["batch_size"]
            at = (self.a * self.places[t * size:(t + 1) * size] + self.b) % len(self.label)
            self.step(self.x[at], self.label[at])

    def outputs(self, rows):
        """Of all layers; the last without its activation."""
        values = [rows]
        for i, (w, b) in enumerate(zip(self.weights, self.biases)):
            z = torch.baddbmm(b, values[-1], w)
            values.append(z if i + 1 == len(self.weights) else z.relu_())
        return values

    def run(self):
        self.begin()
        for _ in range(self.j["epochs"]):
            self.a.copy_(self.factors[torch.randint(len(self.factors), (self.n, 1), device=self.device)])
            self.b.random_(0, len(self.label))
            self.epoch()
        wait(self.device)

    def share_right(self):
        few = [p[:16] for p in self.weights], [p[:16] for p in self.biases]
        rows = self.x.expand(len(few[0][0]), -1, -1)
        for i, (w, b) in enumerate(zip(*few)):
            rows = torch.baddbmm(b, rows, w)
            if i + 1 < len(few[0]):
                rows = rows.relu()
        found = (rows[..., 0] > 0).long() if rows.shape[2] == 1 else rows.argmax(2)
        return round(float((found == self.label).float().mean()), 4)


class Written(Networks):
    """The gradient written out: two batched products a layer and the update folded into the second."""

    def step(self, rows, labels):
        values = self.outputs(rows)
        if values[-1].shape[2] == 1:
            delta = (torch.sigmoid(values[-1]) - labels[..., None]) / labels.shape[1]
        else:
            delta = torch.softmax(values[-1], 2)
            delta.scatter_add_(2, labels[..., None], torch.full_like(labels[..., None], -1, dtype=delta.dtype))
            delta /= labels.shape[1]
        for i in range(len(self.weights) - 1, -1, -1):
            below = torch.bmm(delta, self.weights[i].transpose(1, 2)) if i > 0 else None
            self.update(i, values[i], delta)
            if i > 0:
                delta = below.mul_(values[i] > 0)

    def update(self, i, inputs, delta):
        lr, momentum = self.j["lr"], self.j["momentum"]
        w, b = self.weights[i], self.biases[i]
        of_b = delta.sum(1, keepdim=True)
        if momentum == 0:
            w.baddbmm_(inputs.transpose(1, 2), delta, alpha=-lr)
            b.add_(of_b, alpha=-lr)
            return
        vw, vb = self.velocity[i], self.velocity[len(self.weights) + i]
        w.add_(vw.baddbmm_(inputs.transpose(1, 2), delta, beta=momentum), alpha=-lr)
        b.add_(vb.mul_(momentum).add_(of_b), alpha=-lr)


class Mapped(Networks):
    """vmap over grad of the loss of one network."""

    def loss(self, weights, biases, rows, labels):
        for i, (w, b) in enumerate(zip(weights, biases)):
            rows = torch.mm(rows, w) + b
            if i + 1 < len(weights):
                rows = torch.relu(rows)
        if rows.shape[1] == 1:
            return torch.nn.functional.softplus(rows[:, 0]).mean() - (labels * rows[:, 0]).mean()
        return -torch.log_softmax(rows, 1).gather(1, labels[:, None]).mean()

    def step(self, rows, labels):
        of_w, of_b = vmap(grad(self.loss, argnums=(0, 1)))(tuple(self.weights), tuple(self.biases), rows, labels)
        for p, v, g in zip(self.weights + self.biases, self.velocity, list(of_w) + list(of_b)):
            if self.j["momentum"] > 0:
                g = v.mul_(self.j["momentum"]).add_(g)
            p.sub_(g, alpha=self.j["lr"])


def maker_of_networks(form, job, device, x, label):
    def make(n):
        networks = form(job, n, device, x, label)

        def run():
            networks.run()
            return networks.share_right()
        return run
    return make


def maker_of_descents(device, is_compiled):
    j = peer.JOBS["J3"]
    slope = [k * c for k, c in enumerate(j["coefficients"])][1:]

    def descend(x):
        for _ in range(j["steps"]):
            d = torch.full_like(x, slope[-1])
            for c in slope[-2::-1]:
                d = d * x + c
            x = x - j["lr"] * d
        return x

    def make(n):
        x = torch.zeros(n, device=device)
        end = torch.zeros(n, device=device)
        work = torch.compile(descend) if is_compiled else None
        replayed = None if is_compiled else Replayed(lambda: end.copy_(descend(x)), device)

        def run():
            x.uniform_(*j["start"])
            if is_compiled:
                end.copy_(work(x))
            else:
                replayed()
            wait(device)
            return round(float(end[:4096].median()), 4)
        return run
    return make


def maker_of_splits(device):
    x, y = (torch.tensor(column, device=device) for column in peer.line(peer.JOBS["J4"]["points"]))
    n_train = peer.JOBS["J4"]["train"]

    def make(n):
        def run():
            order = torch.rand(n, len(x), device=device).argsort(1)
            tx, ty = x[order[:, :n_train]], y[order[:, :n_train]]
            ex, ey = x[order[:, n_train:]], y[order[:, n_train:]]
            mx, my = tx.mean(1, keepdim=True), ty.mean(1, keepdim=True)
            slope = ((tx - mx) * (ty - my)).sum(1, keepdim=True) / ((tx - mx) ** 2).sum(1, keepdim=True)
            spread = ey - ey.mean(1, keepdim=True)
            r2 = 1 - ((ey - (my + slope * (ex - mx))) ** 2).sum(1) / (spread ** 2).sum(1)
            wait(device)
            return round(float(r2[:4096].median()), 4)
        return run
    return make


def main():
    options = peer.arguments()
    device = options.device
    if device == "cuda" and not torch.cuda.is_available():
        sys.exit("PyTorch cannot use cuda here")
    first = 16384 if device == "cuda" else 64

    def forms_of(job):
        if job == "J3":
            forms = [("one operation a step", 16 * first, maker_of_descents(device, False))]
            if hasattr(torch, "compile"):
                forms.append(("torch.compile", 16 * first, maker_of_descents(device, True)))
            return forms
        if job == "J4":
            return [("argsort", 4 * first, maker_of_splits(device))]
        x, label = peer.moons(256, 0.2) if job == "J1" else peer.digits(options.digits, 1438)
        return [("baddbmm, gradient written out", first, maker_of_networks(Written, job, device, x, label)),
                ("vmap of grad", first, maker_of_networks(Mapped, job, device, x, label))]

    versions = {"torch": torch.__version__, "cuda": torch.version.cuda,
                "device": torch.cuda.get_device_name() if device == "cuda" else "cpu"}
    with torch.no_grad():
        peer.serve("PyTorch", versions, forms_of, options)


if __name__ == "__main__":
    main()
