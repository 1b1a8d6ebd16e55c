/* The state before the first step. */
#ifndef SVK_MLP_START_H
#define SVK_MLP_START_H

#include "mlp_rounding.h"

/* Draws elements of a tensor in ascending order, a block of words at a time. */
typedef struct initial_draw {
    uint32_t tensor;
    int is_normal;
    double scale;
    uint32_t word[4][LANES];
} initial_draw;

static void draw_element(const state *s, initial_draw *d, uint64_t element, real *p)
{
    int at = svk_initial_word(element, d->is_normal);
    if (at == 0) FOR_LANES(l)
        {
            svk_block b = svk_draw_block(s->lanes[l].seed_init, SVK_STREAM_INIT, d->tensor,
                                         svk_initial_block(element, d->is_normal));
            for (int i = 0; i < 4; i++) d->word[i][l] = b.word[i];
        }
    FOR_LANES(l)
    p[l] =
        svk_real_initial_of_words(d->word[at][l], d->word[(at + 1) & 3][l], d->is_normal, d->scale);
}

static void draw_initial_weights(state *s)
{
    const svk_net *net = s->net;
    for (int layer = 0; layer < net->n_layers; layer++) {
        int n_in = net->layer[layer].n_in, n_out = net->layer[layer].n_out;
        uint32_t number = (uint32_t)net->layer[layer].tensor;
        initial_draw weights = {number, net->is_normal, net->weight_scale[layer], {{0}}};
        initial_draw biases = {number + 1, 0, net->bias_scale[layer], {{0}}};
        uint64_t element = 0;
        for (int j = 0; j < n_out; j++)
            for (int k = 0; k < n_in; k++)
                draw_element(s, &weights, element++,
                             s->weight[layer].master + weight_at(s, layer, j, k));
        for (int j = 0; net->has_bias && j < n_out; j++)
            draw_element(s, &biases, (uint64_t)j, s->bias[layer].value + j * LANES);
    }
}

/* lanes: [LANES]. The workspace is cleared: padding must be finite, velocities start at zero. */
static void state_begin(state *s, const svk_lane *lanes)
{
    const svk_training *t = s->training;
    memset(s->weight[0].value, 0, (size_t)((char *)s->parts - (char *)s->weight[0].value));
    s->lanes = lanes;
    for (int l = 0; l < LANES; l++) s->x[l] = lanes[l].x;
    for (int i = 0; i < 4; i++) v_store(s->ones + i * LANES, v_set1(1));
    s->momentum = (real)t->momentum;
    s->powers = (svk_moment_powers){1.0, 1.0};
    for (int l = 0; l < LANES; l++) s->n_steps_run[l] = t->n_steps;
    s->is_schedule_shared = t->path != SVK_PATH_ARRIVAL;
    for (int l = 0; l < LANES; l++) s->arrivals[l] = (svk_bit_stream){lanes[l].arrivals, 0, 0};
    for (int l = 1; l < LANES; l++)
        s->is_schedule_shared &= lanes[l].seed_schedule == lanes[0].seed_schedule;
    draw_initial_weights(s);
    for (int l = 0; l < s->net->n_layers; l++) round_weights(s, l);
}

#endif
