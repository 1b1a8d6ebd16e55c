"""Convolutions and pools (section 6). The values of an image are flat: [...][C * H * W], by (channel, row, column)."""
import numpy as np

from exact import fma
from layers import Layer


def _pixels(flat, channels, height, width):
    return flat.reshape(*flat.shape[:-1], channels, height, width)


def _flat(image):
    return image.reshape(*image.shape[:-3], -1)


class Convolution(Layer):
    """weights [runs][O][C * K * K]. image: (channels, height, width) of the inputs; `made`, that of the outputs."""

    def __init__(self, l, image, stage, init, bias, seeds, real):
        self.kernel, self.stride, self.image = stage.get("kernel", 3), stage.get("stride", 1), image
        self.padding = (self.kernel - 1) // 2 if stage.get("padding", "same") == "same" else 0
        channels, area = stage["channels"], self.kernel**2
        super().__init__(l, image[0] * area, channels, init, bias, seeds, real, fan_out=channels * area)
        sides = [(side + 2 * self.padding - self.kernel) // self.stride + 1 for side in image[1:]]
        self.made = channels, *sides
        self.n_values = channels * sides[0] * sides[1]

    def _line(self, tap, axis):
        """The rows (axis 1) or columns (axis 2) of outputs whose tap is inside, and those of inputs that it is."""
        outputs = np.arange(self.made[axis])
        inputs = outputs * self.stride + tap - self.padding
        is_inside = (inputs >= 0) & (inputs < self.image[axis])
        return outputs[is_inside], inputs[is_inside]

    def _taps(self):
        """Of each tap (i, j), j fastest: its number, and the places [rows][columns] of outputs and of inputs."""
        for tap in range(self.kernel**2):
            rows, columns = self._line(tap // self.kernel, 1), self._line(tap % self.kernel, 2)
            yield tap, np.ix_(rows[0], columns[0]), np.ix_(rows[1], columns[1])

    def sums(self, h):
        h = _pixels(h, *self.image)
        z = self.first_sums(h.shape[1])[..., None, None] + np.zeros(self.made[1:], h.dtype)
        for c in range(self.image[0]):
            for tap, outputs, inputs in self._taps():
                place, k = (..., *outputs), c * self.kernel**2 + tap
                z[place] = fma(self.operands[:, None, :, k, None, None], h[:, :, c, None][(..., *inputs)], z[place])
        return _flat(z)

    def back(self, delta):
        delta = _pixels(delta, *self.made)
        s = np.zeros((*delta.shape[:2], *self.image), delta.dtype)
        weights = self.operands.reshape(*self.operands.shape[:2], self.image[0], -1)
        for o in range(self.made[0]):
            for tap, outputs, inputs in self._taps():
                place = (..., *inputs)
                s[place] = fma(delta[:, :, o, None][(..., *outputs)], weights[:, None, o, :, tap, None, None], s[place])
        return _flat(s)

    def terms(self, delta, h):
        """A term for each output of a channel, by (row, column)."""
        n_outputs, area = self.made[1] * self.made[2], self.kernel**2
        h = _pixels(h, *self.image)
        taps = np.zeros((*h.shape[:3], area, *self.made[1:]), h.dtype)
        is_inside = np.zeros((self.image[0], area, *self.made[1:]), bool)
        for tap, outputs, inputs in self._taps():
            taps[:, :, :, tap][(..., *outputs)] = h[(..., *inputs)]
            is_inside[:, tap][(..., *outputs)] = True
        return (np.moveaxis(delta.reshape(*delta.shape[:2], -1, n_outputs), 2, 3),
                np.moveaxis(taps.reshape(*taps.shape[:2], -1, n_outputs), 2, 3),
                is_inside.reshape(-1, n_outputs).T)


class NoPool:
    def __init__(self, image):
        self.made = image

    def value(self, h):
        return h

    def back(self, h, delta):
        return delta


class Pool:
    """Of windows of 2 x 2. image: that of its inputs; `made`, that of its outputs."""

    def __init__(self, image):
        self.image = image
        self.made = image[0], image[1] // 2, image[2] // 2

    def corners(self, image):
        """Views of the values a, b, c, d of all windows."""
        height, width = 2 * self.made[1], 2 * self.made[2]
        return [image[..., y:height:2, x:width:2] for y in (0, 1) for x in (0, 1)]


class MaxPool(Pool):
    def _greatest(self, h):
        """The values, and which corner each was last set to."""
        first, *rest = self.corners(_pixels(h, *self.image))
        m, last = first, np.zeros(first.shape, int)
        for number, corner in enumerate(rest, 1):
            last, m = np.where(corner > m, number, last), np.where(corner > m, corner, m)
        return m, last

    def value(self, h):
        return _flat(self._greatest(h)[0])

    def back(self, h, delta):
        _, last = self._greatest(h)
        delta, s = _pixels(delta, *self.made), np.zeros_like(_pixels(h, *self.image))
        for number, corner in enumerate(self.corners(s)):
            corner[...] = np.where(last == number, delta, delta.dtype.type(0))
        return _flat(s)


class AveragePool(Pool):
    def value(self, h):
        a, b, c, d = self.corners(_pixels(h, *self.image))
        return _flat((((a + b) + c) + d) * h.dtype.type(0.25))

    def back(self, h, delta):
        quarter, s = delta.dtype.type(0.25) * _pixels(delta, *self.made), np.zeros_like(_pixels(h, *self.image))
        for corner in self.corners(s):
            corner[...] = quarter
        return _flat(s)


POOLS = {"none": NoPool, "max": MaxPool, "average": AveragePool}


def image_of(model, n_features):
    side = round(n_features**0.5)
    return tuple(model.get("image", (1, side, side)))
