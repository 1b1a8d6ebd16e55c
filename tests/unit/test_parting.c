/* Parameters that differ are counted by tensor, and the first is named by its place. */
#include <criterion/criterion.h>
#include <string.h>

#include "bisect/parting.h"

/* 3 inputs, 2 units, a pool, 1 output: parameters 0-5, 6-7; 8-9, 10. */
enum { N_PARAMETERS = 11 };
static const svk_net net = {
    .n_layers = 3, .has_bias = 1, .layer = {{.n_in = 3, .n_out = 2}, {0}, {.n_in = 2, .n_out = 1}}};

static svi_parting part(bool is_fp64, size_t at, double value)
{
    double a[N_PARAMETERS], b[N_PARAMETERS];
    svi_parting parting;
    for (size_t i = 0; i < N_PARAMETERS; i++) a[i] = b[i] = 1;
    b[at] = value;
    svi_parting_find(&net, is_fp64, a, b, &parting);
    return parting;
}

Test(parting, every_parameter_has_its_place)
{
    static const struct {
        int layer;
        bool is_bias;
        uint64_t out, in;
    } places[N_PARAMETERS] = {{1, false, 0, 0}, {1, false, 0, 1}, {1, false, 0, 2},
                              {1, false, 1, 0}, {1, false, 1, 1}, {1, false, 1, 2},
                              {1, true, 0, 0},  {1, true, 1, 0},  {3, false, 0, 0},
                              {3, false, 0, 1}, {3, true, 0, 0}};
    for (size_t i = 0; i < N_PARAMETERS; i++) {
        svi_parting p = part(false, i, 2);
        const svi_tensor_parting *t = &p.tensor[p.of_tensor];
        cr_expect_eq(p.n, N_PARAMETERS);
        cr_expect_eq(p.n_different, 1);
        cr_expect_eq(p.parameter, i);
        cr_expect_eq(t->layer, places[i].layer, "%zu", i);
        cr_expect_eq(t->is_bias, places[i].is_bias, "%zu", i);
        cr_expect_eq(t->n_different, 1);
        cr_expect_eq(p.out, places[i].out, "%zu", i);
        cr_expect_eq(p.in, places[i].in, "%zu", i);
    }
}

Test(parting, ulps_are_those_of_the_format)
{
    svi_parting of_float = part(false, 3, 1 + 0x3p-23), of_double = part(true, 3, 1 - 0x1p-53);
    cr_expect_eq(of_float.ulps, 3);
    cr_expect_eq(of_float.bits[1], 0x3f800003);
    cr_expect_eq(of_float.tensor[0].max_ulp, 3);
    cr_expect_eq(of_double.ulps, 1);
    cr_expect_eq(of_double.bits[0], UINT64_C(0x3ff0000000000000));
    cr_expect_eq(of_double.value[1], 1 - 0x1p-53);
}

Test(parting, zeros_of_two_signs_differ_and_equal_networks_do_not)
{
    double a[N_PARAMETERS] = {0}, b[N_PARAMETERS] = {0};
    svi_parting p;
    svi_parting_find(&net, false, a, b, &p);
    cr_expect_eq(p.n_different, 0);
    b[10] = -0.0;
    svi_parting_find(&net, false, a, b, &p);
    cr_expect_eq(p.n_different, 1);
    cr_expect_eq(p.ulps, 1);
}
