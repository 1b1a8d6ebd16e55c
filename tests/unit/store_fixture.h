/* Studies, machines and launches made by hand. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/engine.h"
#include "store/store.h"

enum { FIXTURE_N_POINTS = 7, FIXTURE_N_CLASSES = 3 };

/* 2 arms x 2 numerics x (8 init x 2 split) x 1 replicate. */
typedef struct store_fixture {
    svi_study_spec spec;
    svi_arm_spec arms[2];
    svi_numerics_spec numerics[2];
    const char *data_digests[2];
    svi_checkpoints checkpoints[2];
    svi_machine machine;
    char folder[64], path[80];
} store_fixture;

static inline void fixture_design(store_fixture *f, uint64_t n_init)
{
    f->spec.design = (svi_design_spec){.kind = SVI_DESIGN_CROSSED, .first_seed = 100};
    for (int s = 0; s < SVK_N_SOURCES; s++) f->spec.design.n_levels[s] = 1;
    f->spec.design.n_levels[SVK_SOURCE_INIT] = n_init;
    f->spec.design.n_levels[SVK_SOURCE_SPLIT] = 2;
    f->spec.design.is_varied[SVK_SOURCE_INIT] = f->spec.design.is_varied[SVK_SOURCE_SPLIT] = true;
    f->spec.design.varied[0] = SVK_SOURCE_INIT;
    f->spec.design.varied[1] = SVK_SOURCE_SPLIT;
    f->spec.design.n_varied = 2;
}

/* Runs are recorded before the first step and after some: 3 checkpoints in the first arm, 1 in the
 * second. */
static inline void fixture_checkpoints(store_fixture *f, svi_curves curves)
{
    f->spec.curves = curves;
    if (curves == SVI_CURVES_NONE) return;
    f->checkpoints[0] = (svi_checkpoints){.n = 3, .step = {0, 1, 5}};
    f->checkpoints[1] = (svi_checkpoints){.n = 1, .step = {7}};
}

static inline store_fixture *fixture_open_with(svi_curves curves)
{
    store_fixture *f = calloc(1, sizeof *f);
    strcpy(f->folder, "/tmp/seedvar-store-XXXXXX");
    cr_assert_not_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/s.store", f->folder);
    strcpy(f->arms[0].name, "base");
    strcpy(f->arms[1].name, "small, \"quick\"");
    f->numerics[0] = (svi_numerics_spec){.path = SVK_PATH_SERIAL,
                                         .n_parts = 1,
                                         .precision = SVK_PRECISION_FP32,
                                         .n_replicates = 1,
                                         .name = "serial fp32"};
    f->numerics[1] = (svi_numerics_spec){.path = SVK_PATH_DRAWN,
                                         .n_parts = 8,
                                         .precision = SVK_PRECISION_FP32,
                                         .n_replicates = 1,
                                         .name = "drawn/8 fp32"};
    f->data_digests[0] = f->data_digests[1] = "00112233445566778899aabbccddeeff";
    f->spec = (svi_study_spec){.name = "fixture",
                               .text = "study: fixture\n",
                               .canonical = "{\"design\":{\"seeds\":8},\"study\":\"fixture\"}",
                               .n_arms = 2,
                               .arms = f->arms,
                               .n_numerics = 2,
                               .numerics = f->numerics};
    fixture_design(f, 8);
    fixture_checkpoints(f, curves);
    strcpy(f->machine.host, "here");
    strcpy(f->machine.device, "cpu");
    strcpy(f->machine.device_model, "A processor");
    strcpy(f->machine.program_version, sv_version());
    strcpy(f->machine.command_line, "seedvar run x.yaml");
    f->machine.n_threads = 2;
    f->machine.started_unix_ms = 1700000000000;
    return f;
}

static inline store_fixture *fixture_open(void) { return fixture_open_with(SVI_CURVES_SUMMARY); }

static inline void fixture_close(store_fixture *f)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
    cr_assert_eq(system(command), 0);
    free(f);
}

static inline int fixture_status(uint64_t run)
{
    return run % 11 == 3 ? SVK_RUN_DIVERGED : run % 11 == 5 ? SVK_RUN_SATURATED : SVK_RUN_OK;
}

static inline const char *fixture_status_name(uint64_t run)
{
    return run % 11 == 3 ? "diverged" : run % 11 == 5 ? "saturated" : "ok";
}

/* A result that depends on the run alone; odd bits, signs and exponents, some metrics missing. */
static inline svi_run_result fixture_result(const svi_run *run)
{
    svi_run_result result = {.status = fixture_status(run->run)};
    uint64_t x = run->run * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (int i = 0; i < 4; i++) result.digest[i] = (uint32_t)(x >> (8 * i));
    for (int m = 0; m < 6; m++) {
        if ((run->run + (uint64_t)m) % 7 == 0) continue;
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        result.present |= UINT32_C(1) << m;
        result.metric[m] = (double)(x >> 11) * 0x1p-53;
    }
    return result;
}

/* The counts of the runs in a record that have one split seed. */
static inline svi_prediction_counts fixture_counts(const svi_launch_record *record,
                                                   uint64_t seed_split)
{
    svi_prediction_counts c = {.seed_split = seed_split,
                               .seed_data = 100,
                               .n_points = FIXTURE_N_POINTS,
                               .n_classes = FIXTURE_N_CLASSES};
    c.row = calloc(FIXTURE_N_POINTS, sizeof *c.row);
    c.label = calloc(FIXTURE_N_POINTS, sizeof *c.label);
    c.count = calloc(FIXTURE_N_POINTS * FIXTURE_N_CLASSES, sizeof *c.count);
    for (uint32_t p = 0; p < FIXTURE_N_POINTS; p++) {
        c.row[p] = p * 3 + (uint32_t)seed_split;
        c.label[p] = (int32_t)(p % 3);
    }
    for (uint64_t i = 0; i < record->n_runs; i++) {
        if (record->runs[i].seed[SVK_SOURCE_SPLIT] != seed_split) continue;
        c.n_runs++;
        for (uint64_t p = 0; p < FIXTURE_N_POINTS; p++)
            c.count[p * 3 + (p + record->runs[i].run) % 3]++;
    }
    return c;
}

/* Results of the runs at the checkpoints of their arm: every run's, or the summary. */
static inline void fixture_curves(const store_fixture *f, svi_launch_record *record)
{
    size_t n = f->checkpoints[record->runs[0].arm].n;
    if (n == 0) return;
    record->n_checkpoints = n;
    record->curves = calloc(record->n_runs * n, sizeof *record->curves);
    for (uint64_t i = 0; i < record->n_runs * n; i++) {
        svi_run at = record->runs[i / n];
        at.run = at.run * 8 + i % n;
        record->curves[i] = fixture_result(&at);
    }
    if (f->spec.curves == SVI_CURVES_FULL) return;
    cr_assert_eq(
        svi_summarize_curves(record->curves, record->n_runs, n, &record->curve_parts, NULL), SV_OK);
    free(record->curves);
    record->curves = NULL;
}

static inline svi_launch_record *fixture_record(const store_fixture *f, uint64_t first, uint64_t n)
{
    svi_launch_record *record = calloc(1, sizeof *record);
    *record = (svi_launch_record){
        .first_run = first, .n_runs = n, .started_unix_ms = 5, .duration_ns = 7};
    record->runs = calloc(n, sizeof *record->runs);
    record->results = calloc(n, sizeof *record->results);
    record->counts = calloc(2, sizeof *record->counts);
    for (uint64_t i = 0; i < n; i++) {
        svi_plan_run(&f->spec, first + i, &record->runs[i]);
        record->results[i] = fixture_result(&record->runs[i]);
    }
    fixture_curves(f, record);
    for (uint64_t s = 100; s < 102; s++) {
        svi_prediction_counts counts = fixture_counts(record, s);
        if (counts.n_runs > 0) {
            record->counts[record->n_counts++] = counts;
        } else {
            free(counts.row), free(counts.label), free(counts.count);
        }
    }
    return record;
}

#define ASSERT_OK(call)                                                                            \
    do {                                                                                           \
        sv_error assert_error = {0};                                                               \
        sv_error *error = &assert_error;                                                           \
        cr_assert_eq((call), SV_OK, "%s", assert_error.message);                                   \
    } while (0)

static inline svi_store *fixture_write(const store_fixture *f)
{
    svi_store *store = NULL;
    ASSERT_OK(svi_store_open_write(f->path, &f->spec, f->data_digests, f->checkpoints, &f->machine,
                                   1, &store, error));
    return store;
}

static inline void fixture_append(const store_fixture *f, svi_store *store, uint64_t first,
                                  uint64_t n)
{
    svi_launch_record *record = fixture_record(f, first, n);
    ASSERT_OK(svi_store_append(store, record, error));
    svi_launch_record_free(record);
}

/* Fills the whole study with launches of at most n runs. */
static inline void fixture_fill(const store_fixture *f, svi_store *store, uint64_t n)
{
    for (;;) {
        uint64_t first, n_gap;
        ASSERT_OK(svi_store_next_gap(store, 0, &first, &n_gap, error));
        if (n_gap == 0) return;
        uint64_t end = svi_plan_block_end(&f->spec, first);
        if (end - first < n_gap) n_gap = end - first;
        fixture_append(f, store, first, n_gap < n ? n_gap : n);
    }
}

static inline sv_status fixture_collect(void *context, const char *bytes, size_t n)
{
    svi_text *text = context;
    svi_text_add_bytes(text, bytes, n);
    return SV_OK;
}

/* An export as one text; free it. */
static inline char *fixture_export(const char *path, const char *table, const char *format)
{
    svi_text text = {0};
    char *bytes = NULL;
    ASSERT_OK(sv_store_export(path, table, format, fixture_collect, &text, error));
    ASSERT_OK(svi_text_take(&text, &bytes, error));
    return bytes;
}

/* ---- whole files ---- */

static inline store_fixture *filled_store_with(svi_curves curves, uint64_t n_launch)
{
    store_fixture *f = fixture_open_with(curves);
    svi_store *store = fixture_write(f);
    fixture_fill(f, store, n_launch);
    svi_store_close(store);
    return f;
}

static inline store_fixture *filled_store(uint64_t n_launch)
{
    return filled_store_with(SVI_CURVES_SUMMARY, n_launch);
}

typedef struct file_bytes {
    unsigned char *bytes;
    size_t n;
} file_bytes;

static inline file_bytes read_bytes(const char *path)
{
    struct stat info;
    cr_assert_eq(stat(path, &info), 0);
    file_bytes file = {malloc((size_t)info.st_size), (size_t)info.st_size};
    FILE *stream = fopen(path, "rb");
    cr_assert_eq(fread(file.bytes, 1, file.n, stream), file.n);
    fclose(stream);
    return file;
}

static inline void write_bytes(const char *path, const unsigned char *bytes, size_t n)
{
    FILE *stream = fopen(path, "wb");
    cr_assert_not_null(stream);
    cr_assert_eq(fwrite(bytes, 1, n, stream), n);
    fclose(stream);
}

/* Whether verify finds fault with a file. */
static inline bool is_reported(const char *path)
{
    char *text = NULL;
    sv_error error = {0};
    sv_status status = sv_store_verify(path, false, &text, &error);
    cr_assert(status == SV_OK || status == SV_ERR_STORE, "%s", error.message);
    cr_assert_eq(status == SV_OK, error.message[0] == '\0');
    cr_assert_not_null(text);
    sv_free(text);
    return status == SV_ERR_STORE;
}

#endif
