/* Parts of a range by several threads: every item once, whatever the parts and the threads. */
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/parallel.h"

enum { MOST = 1000 };

typedef struct tally {
    atomic_int n_of[MOST], n_calls, n_too_long;
    size_t n_part;
} tally;

static void count(void *context, size_t first, size_t n)
{
    tally *t = context;
    t->n_calls++;
    t->n_too_long += n == 0 || n > t->n_part;
    for (size_t i = first; i < first + n; i++) t->n_of[i]++;
}

static void check(int n_threads, size_t n_items, size_t n_part)
{
    tally *t = calloc(1, sizeof *t);
    t->n_part = n_part;
    svi_work_in_parallel(n_threads, n_items, n_part, count, t);
    cr_assert_eq(t->n_calls, (int)((n_items + n_part - 1) / n_part));
    cr_assert_eq(t->n_too_long, 0);
    for (size_t i = 0; i < MOST; i++)
        cr_assert_eq(t->n_of[i], i < n_items, "%d threads, item %zu of %zu, parts of %zu: %d times",
                     n_threads, i, n_items, n_part, t->n_of[i]);
    free(t);
}

Test(parallel, every_item_is_worked_on_once)
{
    const int threads[] = {0, 1, 2, 7, 200};
    const size_t items[] = {0, 1, 63, 64, 65, MOST}, parts[] = {1, 64, 5000};
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++)
        for (size_t i = 0; i < sizeof items / sizeof *items; i++)
            for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
                check(threads[t], items[i], parts[p]);
}

static void wait_for_another(void *context, size_t first, size_t n)
{
    atomic_int *n_here = context;
    (void)first, (void)n;
    ++*n_here;
    while (*n_here < 2) {
    }
}

Test(parallel, parts_are_worked_on_at_a_time, .timeout = 60)
{
    atomic_int n_here = 0;
    svi_work_in_parallel(2, 2, 1, wait_for_another, &n_here);
    cr_assert_eq(n_here, 2);
}

Test(parallel, there_is_a_core) { cr_assert_geq(svi_n_cores(), 1); }
