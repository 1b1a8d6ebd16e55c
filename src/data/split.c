#include "data/split.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/target.h"
#include "data_kernels.h"

typedef struct quotas {
    uint64_t n_rows[SVI_CLASSES_MAX], n_val[SVI_CLASSES_MAX], n_test[SVI_CLASSES_MAX];
} quotas;

static uint64_t share_of(double share, uint64_t n)
{
    return (uint64_t)floor(share * (double)n + 0.5);
}

svi_split_sizes svi_split_count(const svi_dataset *dataset)
{
    svi_split_sizes s = {0};
    s.n_val = share_of(dataset->spec.split.val, dataset->n_rows);
    if (dataset->n_fresh == 0) s.n_test = share_of(dataset->spec.split.test, dataset->n_rows);
    bool is_enough = s.n_val + s.n_test <= dataset->n_rows;
    s.n_train = is_enough ? dataset->n_rows - s.n_val - s.n_test : 0;
    return s;
}

static bool leaves_rest_to_test(const svi_split_spec *split)
{
    return split->is_replaced && !split->is_test_fixed && split->test > 0;
}

uint64_t svi_split_most_test(const svi_dataset *dataset)
{
    svi_split_sizes s = svi_split_count(dataset);
    return leaves_rest_to_test(&dataset->spec.split) ? dataset->n_rows - 1 - s.n_val : s.n_test;
}

bool svi_split_is_drawn(const svi_dataset *dataset)
{
    svi_split_sizes s = svi_split_count(dataset);
    const svi_split_spec *split = &dataset->spec.split;
    return split->is_replaced || s.n_val > 0 || (s.n_test > 0 && !split->is_test_fixed);
}

static int class_of(const svi_dataset *dataset, uint64_t row)
{
    return dataset->is_generated ? (int)svk_row_label(&dataset->generator, row)
                                 : (int)dataset->y[row];
}

/* Shares n places out over the classes in proportion to their rows. */
static void apportion(uint64_t n, uint64_t n_rows, int n_classes, const uint64_t *class_rows,
                      uint64_t *quota)
{
    uint64_t remainder[SVI_CLASSES_MAX], n_left = n;
    for (int c = 0; c < n_classes; c++) {
        quota[c] = n * class_rows[c] / n_rows;
        remainder[c] = n * class_rows[c] % n_rows;
        n_left -= quota[c];
    }
    for (; n_left > 0; n_left--) {
        int best = 0;
        for (int c = 1; c < n_classes; c++) {
            if (remainder[c] > remainder[best]) best = c;
        }
        quota[best]++;
        remainder[best] = 0;
    }
}

static void make_quotas(const svi_dataset *dataset, quotas *q)
{
    svi_split_sizes sizes = svi_split_count(dataset);
    memset(q->n_rows, 0, sizeof q->n_rows);
    for (uint64_t i = 0; i < dataset->n_rows; i++) q->n_rows[class_of(dataset, i)]++;
    apportion(sizes.n_val, dataset->n_rows, dataset->n_classes, q->n_rows, q->n_val);
    apportion(sizes.n_test, dataset->n_rows, dataset->n_classes, q->n_rows, q->n_test);
}

static sv_status check_classes(const svi_dataset *dataset, sv_error *error)
{
    quotas q;
    make_quotas(dataset, &q);
    for (int c = 0; c < dataset->n_classes; c++) {
        if (q.n_rows[c] > q.n_val[c] + q.n_test[c]) continue;
        char quoted[SVI_QUOTE_SIZE];
        const char *name =
            dataset->class_names == NULL ? "" : svi_quote(dataset->class_names[c], quoted);
        return svi_fail(
            error, SV_ERR_DATA,
            "%s: the stratified split leaves nothing to train on of class %d %s: of %" PRIu64
            " rows, test takes %" PRIu64 " and val %" PRIu64
            "; say `stratify: false`, take smaller "
            "shares or give the class more rows",
            dataset->name, c, name, q.n_rows[c], q.n_test[c], q.n_val[c]);
    }
    return SV_OK;
}

sv_status svi_split_check(const svi_dataset *dataset, sv_error *error)
{
    svi_split_sizes sizes = svi_split_count(dataset);
    if (sizes.n_train == 0) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s: the split leaves no row to train on: of %" PRIu64
                        " rows, test takes %" PRIu64 " and val %" PRIu64
                        "; take smaller shares or more rows",
                        dataset->name, dataset->n_rows, sizes.n_test, sizes.n_val);
    }
    if (!dataset->spec.split.is_stratified) return SV_OK;
    if (dataset->n_classes == 0) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s: a regression has no classes to stratify by; say `stratify: false`, or "
                        "`task: classification` if the targets are classes",
                        dataset->name);
    }
    if (dataset->is_generated && svk_has_drawn_labels(&dataset->generator)) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s: the classes are drawn with the rows, so that a split cannot be "
                        "stratified by them; say `stratify: false`",
                        dataset->name);
    }
    return check_classes(dataset, error);
}

/* The rows of one class, or all, with what is to be drawn among them. */
typedef struct stratum {
    uint32_t part; /* 0, or 1 + class */
    uint32_t *row; /* [n], ascending */
    uint64_t n, n_val, n_test;
    uint32_t *place; /* [n]: room for a shuffle */
} stratum;

#define PART_OF_DRAWS UINT32_C(0x80000000)

/* Of a shuffle of the stratum the first n_test places test, the next n_val validate. */
static void deal(uint64_t seed, const stratum *s, uint64_t n_test, uint64_t n_val, uint8_t *role)
{
    if (n_test + n_val == 0) return;
    svk_data_kernels_best()->shuffle(seed, SVK_STREAM_SPLIT, s->part, (uint32_t)s->n, 0,
                                     (uint32_t)(n_test + n_val), s->place);
    for (uint64_t p = 0; p < n_test + n_val; p++)
        role[s->row[s->place[p]]] = p < n_test ? SVI_ROLE_TEST : SVI_ROLE_VAL;
}

/* Takes the rows with a role other than `kept` out of a stratum. */
static void keep(stratum *s, svi_role kept, const uint8_t *role)
{
    uint64_t n = 0;
    for (uint64_t i = 0; i < s->n; i++)
        if (role[s->row[i]] == kept) s->row[n++] = s->row[i];
    s->n = n;
}

/* Draws n_train rows with replacement; the rows that were not drawn stay in the stratum. */
static void draw_with_replacement(uint64_t seed, stratum *s, uint64_t n_train, svi_role rest,
                                  uint8_t *role, uint32_t *n_times)
{
    for (uint64_t i = 0; i < s->n; i++) role[s->row[i]] = (uint8_t)rest;
    for (uint64_t k = 0; k < n_train; k++) {
        uint32_t word = svk_draw(seed, SVK_STREAM_SPLIT, PART_OF_DRAWS | s->part, k);
        uint32_t row = s->row[svk_below(word, (uint32_t)s->n)];
        n_times[row] = role[row] == SVI_ROLE_TRAIN ? n_times[row] + 1 : 1;
        role[row] = SVI_ROLE_TRAIN;
    }
    keep(s, rest, role);
}

/* All rows train at first. */
static void draw_stratum(const svi_split_spec *split, uint64_t seed, stratum s, uint8_t *role,
                         uint32_t *n_times)
{
    if (split->is_test_fixed) {
        deal(SVI_SEED_OF_FIXED_TEST, &s, s.n_test, 0, role);
        keep(&s, SVI_ROLE_TRAIN, role);
        s.n_test = 0;
    }
    if (split->is_replaced) {
        svi_role rest = leaves_rest_to_test(split) ? SVI_ROLE_TEST : SVI_ROLE_NONE;
        draw_with_replacement(seed, &s, s.n - s.n_val - s.n_test, rest, role, n_times);
        s.n_test = 0;
    }
    deal(seed, &s, s.n_test, s.n_val, role);
}

static void draw_strata(const svi_dataset *dataset, uint64_t seed, uint32_t *row, uint32_t *place,
                        uint8_t *role, uint32_t *n_times)
{
    quotas q;
    uint64_t next[SVI_CLASSES_MAX], first = 0;
    make_quotas(dataset, &q);
    for (int c = 0; c < dataset->n_classes; c++) {
        next[c] = first;
        first += q.n_rows[c];
    }
    for (uint64_t i = 0; i < dataset->n_rows; i++) row[next[class_of(dataset, i)]++] = (uint32_t)i;
    for (int c = 0; c < dataset->n_classes; c++) {
        stratum s = {.part = 1 + (uint32_t)c,
                     .row = row + next[c] - q.n_rows[c],
                     .n = q.n_rows[c],
                     .n_val = q.n_val[c],
                     .n_test = q.n_test[c],
                     .place = place};
        draw_stratum(&dataset->spec.split, seed, s, role, n_times);
    }
}

sv_status svi_split_draw(const svi_dataset *dataset, uint64_t seed_split, uint8_t *role,
                         uint32_t *n_times, sv_error *error)
{
    size_t size = 2 * dataset->n_rows * sizeof(uint32_t);
    uint32_t *row = malloc(size), *place = row + dataset->n_rows;
    if (row == NULL) return svi_fail_memory(error, size, "the rows of a split");
    memset(role, SVI_ROLE_TRAIN, dataset->n_rows);
    for (uint64_t i = 0; i < dataset->n_rows; i++) {
        row[i] = (uint32_t)i;
        n_times[i] = 1;
    }
    if (dataset->spec.split.is_stratified) {
        draw_strata(dataset, seed_split, row, place, role, n_times);
    } else {
        svi_split_sizes sizes = svi_split_count(dataset);
        stratum all = {0, row, dataset->n_rows, sizes.n_val, sizes.n_test, place};
        draw_stratum(&dataset->spec.split, seed_split, all, role, n_times);
    }
    free(row);
    return SV_OK;
}
