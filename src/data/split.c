#include "data/split.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/generators.h"
#include "data/target.h"
#include "shuffle.h"

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

static int class_of(const svi_dataset *dataset, uint64_t row)
{
    return dataset->is_generated ? svi_moons_label(row) : (int)dataset->y[row];
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
    if (dataset->n_classes > 0) return check_classes(dataset, error);
    return svi_fail(error, SV_ERR_DATA,
                    "%s: a regression has no classes to stratify by; say `stratify: false`, or "
                    "`task: classification` if the targets are classes",
                    dataset->name);
}

/* Deals roles to n rows: those listed in rows, or 0..n-1 where it is NULL. All train at first. */
static void deal(uint64_t seed, uint32_t part, uint64_t n, uint64_t n_val, uint64_t n_test,
                 const uint32_t *rows, uint8_t *role)
{
    uint8_t order[SVK_FISHER_YATES_MAX];
    svk_shuffle shuffle;
    bool is_small = n <= SVK_FISHER_YATES_MAX;
    if (is_small)
        svk_fisher_yates(seed, SVK_STREAM_SPLIT, part, 0, (uint32_t)n, order);
    else
        shuffle = svk_shuffle_make(seed, SVK_STREAM_SPLIT, part, (uint32_t)n);
    for (uint64_t p = 0; p < n_test + n_val; p++) {
        uint32_t i = is_small ? order[p] : svk_shuffle_at(&shuffle, (uint32_t)p);
        role[rows == NULL ? i : rows[i]] = p < n_test ? SVI_ROLE_TEST : SVI_ROLE_VAL;
    }
}

static sv_status draw_stratified(const svi_dataset *dataset, uint64_t seed, uint8_t *role,
                                 sv_error *error)
{
    quotas q;
    uint64_t next[SVI_CLASSES_MAX], first = 0;
    size_t size = dataset->n_rows * sizeof(uint32_t);
    uint32_t *rows = malloc(size);
    if (rows == NULL) return svi_fail_memory(error, size, "the rows of each class");
    make_quotas(dataset, &q);
    for (int c = 0; c < dataset->n_classes; c++) {
        next[c] = first;
        first += q.n_rows[c];
    }
    for (uint64_t i = 0; i < dataset->n_rows; i++) rows[next[class_of(dataset, i)]++] = (uint32_t)i;
    for (int c = 0; c < dataset->n_classes; c++) {
        const uint32_t *class_rows = rows + next[c] - q.n_rows[c];
        deal(seed, 1 + (uint32_t)c, q.n_rows[c], q.n_val[c], q.n_test[c], class_rows, role);
    }
    free(rows);
    return SV_OK;
}

sv_status svi_split_draw(const svi_dataset *dataset, uint64_t seed_split, uint8_t *role,
                         sv_error *error)
{
    svi_split_sizes sizes = svi_split_count(dataset);
    memset(role, SVI_ROLE_TRAIN, dataset->n_rows);
    if (dataset->spec.split.is_stratified) return draw_stratified(dataset, seed_split, role, error);
    deal(seed_split, 0, dataset->n_rows, sizes.n_val, sizes.n_test, NULL, role);
    return SV_OK;
}
