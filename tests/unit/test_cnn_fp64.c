/* Convolutional networks in binary64 against their definition. */
#define SVK_REAL_BITS 64
#include "cnn_rig.h"

static const char text[] =
    "data: {set: digits, standardize: true, split: {train: 0.02, test: 0.03, val: 0.95}}\n"
    "model: {kind: cnn, hidden: [7], activation: tanh, conv: [{channels: 5, pool: max},"
    " {channels: 3, kernel: 5, stride: 2}, {channels: 6, kernel: 5, pool: average}]}\n"
    "train: {loss: cross_entropy, optimizer: {lr: 0.1}, batch_size: 10, steps: 3}\n"
    "numerics: [{precision: fp64}]\n" SWEEP;

Test(cnn_fp64, paths_have_the_bits_of_their_definition)
{
    static const char *const simd[] = {"plain", "avx2", "avx512"};
    for (int path = 0; !SVK_PATH_IS_HARDWARE(path); path++)
        for (int i = 0; i < 3; i++) {
            rig r;
            char what[40];
            const svk_cpu_kernels *k = svk_cpu_kernels_find(simd[i], SVK_PRECISION_FP64);
            if (k == NULL) continue;
            snprintf(what, sizeof what, "path %d, %s", path, simd[i]);
            rig_open(&r, text);
            r.numerics.path = path;
            r.numerics.n_parts = path == SVK_PATH_SERIAL ? 1 : 4;
            r.numerics.fixed_scale = 30;
            rig_check(&r, simd[i], (size_t)k->n_lanes, what);
            rig_close(&r);
        }
}
