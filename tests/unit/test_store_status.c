#include <jansson.h>

#include "store_fixture.h"

Test(store_status, an_unfinished_study_says_what_is_missing)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    char *text = NULL;
    sv_error failure = {0};
    fixture_append(f, store, 0, 16);
    fixture_append(f, store, 40, 3);
    svi_store_close(store);
    cr_assert_eq(sv_store_status(f->path, false, &text, &failure), SV_ERR_INCOMPLETE);
    cr_assert_not_null(strstr(failure.message, "45 of 64 runs are missing"), "%s", failure.message);
    cr_assert_str_eq(
        text, "study    fixture\n"
              "runs     19 of 64\n"
              "missing  45\n"
              "launches 2\n"
              "invoked  2023-11-14 22:13 UTC: 19 runs on here, cpu, A processor; seedvar 0.1.0\n");
    sv_free(text);
    fixture_close(f);
}

static const char *member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

Test(store_status, a_finished_study_has_its_digest)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    char *text = NULL, hex[33], expected[60];
    svi_hash digest;
    fixture_fill(f, store, 16);
    ASSERT_OK(svi_store_study_digest(store, &digest, error));
    svi_store_close(store);
    svi_hash_hex(digest, hex);
    snprintf(expected, sizeof expected, "digest   %s\n", hex);
    ASSERT_OK(sv_store_status(f->path, false, &text, error));
    cr_assert_not_null(strstr(text, expected), "%s", text);
    sv_free(text);
    ASSERT_OK(sv_store_status(f->path, true, &text, error));
    json_t *status = json_loads(text, 0, NULL);
    cr_assert_str_eq(member(status, "schema"), "seedvar.status/1");
    cr_assert_str_eq(member(status, "study_digest"), hex);
    cr_assert_str_eq(member(status, "study"), "fixture");
    cr_assert(json_is_true(json_object_get(status, "is_complete")));
    cr_assert_eq(json_integer_value(json_object_get(status, "n_done")), 64);
    cr_assert_eq(json_integer_value(json_object_get(status, "n_runs")), 64);
    cr_assert_eq(json_integer_value(json_object_get(status, "n_launches")), 4);
    json_t *machine = json_array_get(json_object_get(status, "machines"), 0);
    cr_assert_str_eq(member(machine, "command_line"), "seedvar run x.yaml");
    cr_assert_eq(json_integer_value(json_object_get(machine, "n_runs")), 64);
    json_decref(status);
    sv_free(text);
    fixture_close(f);
}

Test(store_status, every_invocation_that_ran_something_is_a_machine)
{
    store_fixture *f = fixture_open();
    for (uint64_t i = 0; i < 3; i++) {
        svi_store *store = fixture_write(f);
        if (i != 1) fixture_append(f, store, 4 * i, 2);
        if (i != 1) fixture_append(f, store, 4 * i + 2, 2);
        svi_store_close(store);
        /* not UTF-8: JSON shows a question mark for each byte */
        strcpy(f->machine.host, "\xff\xfe");
    }
    char *text = NULL, *machines = fixture_export(f->path, "machines", "jsonl");
    sv_error failure = {0};
    cr_assert_eq(sv_store_status(f->path, true, &text, &failure), SV_ERR_INCOMPLETE);
    json_t *status = json_loads(text, 0, NULL), *list = json_object_get(status, "machines");
    cr_assert_eq(json_array_size(list), 2);
    cr_assert_str_eq(member(json_array_get(list, 1), "host"), "??");
    cr_assert(json_is_null(json_object_get(status, "study_digest")));
    cr_assert_not_null(strstr(machines, "{\"machine\":2,\"host\":\"??\""), "%s", machines);
    json_decref(status);
    sv_free(text);
    free(machines);
    fixture_close(f);
}

Test(store_status, a_sound_store_is_verified)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    char *text = NULL;
    fixture_fill(f, store, 16);
    svi_store_close(store);
    ASSERT_OK(sv_store_verify(f->path, false, &text, error));
    cr_assert_not_null(
        strstr(text, ": sound: 64 runs in 4 launches, 8 prediction rows; every checksum holds\n"),
        "%s", text);
    sv_free(text);
    ASSERT_OK(sv_store_verify(f->path, true, &text, error));
    json_t *verdict = json_loads(text, 0, NULL);
    cr_assert_str_eq(member(verdict, "schema"), "seedvar.verify/1");
    cr_assert_str_eq(member(verdict, "store"), f->path);
    cr_assert(json_is_true(json_object_get(verdict, "is_sound")));
    cr_assert_eq(json_array_size(json_object_get(verdict, "faults")), 0);
    cr_assert_eq(json_integer_value(json_object_get(verdict, "n_predictions")), 8);
    json_decref(verdict);
    sv_free(text);
    fixture_close(f);
}
