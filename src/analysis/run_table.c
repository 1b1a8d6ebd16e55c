#include "analysis/run_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/metric_names.h"
#include "base/headline_metrics.h"

bool svi_is_percentage(const svi_metric_column *column, uint64_t n)
{
    svi_metric_sense sense = svi_metric_sense_of(column->name);
    if (sense.kind != SVI_KIND_ACCURACY || sense.is_percent) return false;
    for (uint64_t i = 0; i < n; i++) {
        double value = column->value[i];
        if (isfinite(value) && (value < 0 || value > 1)) return false;
    }
    return true;
}

void svi_run_table_free(svi_run_table *table)
{
    if (table == NULL) return;
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        bool is_shared = false;
        for (int other = s + 1; other < SVK_N_SOURCES; other++)
            is_shared = is_shared || table->seed[other] == table->seed[s];
        if (!is_shared) free(table->seed[s]);
    }
    for (size_t m = 0; m < table->n_metrics; m++) free(table->metrics[m].value);
    free(table->metrics);
    free(table->curves);
    free(table->paths.n_in_arm);
    free(table->paths.step);
    free(table->paths.value);
    for (size_t i = 0; i < table->n_prediction_sets; i++) free(table->prediction_sets[i].classes);
    free(table->prediction_sets);
    free(table->error_rate);
    free(table->arm_names);
    free(table->numerics_names);
    free(table->arm);
    free(table->numerics);
    free(table->replicate);
    free(table->status);
    free(table->digest);
    free(table->is_deterministic);
    free(table->has_probe);
    free(table->seconds_per_run);
    for (size_t i = 0; i < table->n_distances; i++) free(table->distances[i].points);
    free(table->distances);
    free(table);
}

/* column: the address of a pointer to elements of any type. */
static sv_status resize(void *column, uint64_t n, size_t element_bytes, sv_error *error)
{
    void *bytes;
    memcpy(&bytes, column, sizeof bytes);
    if (n > SIZE_MAX / element_bytes) return svi_fail_memory(error, SIZE_MAX, "a column of runs");
    bytes = realloc(bytes, (n > 0 ? n : 1) * element_bytes);
    if (bytes == NULL) return svi_fail_memory(error, n * element_bytes, "a column of runs");
    memcpy(column, &bytes, sizeof bytes);
    return SV_OK;
}

sv_status svi_run_table_reserve(svi_run_table *table, uint64_t n_capacity,
                                const bool has_seed[SVK_N_SOURCES], bool has_digest,
                                sv_error *error)
{
    SVI_TRY(resize(&table->arm, n_capacity, sizeof *table->arm, error));
    SVI_TRY(resize(&table->numerics, n_capacity, sizeof *table->numerics, error));
    SVI_TRY(resize(&table->replicate, n_capacity, sizeof *table->replicate, error));
    SVI_TRY(resize(&table->status, n_capacity, sizeof *table->status, error));
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        if (has_seed[s])
            SVI_TRY(resize(&table->seed[s], n_capacity, sizeof *table->seed[s], error));
    }
    for (size_t m = 0; m < table->n_metrics; m++) {
        double **value = &table->metrics[m].value;
        SVI_TRY(resize(value, n_capacity, sizeof **value, error));
    }
    if (has_digest) SVI_TRY(resize(&table->digest, n_capacity, sizeof *table->digest, error));
    return SV_OK;
}

static bool takes_more_than_one(const uint64_t *value, uint64_t n)
{
    for (uint64_t i = 1; i < n; i++) {
        if (value[i] != value[0]) return true;
    }
    return false;
}

static bool has_finite(const double *value, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        if (isfinite(value[i])) return true;
    }
    return false;
}

static void drop_empty_metrics(svi_run_table *table)
{
    size_t n_kept = 0;
    for (size_t m = 0; m < table->n_metrics; m++) {
        if (has_finite(table->metrics[m].value, table->n_runs)) {
            table->metrics[n_kept++] = table->metrics[m];
        } else {
            free(table->metrics[m].value);
        }
    }
    table->n_metrics = n_kept;
}

static bool starts_with_word(const char *name, const char *word)
{
    size_t n = strlen(word);
    return strncmp(name, word, n) == 0 && strchr(" /.:", name[n]) != NULL;
}

/* Numerics are named "path fp32", "path/parts fp32", "path.scale/parts fp32" or "path:mode fp32".
  A parameter that is moved is told by " +1@STEP:NUMBER" at
 * the end. Of the known paths only the drawn one and those of the hardware differ by replicate; of
 a name
 * from elsewhere nothing is known, so nothing is claimed. */
static bool is_deterministic_path(const char *name)
{
    static const char *const paths[SVK_N_PATHS] = {
#define PATH_NAME(id, name, help) name,
        SVK_PATHS(PATH_NAME)
#undef PATH_NAME
    };
    for (int p = 0; p < SVK_N_PATHS; p++) {
        if (starts_with_word(name, paths[p]))
            return p != SVK_PATH_DRAWN && !SVK_PATH_IS_HARDWARE(p);
    }
    return false;
}

static bool has_metric(const svi_run_table *table, const char *name)
{
    for (size_t m = 0; m < table->n_metrics; m++) {
        if (strcmp(table->metrics[m].name, name) == 0) return true;
    }
    return false;
}

/* Of the program's own metrics: they have an order of their own. */
static const char *own_headline(const svi_run_table *table)
{
    static const char *const names[SVK_N_METRICS] = {
#define METRIC_NAME(id, name, better, help) name,
        SVK_METRICS(METRIC_NAME)
#undef METRIC_NAME
    };
    for (size_t i = 0; i < SVI_N_HEADLINE_METRICS; i++) {
        const char *name = names[svi_headline_metrics[i]];
        if (has_metric(table, name)) return name;
    }
    return table->n_metrics > 0 ? table->metrics[0].name : "";
}

/* By what the names say; of equal ones the first. */
static const char *headline_by_words(const svi_run_table *table)
{
    const char *headline = table->n_metrics > 0 ? table->metrics[0].name : "";
    for (size_t m = 1; m < table->n_metrics; m++) {
        const char *name = table->metrics[m].name;
        if (svi_headline_rank(name) < svi_headline_rank(headline)) headline = name;
    }
    return headline;
}

static void choose_headline(svi_run_table *table)
{
    bool is_own = true;
    for (size_t m = 0; m < table->n_metrics; m++)
        is_own = is_own && svi_is_own_metric(table->metrics[m].name);
    snprintf(table->headline, sizeof table->headline, "%s",
             is_own ? own_headline(table) : headline_by_words(table));
}

sv_status svi_run_table_name(svi_run_table *table, sv_error *error)
{
    SVI_TRY(resize(&table->is_deterministic, table->n_numerics, sizeof *table->is_deterministic,
                   error));
    SVI_TRY(resize(&table->has_probe, table->n_numerics, sizeof *table->has_probe, error));
    for (size_t i = 0; i < table->n_numerics; i++) {
        table->has_probe[i] = strstr(table->numerics_names[i], " +") != NULL;
        table->is_deterministic[i] = is_deterministic_path(table->numerics_names[i]);
    }
    choose_headline(table);
    return SV_OK;
}

sv_status svi_run_table_finish(svi_run_table *table, sv_error *error)
{
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        table->is_varied[s] =
            table->seed[s] != NULL && takes_more_than_one(table->seed[s], table->n_runs);
    }
    drop_empty_metrics(table);
    return svi_run_table_name(table, error);
}

sv_status svi_run_table_direct(svi_run_table *table, const sv_analysis_options *options,
                               sv_error *error)
{
    if (options == NULL || (!options->is_more_better && !options->is_less_better)) return SV_OK;
    if (options->is_more_better && options->is_less_better)
        return svi_fail(error, SV_ERR_USAGE,
                        "either more or less of a metric is better; say one of them");
    const char *judged = options->metric != NULL ? options->metric : table->headline;
    for (size_t m = 0; m < table->n_metrics; m++) {
        svi_metric_column *metric = &table->metrics[m];
        if (strcmp(metric->name, judged) != 0 && !svi_is_validation_of(metric->name, judged))
            continue;
        metric->better = options->is_more_better ? 1 : -1;
    }
    return SV_OK;
}

bool svi_is_store_file(const char *path)
{
    static const char magic[] = "SQLite format 3"; /* and a zero byte */
    char start[sizeof magic] = "";
    struct stat info;
    bool is_file = stat(path, &info) == 0 && S_ISREG(info.st_mode); /* bytes of a pipe come once */
    FILE *file = is_file ? fopen(path, "rb") : NULL;
    bool is_store = file != NULL && fread(start, 1, sizeof start, file) == sizeof start &&
                    memcmp(start, magic, sizeof start) == 0;
    if (file != NULL) fclose(file);
    return is_store;
}

sv_status svi_run_table_from_file(const char *path, const char *arm, svi_run_table **table,
                                  sv_error *error)
{
    return svi_is_store_file(path) ? svi_run_table_from_store(path, table, error)
                                   : svi_run_table_import(path, arm, table, error);
}
