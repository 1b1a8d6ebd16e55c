/* How many runs a launch takes, on devices whose clock is reckoned. */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "engine/launch_size.h"

/* A device: a launch takes so long, and each filling begun so much more. */
typedef struct device {
    uint64_t grain;
    double start_s, filling_s;
    double warm_up_s; /* of the first launch */
} device;

static double time_of(const device *d, uint64_t n, int number)
{
    double n_fillings = (double)((n + d->grain - 1) / d->grain);
    return d->start_s + n_fillings * d->filling_s + (number == 0 ? d->warm_up_s : 0);
}

/* Launches until n runs are done; the first three find the rate. Checks the length of the others
 * but those of the device's last share. */
static void must_keep_time(device d, uint64_t n, double least_s, double most_s)
{
    svi_launch_pace pace = {.grain = d.grain, .n_memory = UINT64_MAX, .n_devices = 1};
    int number = 0;
    for (uint64_t left = n; left > 0; number++) {
        uint64_t size = svi_launch_size(&pace, left);
        double seconds = time_of(&d, size, number);
        cr_assert(size > 0 && size <= left);
        if (number == 0) cr_assert_eq(size, left < d.grain ? left : d.grain);
        left -= size;
        pace.runs_per_s = (double)size / seconds;
        if (number < 3 || left == 0) continue;
        cr_assert(seconds >= least_s && seconds <= most_s,
                  "launch %d of %" PRIu64 " runs takes %g s, filling %g s", number, size, seconds,
                  d.filling_s);
    }
    cr_assert_gt(number, 5);
}

Test(launch_size, takes_a_fifth_of_a_second_to_one)
{
    const double filling_s[] = {1e-5, 3e-4, 1e-3, 0.02, 0.11, 0.24, 0.26, 0.4, 0.51, 0.9};
    for (size_t i = 0; i < sizeof filling_s / sizeof *filling_s; i++) {
        device d = {.grain = 528, .start_s = 1e-4, .filling_s = filling_s[i], .warm_up_s = 2};
        must_keep_time(d, (uint64_t)(528 * 20 / filling_s[i]), 0.2, 1);
    }
}

/* A filling cannot be cut: its runs take as long one by one. */
Test(launch_size, is_one_filling_where_that_takes_longer)
{
    device d = {.grain = 264, .start_s = 1e-4, .filling_s = 7};
    must_keep_time(d, 264 * 8, 7, 7.1);
}

Test(launch_size, keeps_to_memory_and_to_what_is_left)
{
    svi_launch_pace pace = {.grain = 100, .runs_per_s = 1e6, .n_memory = 250, .n_devices = 1};
    cr_assert_eq(svi_launch_size(&pace, 1000000), 250);
    cr_assert_eq(svi_launch_size(&pace, 7), 7);
    pace.n_memory = 0;
    cr_assert_eq(svi_launch_size(&pace, 7), 1);
}

/* Launches are known beforehand where the rate is near what was expected. */
Test(launch_size, keeps_to_what_is_expected_unless_that_is_far_off)
{
    svi_launch_pace pace = {
        .grain = 10, .expected_runs_per_s = 2000, .n_memory = UINT64_MAX, .n_devices = 1};
    const double rates[] = {0, 501, 2000, 7999}, far_off[] = {499, 8001};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        pace.runs_per_s = rates[i];
        cr_assert_eq(svi_launch_size(&pace, 1000000), 1000, "at %g runs a second", rates[i]);
    }
    for (size_t i = 0; i < sizeof far_off / sizeof *far_off; i++) {
        pace.runs_per_s = far_off[i];
        uint64_t n = (uint64_t)(far_off[i] * SVI_LAUNCH_TARGET_S / 10) * 10;
        cr_assert_eq(svi_launch_size(&pace, 1000000), n, "at %g runs a second", far_off[i]);
    }
}

Test(launch_size, is_what_was_asked_for)
{
    svi_launch_pace pace = {.grain = 16, .runs_per_s = 1e6, .n_asked = 5, .n_memory = 100};
    cr_assert_eq(svi_launch_size(&pace, 1000), 5, "also less than a filling");
    cr_assert_eq(svi_launch_size(&pace, 3), 3);
    pace.n_asked = 500;
    cr_assert_eq(svi_launch_size(&pace, 1000), 100);
}

/* No device takes what the others could do at the same time. */
Test(launch_size, leaves_their_share_to_the_other_devices)
{
    svi_launch_pace pace = {.grain = 10, .runs_per_s = 1e6, .n_memory = UINT64_MAX, .n_devices = 4};
    cr_assert_eq(svi_launch_size(&pace, 10000000), 500000);
    cr_assert_eq(svi_launch_size(&pace, 400), 100);
    cr_assert_eq(svi_launch_size(&pace, 393), 100, "whole fillings");
    cr_assert_eq(svi_launch_size(&pace, 12), 10);
}

Test(launch_size, stays_in_range_at_absurd_rates)
{
    svi_launch_pace pace = {
        .grain = 1, .runs_per_s = 1e300, .n_memory = UINT64_MAX, .n_devices = 1};
    cr_assert_eq(svi_launch_size(&pace, UINT64_MAX), 1000000000);
    pace.grain = 0;
    pace.runs_per_s = 0;
    cr_assert_eq(svi_launch_size(&pace, 5), 1);
}
