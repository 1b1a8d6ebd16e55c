/* Curves: the same whether every run or summaries are kept, and however the runs are launched. */
#include "store_fixture.h"

typedef struct seen_points {
    svi_text text; /* where, and the bytes of every sketch */
    size_t n_points;
    uint64_t n_runs, n_diverged;
} seen_points;

static sv_status see_point(void *context, svi_curve_point *point, sv_error *error)
{
    seen_points *seen = context;
    svi_text_add(&seen->text, "%u %u %zu %lu %lu %lu\n", point->arm, point->numerics, point->number,
                 (unsigned long)point->step, (unsigned long)point->n_runs,
                 (unsigned long)point->n_diverged);
    for (int m = 0; m < SVK_N_METRICS; m++) {
        unsigned char *bytes;
        size_t n;
        cr_assert_eq(svi_sketch_write(&point->metric[m], &bytes, &n, error), SV_OK);
        svi_text_add_bytes(&seen->text, (const char *)bytes, n);
        free(bytes);
    }
    seen->n_points++;
    seen->n_runs += point->n_runs;
    seen->n_diverged += point->n_diverged;
    return SV_OK;
}

static seen_points read_points(const char *path)
{
    seen_points seen = {0};
    svi_store *store = NULL;
    ASSERT_OK(svi_store_open_read(path, &store, error));
    ASSERT_OK(svi_store_each_curve(store, see_point, &seen, error));
    svi_store_close(store);
    return seen;
}

/* Filled by two writers, from begin_at on first where that is not 0. */
static store_fixture *filled_from(svi_curves curves, uint64_t n_launch, uint64_t begin_at)
{
    store_fixture *f = fixture_open_with(curves);
    svi_store *store = fixture_write(f);
    if (begin_at > 0) fixture_append(f, store, begin_at, 2);
    svi_store_close(store);
    store = fixture_write(f);
    fixture_fill(f, store, n_launch);
    svi_store_close(store);
    return f;
}

Test(store_curves, are_the_same_however_they_are_kept_and_launched)
{
    static const struct {
        svi_curves curves;
        uint64_t n_launch, begin_at;
    } ways[] = {{SVI_CURVES_FULL, 16, 0},    {SVI_CURVES_FULL, 3, 37},
                {SVI_CURVES_SUMMARY, 16, 0}, {SVI_CURVES_SUMMARY, 5, 0},
                {SVI_CURVES_SUMMARY, 3, 37}, {SVI_CURVES_SUMMARY, 1, 9}};
    enum { N_WAYS = sizeof ways / sizeof *ways };
    seen_points seen[N_WAYS];
    char *exported[N_WAYS];
    for (int i = 0; i < N_WAYS; i++) {
        store_fixture *f = filled_from(ways[i].curves, ways[i].n_launch, ways[i].begin_at);
        seen[i] = read_points(f->path);
        exported[i] = fixture_export(f->path, "curves", "csv");
        fixture_close(f);
        cr_assert_eq(seen[i].n_points, 8); /* 2 numerics, 3 + 1 checkpoints */
        cr_assert_eq(seen[i].n_runs, 64 * 2);
        cr_assert_gt(seen[i].n_diverged, 0);
        cr_assert_eq(seen[i].text.n, seen[0].text.n, "way %d", i);
        cr_assert(memcmp(seen[i].text.bytes, seen[0].text.bytes, seen[0].text.n) == 0, "way %d", i);
        cr_assert_str_eq(exported[i], exported[ways[i].curves == SVI_CURVES_FULL ? 0 : 2]);
    }
    for (int i = 0; i < N_WAYS; i++) svi_text_clear(&seen[i].text), free(exported[i]);
}

Test(store_curves, a_store_without_checkpoints_has_none)
{
    store_fixture *f = filled_store_with(SVI_CURVES_NONE, 5);
    seen_points seen = read_points(f->path);
    cr_assert_eq(seen.n_points, 0);
    char *checkpoints = fixture_export(f->path, "checkpoints", "csv");
    cr_assert_str_eq(checkpoints, "arm,checkpoint,step\n");
    free(checkpoints);
    fixture_close(f);
}

Test(store_curves, checkpoints_are_exported)
{
    store_fixture *f = filled_store(5);
    char *checkpoints = fixture_export(f->path, "checkpoints", "csv");
    cr_assert_str_eq(checkpoints, "arm,checkpoint,step\nbase,0,0\nbase,1,1\nbase,2,5\n"
                                  "\"small, \"\"quick\"\"\",0,7\n");
    free(checkpoints);
    fixture_close(f);
}

static void assert_refused(svi_store *store, svi_launch_record *record)
{
    sv_error error = {0};
    cr_assert_eq(svi_store_append(store, record, &error), SV_ERR_STORE);
    cr_assert_not_null(strstr(error.message, "lacks the curves"), "%s", error.message);
    svi_launch_record_free(record);
}

Test(store_curves, a_launch_without_its_curves_is_refused)
{
    store_fixture *summary = fixture_open(), *full = fixture_open_with(SVI_CURVES_FULL);
    store_fixture *none = fixture_open_with(SVI_CURVES_NONE);
    svi_store *store = fixture_write(summary);
    assert_refused(store, fixture_record(full, 0, 4));
    assert_refused(store, fixture_record(none, 0, 4));
    svi_launch_record *record = fixture_record(summary, 0, 4);
    record->n_checkpoints = 2;
    for (int m = 0; m < SVK_N_METRICS; m++) free(record->curve_parts[2].sketch[m].bytes);
    assert_refused(store, record);
    fixture_append(summary, store, 0, 4);
    svi_store_close(store);
    fixture_close(summary), fixture_close(full), fixture_close(none);
}
