#include <math.h>

#include "engine/outlook.h"

/* The most that the reference of one seed vector takes under any numerics. */
static uint64_t reference_bytes(const sv_study *study, uint32_t arm)
{
    uint64_t most = 0;
    for (uint32_t k = 0; k < study->spec->n_numerics; k++) {
        svi_job job = svi_study_job(study, arm, k);
        uint64_t n = svi_job_reference_bytes(&job);
        if (n > most) most = n;
    }
    return most;
}

static const char *source_name(int source)
{
    static const char *const names[SVK_N_SOURCES] = {
#define SOURCE_NAME(id, number, name, help) name,
        SVK_SOURCES(SOURCE_NAME)
#undef SOURCE_NAME
    };
    return names[source];
}

/* "20 data > 10 init", or the names alone. */
static void add_sources(svi_text *out, const svi_design_spec *design, const char *between,
                        bool has_levels)
{
    for (size_t i = 0; i < design->n_varied; i++) {
        int source = design->varied[i];
        svi_text_add(out, "%s", i > 0 ? between : "");
        if (has_levels) svi_text_add(out, "%llu ", (unsigned long long)design->n_levels[source]);
        svi_text_add(out, "%s", source_name(source));
    }
}

static void add_design(svi_text *out, const svi_design_spec *design)
{
    unsigned long long first = design->first_seed, n_bases = design->n_bases;
    switch (design->kind) {
    case SVI_DESIGN_SWEEP:
        svi_text_add(out, "sweep of %llu seed%s from %llu, setting ",
                     (unsigned long long)design->n_seeds, svi_plural(design->n_seeds), first);
        add_sources(out, design, ", ", false);
        break;
    case SVI_DESIGN_CROSSED:
        svi_text_add(out, "crossed: ");
        add_sources(out, design, " x ", true);
        svi_text_add(out, " seeds from %llu", first);
        break;
    case SVI_DESIGN_NESTED:
        svi_text_add(out, "nested: ");
        add_sources(out, design, ", within each ", true);
        svi_text_add(out, " seeds, from %llu", first);
        break;
    case SVI_DESIGN_ONE_AT_A_TIME:
        svi_text_add(out, "one at a time: ");
        add_sources(out, design, ", then ", true);
        svi_text_add(out, " seeds from %llu, at %llu base%s", first, n_bases, svi_plural(n_bases));
        break;
    default:
        svi_text_add(out, "pick-freeze: %llu rows of %zu runs over ",
                     (unsigned long long)design->n_rows, design->n_varied + 2);
        add_sources(out, design, ", ", false);
        svi_text_add(out, ", seeds from %llu", first);
    }
    svi_text_add(out, "\n");
}

/* "90 ms", "2.5 s", "40 min", "3.5 h", "12 h", "2.5 days" */
static void add_time(svi_text *out, double seconds)
{
    if (seconds < 1)
        svi_text_add(out, "%.0f ms", ceil(seconds * 1e3));
    else if (seconds < 120)
        svi_text_add(out, "%.*f s", seconds < 10, seconds);
    else if (seconds < 7200)
        svi_text_add(out, "%.0f min", seconds / 60);
    else if (seconds < 172800)
        svi_text_add(out, "%.*f h", seconds < 36000, seconds / 3600);
    else
        svi_text_add(out, "%.1f days", seconds / 86400);
}

static void add_bytes(svi_text *out, uint64_t n_bytes)
{
    double mega = (double)n_bytes * 1e-6;
    if (mega < 1000)
        svi_text_add(out, "%.0f MB", ceil(mega));
    else if (mega < 1e6)
        svi_text_add(out, "%.1f GB", mega * 1e-3);
    else
        svi_text_add(out, "%.1f TB", mega * 1e-6);
}

/* From here on sums in the place of rows are worth a word. */
static const uint64_t large_store_bytes = 10000000000;

static void add_store(svi_text *out, uint64_t n_bytes)
{
    if (n_bytes == 0) return;
    svi_text_add(out, "  store     about ");
    add_bytes(out, n_bytes);
    svi_text_add(out, "%s\n",
                 n_bytes > large_store_bytes
                     ? "; record: {rows: summary} keeps sums of the runs instead"
                     : "");
}

static void add_device(svi_text *out, const svi_outlook *o)
{
    svi_device_info info;
    svi_backend *first = o->devices.backend[0];
    first->ops->describe(first, &info);
    svi_text_add(out, "  device    ");
    svi_outlook_add_devices(o, out);
    svi_text_add(out, " (%s)%s%s\n", info.detail, o->reason[0] != '\0' ? ": " : "", o->reason);
    svi_text_add(out, "  time      about ");
    add_time(out, o->expected_s);
    svi_text_add(out, "\n  launches  %llu, of up to %llu run%s\n",
                 (unsigned long long)o->launches.n_launches,
                 (unsigned long long)o->launches.n_runs_most, svi_plural(o->launches.n_runs_most));
    svi_text_add(out, "  memory    about ");
    add_bytes(out, o->launches.host_bytes);
    if (o->launches.device_bytes > 0) {
        svi_text_add(out, ", and ");
        add_bytes(out, o->launches.device_bytes);
        svi_text_add(out, " of the GPU's");
    }
    svi_text_add(out, "\n");
    add_store(out, o->launches.store_bytes);
}

sv_status svi_plan_text(const svi_outlook *o, char **text, sv_error *error)
{
    const sv_study *study = o->study;
    svi_text out = {0};
    const svi_study_spec *spec = study->spec;
    uint64_t n_runs = svi_plan_n_runs(spec);
    svi_text_add(&out, "%s: %llu run%s\n", spec->name, (unsigned long long)n_runs,
                 svi_plural(n_runs));
    svi_text_add(&out, "  design    ");
    add_design(&out, &spec->design);
    for (uint32_t i = 0; i < spec->n_arms; i++) {
        svi_arm_shape shape = svi_outlook_arm(o, i);
        svi_text_add(&out, "  arm       %s: %llu parameter%s", spec->arms[i].name,
                     (unsigned long long)shape.n_parameters, svi_plural(shape.n_parameters));
        if (study->dataset[i] != NULL)
            svi_text_add(&out, "; %s: %llu rows to train, %llu to validate, %s%llu to test",
                         svi_outlook_data_name(o, i), (unsigned long long)shape.n_train,
                         (unsigned long long)shape.n_val,
                         spec->arms[i].data.split.is_replaced ? "at most " : "",
                         (unsigned long long)shape.n_test);
        if (study->dataset[i] != NULL && study->dataset[i]->n_rows_dropped > 0)
            svi_text_add(&out, "; %llu left out for a missing value",
                         (unsigned long long)study->dataset[i]->n_rows_dropped);
        if (study->checkpoints[i].n > 0)
            svi_text_add(&out, "; %zu checkpoints", study->checkpoints[i].n);
        if (spec->record_distances)
            svi_text_add(
                &out,
                "; distances from references of %.3g MB a seed, on a GPU as much for each run",
                1e-6 * (double)reference_bytes(study, i));
        svi_text_add(&out, "\n");
    }
    for (size_t i = 0; i < spec->n_numerics; i++)
        svi_text_add(&out, "  numerics  %s, %llu replicate%s\n", spec->numerics[i].name,
                     (unsigned long long)spec->numerics[i].n_replicates,
                     svi_plural(spec->numerics[i].n_replicates));
    add_device(&out, o);
    return svi_text_take(&out, text, error);
}
