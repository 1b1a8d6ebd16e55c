#include "data/generators.h"

#include "elementary.h"
#include "philox.h"

int svi_moons_label(uint64_t row) { return (int)(row & 1u); }

void svi_moons_draw(uint64_t seed, uint32_t part, uint64_t n, double noise, double *x, double *y)
{
    for (uint64_t i = 0; i < n; i++) {
        svk_block b = svk_draw_block(seed, SVK_STREAM_DATA, part, i);
        double sine, cosine, z0, z1;
        svk_sincospi_f64((double)svk_uniform(b.word[0]), &sine, &cosine);
        svk_normal_pair(b.word[2], b.word[3], &z0, &z1);
        int label = svi_moons_label(i);
        x[2 * i] = fma(noise, z0, label == 0 ? cosine : 1.0 - cosine);
        x[2 * i + 1] = fma(noise, z1, label == 0 ? sine : 0.5 - sine);
        y[i] = (double)label;
    }
}

void svi_linear_draw(uint64_t seed, uint32_t part, uint64_t n, uint64_t n_features, double noise,
                     double *x, double *y)
{
    uint64_t n_words = 4 * ((n_features + 2 + 3) / 4);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t first = i * n_words;
        svk_block b = svk_draw_block(seed, SVK_STREAM_DATA, part, first / 4);
        double z0, z1, sum = 0.0;
        svk_normal_pair(b.word[0], b.word[1], &z0, &z1);
        for (uint64_t j = 0; j < n_features; j++) {
            uint64_t word = 2 + j;
            if (word % 4 == 0) b = svk_draw_block(seed, SVK_STREAM_DATA, part, (first + word) / 4);
            double value = fma(2.0, (double)svk_uniform(b.word[word % 4]), -1.0);
            x[i * n_features + j] = value;
            sum += value;
        }
        y[i] = fma(noise, z0, sum);
    }
}
