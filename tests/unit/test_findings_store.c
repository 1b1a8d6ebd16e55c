/* A store and its own export say the same. */
#include <jansson.h>

#include "analysis/findings.h"
#include "store_fixture.h"

static json_t *json_of(sv_findings *findings)
{
    char *text = NULL;
    ASSERT_OK(sv_findings_json(findings, &text, error));
    json_t *root = json_loads(text, 0, NULL);
    cr_assert_not_null(root);
    sv_free(text);
    sv_findings_close(findings);
    return root;
}

static json_t *store_findings(const char *path)
{
    sv_findings *findings = NULL;
    ASSERT_OK(sv_analyze_store(path, NULL, &findings, error));
    return json_of(findings);
}

static json_t *import_findings(const char *csv, const char *path)
{
    sv_findings *findings = NULL;
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert(fwrite(csv, 1, strlen(csv), file) == strlen(csv));
    fclose(file);
    ASSERT_OK(sv_analyze_csv(path, NULL, &findings, error));
    return json_of(findings);
}

static void forget_times(json_t *numerics)
{
    size_t i;
    json_t *row;
    json_array_foreach(numerics, i, row)
    {
        cr_assert_eq(json_object_del(row, "seconds_per_run"), 0);
        cr_assert_eq(json_object_del(row, "time_ratio"), 0);
    }
    cr_expect(i > 0);
}

/* Of what neither has, a store says how a study records it, and an import does not. */
static void forget_reason(json_t *parent, const char *key)
{
    cr_assert_not_null(json_object_get(json_object_get(parent, key), "reason"), "%s", key);
    json_object_del(parent, key);
}

/* What only a store knows: its name, its file, its machine, its predictions, how many runs were
 * planned, how long they took. */
static void forget_origin(json_t *root)
{
    cr_assert_eq(json_object_del(root, "study"), 0);
    cr_assert_eq(json_object_del(root, "origin"), 0);
    cr_assert_eq(json_object_del(root, "machine"), 0);
    cr_assert_eq(json_object_del(root, "paragraph"), 0); /* names the machine */
    cr_assert_eq(json_object_del(root, "predictions"), 0);
    cr_assert_eq(json_object_del(root, "distribution"), 0);
    cr_assert_eq(json_object_del(json_object_get(root, "checks"), "n_missing"), 0);
    forget_reason(root, "curves");
    forget_reason(root, "probe");
    forget_reason(json_object_get(root, "seed_choice"), "early_ranks");
    forget_reason(json_object_get(root, "nondeterminism"), "distances");
    forget_reason(json_object_get(root, "nondeterminism"), "replicates");
    forget_times(json_object_get(json_object_get(root, "nondeterminism"), "numerics"));
}

Test(findings_store, an_export_imports_to_the_same_findings)
{
    store_fixture *f = fixture_open_with(SVI_CURVES_NONE);
    char path[100];
    svi_store *store = fixture_write(f);
    fixture_fill(f, store, 16);
    svi_store_close(store);
    char *csv = fixture_export(f->path, "runs", "csv");
    snprintf(path, sizeof path, "%s/runs.csv", f->folder);
    json_t *from_store = store_findings(f->path), *from_csv = import_findings(csv, path);
    cr_expect(strstr(json_string_value(json_object_get(from_store, "machine")),
                     "A processor; seedvar ") != NULL);
    forget_origin(from_store);
    forget_origin(from_csv);
    cr_expect(json_array_size(json_object_get(from_store, "summary")) >= 4);
    cr_expect(json_equal(from_store, from_csv));
    json_decref(from_store);
    json_decref(from_csv);
    free(csv);
    fixture_close(f);
}

Test(findings_store, missing_runs_are_counted)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    fixture_append(f, store, 0, 10);
    svi_store_close(store);
    json_t *root = store_findings(f->path);
    cr_expect_eq(json_integer_value(json_object_get(json_object_get(root, "checks"), "n_missing")),
                 54);
    cr_expect_str_eq(json_string_value(json_object_get(root, "design")), "crossed");
    json_decref(root);
    fixture_close(f);
}

Test(findings_store, an_empty_store_is_refused)
{
    store_fixture *f = fixture_open();
    sv_findings *findings = NULL;
    sv_error error = {0};
    svi_store_close(fixture_write(f));
    cr_expect_eq(sv_analyze_store(f->path, NULL, &findings, &error), SV_ERR_INCOMPLETE);
    cr_expect(strstr(error.message, "holds no run yet") != NULL, "%s", error.message);
    fixture_close(f);
}
