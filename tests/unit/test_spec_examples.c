/* Every key has an example, and each one works: put into the least study for which the key is
 * meant, it is read, and a run is trained. */
#include "spec_fixture.h"

#include <sys/stat.h>

#include "seedvar.h"
#include "spec/spec_keys.h"

enum { MAX_OVERRIDES = 2 * SVI_MAX_KEYS };

/* A study made of nothing but overrides. */
typedef struct trial {
    const svi_key *key;
    svi_contexts context;
    size_t n;
    char *override[MAX_OVERRIDES];
} trial;

static void give(trial *t, const char *path, const char *value)
{
    size_t size = strlen(path) + strlen(value) + 2;
    cr_assert_lt(t->n, (size_t)MAX_OVERRIDES);
    t->override[t->n] = malloc(size);
    cr_assert_not_null(t->override[t->n]);
    snprintf(t->override[t->n++], size, "%s=%s", path, value);
}

static void forget(trial *t)
{
    while (t->n > 0) free(t->override[--t->n]);
}

/* Whether path is key's own, or of a key in the map that the key's example gives whole. */
static bool is_covered(const svi_key *key, const char *path)
{
    size_t n = strlen(key->path);
    return strncmp(key->path, path, n) == 0 && (path[n] == '\0' || path[n] == '.');
}

/* The contexts of a group that the key and all above it allow. */
static svi_contexts allowed(const svi_key *key, svi_contexts group)
{
    svi_contexts mask = group;
    for (; key != NULL; key = svi_key_parent(key))
        if ((key->contexts & group) != 0) mask &= key->contexts;
    return mask;
}

/* One context of each group: the usual one where it is allowed, else the first that is. */
static svi_contexts choose_context(const svi_key *key)
{
    svi_contexts kinds = allowed(key, svi_context_group_mask("model.kind"));
    svi_contexts set = kinds == SVI_FOR(CNN) ? SVI_FOR(DIGITS) : SVI_FOR(IRIS); /* images */
    svi_contexts usual = set | SVI_FOR(MLP) | SVI_FOR(OTHER) | SVI_FOR(SWEEP);
    svi_contexts context = 0;
    for (int bit = 0; bit < SVI_N_CONTEXTS; bit++) {
        svi_contexts group = svi_context_group_mask(svi_context_group(bit));
        svi_contexts mask = allowed(key, group);
        if ((context & group) != 0 || mask == 0) continue;
        context |= (mask & usual) != 0 ? mask & usual : mask & (~mask + 1);
    }
    return context;
}

/* The words that put the study into a context. "linear with fit sgd" is a kind and a fit. */
static void give_context(trial *t, int bit)
{
    const char *group = svi_context_group(bit), *value = svi_context_value(bit);
    const char *fit = strstr(value, " with fit ");
    char kind[64] = "";
    const svi_key *key = svi_key_find(group), *failed;
    svi_contexts mask;
    if (key->scope == SVI_SCOPE_NUMERICS) return; /* give_example has them in its entry */
    if (is_covered(t->key, group) || strchr(value, ' ') != NULL) {
        if (fit == NULL || is_covered(t->key, group)) return;
    }
    if (!svi_key_applies(key, t->context, &failed, &mask)) return;
    memcpy(kind, value, fit != NULL ? (size_t)(fit - value) : strlen(value));
    give(t, group, kind);
    if (fit != NULL && !is_covered(t->key, "model.fit"))
        give(t, "model.fit", fit + strlen(" with fit "));
}

/* A map that need not be there asks for nothing, unless the key stands in it. */
static bool is_in_absent_map(const trial *t, const svi_key *key)
{
    const svi_key *map = svi_key_parent(key);
    return map != NULL && !map->is_required && !is_covered(map, t->key->path);
}

static void give_required(trial *t)
{
    const svi_key *failed;
    svi_contexts group;
    for (size_t i = 0; i < svi_n_keys(); i++) {
        const svi_key *key = svi_key_at(i), *rival = NULL;
        bool is_seeds = strcmp(key->path, "design.seeds") == 0; /* no more than needed */
        bool decides = svi_context_group_mask(key->path) != 0;
        if (!key->is_required || key->type == SVI_KEY_MAP || decides) continue;
        if (is_in_absent_map(t, key) || key->scope == SVI_SCOPE_CONV) continue;
        if (is_covered(t->key, key->path) || svi_key_default(key, t->context) != NULL) continue;
        if (!svi_key_applies(key, t->context, &failed, &group)) continue;
        if (key->rival != NULL) rival = svi_key_find(key->rival);
        bool comes_second =
            rival != NULL && rival < key && svi_key_applies(rival, t->context, &failed, &group);
        if (comes_second || (rival != NULL && is_covered(t->key, rival->path))) continue;
        give(t, key->path, is_seeds ? "2" : key->example);
    }
}

/* The word of a group's context, or where that is none the example of the key that decides. */
static const char *entry_word(const trial *t, const char *path)
{
    for (int bit = 0; bit < SVI_N_CONTEXTS; bit++)
        if ((t->key->contexts & UINT64_C(1) << bit) != 0 &&
            strcmp(svi_context_group(bit), path) == 0)
            return svi_context_value(bit);
    return svi_key_find(path)->example;
}

static bool is_of_cublas(const svi_key *key)
{
    return strcmp(key->path, "numerics.engine") == 0 ||
           (key->contexts & SVI_FOR(ENGINE_CUBLAS)) != 0;
}

/* A key of the probe stands in the probe, beside the step that it needs. */
static void write_probe(const svi_key *key, char *text, size_t n)
{
    const svi_key *step = svi_key_find("numerics.probe.step");
    if (key == step)
        snprintf(text, n, "probe: {step: %s}", key->example);
    else
        snprintf(text, n, "probe: {step: %s, %s: %s}", step->example, svi_key_name(key),
                 key->example);
}

/* An entry of numerics holds path, split and precision, since most keys need some of them; a stage
 * of model.conv has channels. */
static void give_example(trial *t)
{
    static const char prefix[] = "numerics.";
    char entry[512];
    if (t->key->scope == SVI_SCOPE_CONV) {
        bool is_channels = strcmp(svi_key_name(t->key), "channels") == 0;
        snprintf(entry, sizeof entry, "[{%s%s: %s}]", is_channels ? "" : "channels: 4, ",
                 svi_key_name(t->key), t->key->example);
        give(t, "model.conv", entry);
        return;
    }
    if (strncmp(t->key->path, prefix, strlen(prefix)) != 0) {
        give(t, t->key->path, t->key->example);
        return;
    }
    const char *name = svi_key_name(t->key);
    if (is_of_cublas(t->key)) {
        bool is_engine = strcmp(name, "engine") == 0;
        snprintf(entry, sizeof entry, "[{%s%s: %s}]", is_engine ? "" : "engine: cublas, ", name,
                 t->key->example);
        give(t, "numerics", entry);
        return;
    }
    size_t n = 0;
    for (const char *const *other = (const char *const[]){"path", "split", "precision", NULL};
         *other; other++) {
        char path[SVI_MAX_PATH];
        svi_path_join(path, "numerics", *other);
        if (strcmp(*other, name) != 0)
            n += (size_t)snprintf(entry + n, sizeof entry - n, "%s: %s, ", *other,
                                  entry_word(t, path));
    }
    char whole[800], own[200];
    snprintf(own, sizeof own, "%s: %s", name, t->key->example);
    if (is_covered(svi_key_find("numerics.probe"), t->key->path) && strcmp(name, "probe") != 0)
        write_probe(t->key, own, sizeof own);
    snprintf(whole, sizeof whole, "[{%s%s}]", entry, own);
    give(t, "numerics", whole);
}

/* Keys that do not stand alone, and what stands with them: shares add up to one. */
static const char *const companions[][2] = {{"data.split.train", "data.split.val"},
                                            {"data.split.val", "data.split.train"},
                                            {"data.split.test", "data.split.train"}};

static void give_companions(trial *t)
{
    const char *vary = "design.vary";
    if (!is_covered(t->key, vary)) give(t, vary, svi_key_find(vary)->example);
    for (size_t i = 0; i < sizeof companions / sizeof *companions; i++)
        if (strcmp(companions[i][0], t->key->path) == 0)
            give(t, companions[i][1], svi_key_find(companions[i][1])->example);
}

/* ---- what is tried ---- */

static char folder[64];

static void write_at(const char *name, const void *bytes, size_t n)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

static void write_npy(const char *name, const char *shape, const double *values, size_t n)
{
    char bytes[4096] = "\x93NUMPY\x01";
    int header = snprintf(bytes + 10, sizeof bytes - 10,
                          "{'descr': '<f8', 'fortran_order': False, 'shape': %-40s}\n", shape);
    bytes[7] = 0;
    bytes[8] = (char)header;
    bytes[9] = 0;
    memcpy(bytes + 10 + header, values, n * sizeof *values);
    write_at(name, bytes, 10 + (size_t)header + n * sizeof *values);
}

/* 40 rows under the names that the examples use: as CSV, or as arrays. */
static void write_data(bool is_npy)
{
    char text[4096];
    double x[80], y[40];
    size_t n = (size_t)snprintf(text, sizeof text, "length,width,%s\n",
                                svi_key_find("data.target")->example);
    for (int i = 0; i < 40; i++) {
        x[2 * i] = i % 7 + 0.5 * (i % 2);
        x[2 * i + 1] = i % 5;
        y[i] = i % 2;
        n += (size_t)snprintf(text + n, sizeof text - n, "%g,%g,%d\n", x[2 * i], x[2 * i + 1],
                              i % 2);
    }
    if (!is_npy) {
        write_at(svi_key_find("data.file")->example, text, n);
        return;
    }
    write_npy(svi_key_find("data.file")->example, "(40, 2)", x, 80);
    write_npy(svi_key_find("data.target_file")->example, "(40,)", y, 40);
}

static sv_status open_and_run(const char *study_path, const trial *t, sv_error *error)
{
    sv_study *study;
    sv_run_summary summary;
    char store[256];
    snprintf(store, sizeof store, "%s/example.db", folder);
    unlink(store);
    SVI_TRY(sv_study_open(study_path, (const char *const *)t->override, t->n, &study, error));
    sv_run_options options = {
        .store_path = store, .device = "cpu", .n_threads = 1, .n_limit = 2, .n_launch = 2};
    sv_status status = sv_run(study, &options, &summary, error);
    sv_study_close(study);
    /* a CPU takes the study, and has no cuBLAS and no blocks */
    bool needs_gpu = is_of_cublas(t->key) || (t->key->contexts & SVI_FOR(PATH_GLOBAL)) != 0;
    if (needs_gpu) return status == SV_ERR_DEVICE ? SV_OK : SV_ERR_STUDY;
    return status == SV_STOPPED ? SV_OK : status;
}

/* A context with one group's replaced. */
static svi_contexts with(svi_contexts context, const char *group, int bit)
{
    return (context & ~svi_context_group_mask(group)) | UINT64_C(1) << bit;
}

static sv_status try_with(const svi_key *key, svi_contexts context, const svi_word *loss,
                          bool has_companions, sv_error *error)
{
    trial t = {.key = key, .context = context};
    char path[256];
    const svi_key *failed;
    svi_contexts group;
    for (int bit = 0; bit < SVI_N_CONTEXTS; bit++)
        if ((t.context & UINT64_C(1) << bit) != 0) give_context(&t, bit);
    bool has_loss = svi_key_applies(svi_key_find("train.loss"), t.context, &failed, &group);
    if (has_loss && !is_covered(key, "train.loss")) give(&t, "train.loss", loss->name);
    if (has_companions) give_companions(&t);
    give_required(&t);
    give_example(&t);
    write_data((t.context & SVI_FOR(NPY)) != 0);
    snprintf(path, sizeof path, "%s/example.yaml", folder);
    sv_status status = open_and_run(path, &t, error);
    forget(&t);
    return status;
}

/* Tries every design with which the key may stand, each loss, and with and without sources named.
 */
static sv_status try_designs(const svi_key *key, svi_contexts context, sv_error *first)
{
    svi_contexts designs = allowed(key, svi_context_group_mask("design.kind"));
    const svi_word *losses = svi_key_find("train.loss")->words;
    for (int d = SVI_BIT_SWEEP; d < SVI_N_CONTEXTS; d++) {
        if ((designs & UINT64_C(1) << d) == 0) continue;
        for (size_t i = 0; losses[i].name != NULL; i++)
            for (int v = 0; v < 2; v++) {
                sv_error error = {0};
                svi_contexts tried = with(context, "design.kind", d);
                if (try_with(key, tried, &losses[i], v != 0, &error) == SV_OK) return SV_OK;
                if (first->status == SV_OK) *first = error;
            }
    }
    return SV_ERR_STUDY;
}

/* Some keys go with some models or with a numeric target alone: any study that works will do. */
static sv_status try_all(const svi_key *key, sv_error *first)
{
    svi_contexts usual = choose_context(key),
                 models = allowed(key, svi_context_group_mask("model.kind"));
    svi_contexts sets = allowed(key, svi_context_group_mask("data.set"));
    for (int m = 0; m < SVI_N_CONTEXTS; m++) {
        if ((models & UINT64_C(1) << m) == 0) continue;
        svi_contexts context = with(usual, "model.kind", m);
        if (try_designs(key, context, first) == SV_OK) return SV_OK;
        if ((sets & SVI_FOR(LINE)) == 0) continue;
        context = with(context, "data.set", SVI_BIT_LINE);
        if (try_designs(key, context, first) == SV_OK) return SV_OK;
    }
    return SV_ERR_STUDY;
}

Test(spec_examples, every_key_has_one_that_works, .timeout = 300)
{
    strcpy(folder, "/tmp/seedvar-examples-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    write_at("example.yaml", "study: example\n", strlen("study: example\n"));
    for (size_t i = 0; i < svi_n_keys(); i++) {
        const svi_key *key = svi_key_at(i);
        sv_error error = {0};
        cr_expect_not_null(key->example, "%s has no example", key->path);
        if (key->example == NULL) continue;
        cr_expect_eq(try_all(key, &error), SV_OK, "%s: the example `%s` works in no study: %s",
                     key->path, key->example, error.message);
    }
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}
