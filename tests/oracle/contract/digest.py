"""The digest (section 9)."""
import numpy as np

from philox import HALF, LOW, philox

KEY = (0x64656573, 0x31726176)


def digest(parameters):
    """32 hexadecimal digits for an array of parameters, binary32 or binary64, in the order of their numbers."""
    wide = parameters.dtype == np.float64
    pattern = parameters.view(np.uint64 if wide else np.uint32).astype(np.uint64)
    pattern = np.where(np.isnan(parameters), np.uint64(0x7FF8000000000000 if wide else 0x7FC00000), pattern)
    i = np.arange(parameters.size, dtype=np.uint64)
    words = philox((i & LOW, i >> HALF, pattern & LOW, pattern >> HALF), KEY)
    return "".join(f"{int(w.sum()) % 2**32:08x}" for w in words)
