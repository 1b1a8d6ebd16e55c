#include "analysis/csv_names.h"

#include <inttypes.h>
#include <string.h>

#include "analysis/metric_names.h"
#include "base/nearest_word.h"
#include "base/text.h"
#include "vocabulary.h"

/* Plain names. Where a column has the first name of a role, the other names of that role are
 * nothing special; seeds are always seeds. */
static const svi_csv_name known_columns[] = {
#define SEED_COLUMNS(id, number, name, help)                                                       \
    {"seed_" name, SVI_CSV_SEED, SVK_SOURCE_##id, true},                                           \
        {name "_seed", SVI_CSV_SEED, SVK_SOURCE_##id, false},
    SVK_SOURCES(SEED_COLUMNS)
#undef SEED_COLUMNS
        {"seed", SVI_CSV_SEED, SVI_EVERY_SOURCE, true},
    {"random_seed", SVI_CSV_SEED, SVI_EVERY_SOURCE, false},
    {"random_state", SVI_CSV_SEED, SVI_EVERY_SOURCE, false},
    {"rng_seed", SVI_CSV_SEED, SVI_EVERY_SOURCE, false},
    {"global_seed", SVI_CSV_SEED, SVI_EVERY_SOURCE, false},
    {"arm", SVI_CSV_ARM, 0, true},
    {"model", SVI_CSV_ARM, 0, false},
    {"method", SVI_CSV_ARM, 0, false},
    {"algorithm", SVI_CSV_ARM, 0, false},
    {"variant", SVI_CSV_ARM, 0, false},
    {"config", SVI_CSV_ARM, 0, false},
    {"configuration", SVI_CSV_ARM, 0, false},
    {"condition", SVI_CSV_ARM, 0, false},
    {"treatment", SVI_CSV_ARM, 0, false},
    {"system", SVI_CSV_ARM, 0, false},
    {"approach", SVI_CSV_ARM, 0, false},
    {"setting", SVI_CSV_ARM, 0, false},
    {"group", SVI_CSV_ARM, 0, false},
    {"numerics", SVI_CSV_NUMERICS, 0, true},
    {"replicate", SVI_CSV_REPLICATE, 0, true},
    {"repeat", SVI_CSV_REPLICATE, 0, false},
    {"repetition", SVI_CSV_REPLICATE, 0, false},
    {"status", SVI_CSV_STATUS, 0, true},
    {"state", SVI_CSV_STATUS, 0, false},
    {"digest", SVI_CSV_DIGEST, 0, true},
    {"run", SVI_CSV_IGNORED, 0, true},
    {"run_id", SVI_CSV_IGNORED, 0, true},
    {"id", SVI_CSV_IGNORED, 0, true},
    {"index", SVI_CSV_IGNORED, 0, true},
    {"unnamed_0", SVI_CSV_IGNORED, 0, true}, /* as pandas reads an index back */
};

enum { N_KNOWN = sizeof known_columns / sizeof *known_columns };

const svi_csv_name *svi_csv_known_name(const char *plain)
{
    for (int i = 0; i < N_KNOWN; i++)
        if (strcmp(plain, known_columns[i].name) == 0) return &known_columns[i];
    return NULL;
}

bool svi_is_seed_column(const char *name)
{
    char plain[64];
    svi_plain_name(name, plain);
    const svi_csv_name *known = svi_csv_known_name(plain);
    return known != NULL && known->role == SVI_CSV_SEED;
}

static const char *last_word(const char *plain)
{
    const char *end = strrchr(plain, '_');
    return end != NULL ? end + 1 : plain;
}

sv_status svi_csv_refuse_unknown_seed(const char *path, const svi_csv_field *field, sv_error *error)
{
    char plain[64];
    svi_plain_name(field->text, plain);
    const char *end = strrchr(plain, '_');
    bool is_about_seeds =
        strncmp(plain, "seed_", 5) == 0 || (end != NULL && strcmp(end, "_seed") == 0);
    if (!is_about_seeds) return SV_OK;
    svi_nearest nearest = svi_nearest_start(plain);
    svi_text sources = {0};
    for (int i = 0; i < N_KNOWN; i++) {
        if (known_columns[i].role != SVI_CSV_SEED) continue;
        svi_nearest_try(&nearest, known_columns[i].name, known_columns[i].name);
        if (!known_columns[i].is_first) continue;
        if (strcmp(last_word(known_columns[i].name), last_word(plain)) == 0)
            nearest.best = known_columns[i].name;
        svi_text_add(&sources, "%s%s", sources.n > 0 ? ", " : "", known_columns[i].name);
    }
    sv_status status = svi_fail(
        error, SV_ERR_DATA,
        "%s:%" PRIu64 ":%d: column '%s' names no source of randomness%s%s%s; the columns "
        "of seeds are %s: rename it or remove it",
        path, field->line, field->column, field->text,
        nearest.best != NULL ? " (did you mean " : "", nearest.best != NULL ? nearest.best : "",
        nearest.best != NULL ? "?)" : "", sources.bytes != NULL ? sources.bytes : "");
    svi_text_clear(&sources);
    return status;
}
