#include "store_fixture.h"

typedef struct seen_runs {
    const store_fixture *fixture;
    uint64_t n, previous;
} seen_runs;

static sv_status check_run(void *context, const svi_run *run, const svi_run_result *result,
                           sv_error *error)
{
    seen_runs *seen = context;
    svi_run expected;
    (void)error;
    svi_plan_run(&seen->fixture->spec, run->run, &expected);
    svi_run_result expected_result = fixture_result(&expected);
    cr_assert(seen->n == 0 || run->run > seen->previous);
    cr_assert_arr_eq(run, &expected, sizeof expected);
    cr_assert_arr_eq(result, &expected_result, sizeof expected_result);
    seen->previous = run->run;
    seen->n++;
    return SV_OK;
}

static void assert_gap(svi_store *store, uint64_t from, uint64_t first, uint64_t n)
{
    uint64_t found_first, found_n;
    ASSERT_OK(svi_store_next_gap(store, from, &found_first, &found_n, error));
    cr_assert_eq(found_n, n, "from %lu: %lu missing, not %lu", from, found_n, n);
    if (n > 0) cr_assert_eq(found_first, first, "from %lu: %lu, not %lu", from, found_first, first);
}

static svi_hash digest_of(svi_store *store)
{
    svi_hash digest;
    ASSERT_OK(svi_store_study_digest(store, &digest, error));
    return digest;
}

Test(store, a_new_store_is_empty_and_knows_its_study)
{
    store_fixture *f = fixture_open();
    svi_store_close(fixture_write(f));
    svi_store *store = NULL;
    ASSERT_OK(svi_store_open_read(f->path, &store, error));
    const svi_store_study *study = svi_store_study_of(store);
    cr_assert_str_eq(study->name, "fixture");
    cr_assert_str_eq(study->text, f->spec.text);
    cr_assert_str_eq(study->canonical, f->spec.canonical);
    cr_assert_str_eq(study->design_kind, "crossed");
    cr_assert_str_eq(study->program_version, sv_version());
    cr_assert_eq(study->n_runs, 64);
    cr_assert_eq(study->first_seed, 100);
    cr_assert_eq(study->n_arms, 2);
    cr_assert_str_eq(study->arm_names[1], "small, \"quick\"");
    cr_assert_str_eq(study->numerics_names[1], "drawn/8 fp32");
    cr_assert(study->is_contract[1]);
    for (int s = 0; s < SVK_N_SOURCES; s++)
        cr_assert_eq(study->n_levels[s], f->spec.design.n_levels[s]);
    assert_gap(store, 0, 0, 64);
    svi_store_close(store);
    fixture_close(f);
}

Test(store, a_sweep_has_as_many_levels_as_seeds)
{
    store_fixture *f = fixture_open();
    f->spec.design = (svi_design_spec){.kind = SVI_DESIGN_SWEEP, .n_seeds = 9, .is_varied = {true}};
    svi_store *store = fixture_write(f);
    cr_assert_str_eq(svi_store_study_of(store)->design_kind, "sweep");
    cr_assert_eq(svi_store_study_of(store)->n_levels[0], 9);
    cr_assert_eq(svi_store_study_of(store)->n_levels[1], 1);
    svi_store_close(store);
    fixture_close(f);
}

Test(store, runs_come_back_bit_for_bit_in_order)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    seen_runs seen = {.fixture = f};
    fixture_append(f, store, 40, 5);
    fixture_append(f, store, 0, 16);
    fixture_append(f, store, 20, 1);
    ASSERT_OK(svi_store_each_run(store, check_run, &seen, error));
    cr_assert_eq(seen.n, 22);
    svi_store_close(store);
    ASSERT_OK(svi_store_open_read(f->path, &store, error));
    seen = (seen_runs){.fixture = f};
    ASSERT_OK(svi_store_each_run(store, check_run, &seen, error));
    cr_assert_eq(seen.n, 22);
    svi_store_close(store);
    fixture_close(f);
}

Test(store, gaps_are_found_between_launches_in_any_order)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    uint64_t n_done;
    fixture_append(f, store, 40, 5);
    fixture_append(f, store, 0, 16);
    fixture_append(f, store, 20, 1);
    fixture_append(f, store, 16, 4);
    for (int reopened = 0; reopened < 2; reopened++) {
        assert_gap(store, 0, 21, 19);
        assert_gap(store, 17, 21, 19);
        assert_gap(store, 30, 30, 10);
        assert_gap(store, 39, 39, 1);
        assert_gap(store, 40, 45, 19);
        assert_gap(store, 63, 63, 1);
        assert_gap(store, 64, 0, 0);
        assert_gap(store, 1000, 0, 0);
        ASSERT_OK(svi_store_n_done(store, &n_done, error));
        cr_assert_eq(n_done, 26);
        svi_store_close(store);
        store = fixture_write(f);
    }
    fixture_fill(f, store, 7);
    assert_gap(store, 0, 0, 0);
    svi_store_close(store);
    fixture_close(f);
}

static svi_hash filled_in_launches_of(uint64_t n, uint64_t begin_at, char **runs,
                                      char **predictions, char **jsonl)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    if (begin_at > 0) fixture_append(f, store, begin_at, 2);
    svi_store_close(store);
    store = fixture_write(f);
    fixture_fill(f, store, n);
    svi_hash digest = digest_of(store);
    svi_store_close(store);
    *runs = fixture_export(f->path, "runs", "csv");
    *predictions = fixture_export(f->path, "predictions", "csv");
    *jsonl = fixture_export(f->path, "runs", "jsonl");
    fixture_close(f);
    return digest;
}

Test(store, digest_and_exports_do_not_depend_on_the_launches)
{
    char *runs[3], *predictions[3], *jsonl[3];
    svi_hash digest[3];
    digest[0] = filled_in_launches_of(16, 0, &runs[0], &predictions[0], &jsonl[0]);
    digest[1] = filled_in_launches_of(3, 37, &runs[1], &predictions[1], &jsonl[1]);
    digest[2] = filled_in_launches_of(1, 9, &runs[2], &predictions[2], &jsonl[2]);
    for (int i = 1; i < 3; i++) {
        cr_assert_eq(digest[i].high, digest[0].high);
        cr_assert_eq(digest[i].low, digest[0].low);
        cr_assert_str_eq(runs[i], runs[0]);
        cr_assert_str_eq(predictions[i], predictions[0]);
        cr_assert_str_eq(jsonl[i], jsonl[0]);
    }
    for (int i = 0; i < 3; i++) free(runs[i]), free(predictions[i]), free(jsonl[i]);
}

Test(store, the_digest_sees_every_part_of_a_run)
{
    store_fixture *f = fixture_open();
    svi_hash seen[5];
    for (int i = 0; i < 5; i++) {
        svi_store *store = fixture_write(f);
        svi_launch_record *record = fixture_record(f, 0, 4);
        if (i == 1) record->runs[2].seed[SVK_SOURCE_SCHEDULE]++;
        if (i == 2) record->results[3].status = SVK_RUN_OK;
        if (i == 3) record->results[2].digest[3] ^= 1u << 31;
        if (i == 4) record->results[1].present ^= 1u << SVK_METRIC_STEPS;
        ASSERT_OK(svi_store_append(store, record, error));
        svi_launch_record_free(record);
        seen[i] = digest_of(store);
        for (int j = 0; j < i; j++) cr_assert(seen[j].low != seen[i].low, "%d and %d", j, i);
        svi_store_close(store);
        cr_assert_eq(unlink(f->path), 0);
    }
    fixture_close(f);
}

static void assert_refused(const store_fixture *f, const char *expected)
{
    svi_store *store = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_store_open_write(f->path, &f->spec, f->data_digests, f->checkpoints,
                                      &f->machine, 1, &store, &error),
                 SV_ERR_STORE);
    cr_assert_not_null(strstr(error.message, expected), "%s", error.message);
    cr_assert_not_null(strstr(error.message, f->path), "%s", error.message);
}

Test(store, a_second_writer_is_refused_until_the_first_has_closed)
{
    store_fixture *f = fixture_open();
    char lock[100];
    snprintf(lock, sizeof lock, "%s-lock", f->path);
    svi_store *store = fixture_write(f);
    assert_refused(f, "another program is writing this store");
    fixture_append(f, store, 0, 4);
    assert_refused(f, "another program is writing this store");
    cr_assert_eq(access(lock, F_OK), 0);
    svi_store_close(store);
    cr_assert_neq(access(lock, F_OK), 0);
    svi_store_close(fixture_write(f));
    fixture_close(f);
}

Test(store, readers_and_the_writer_do_not_disturb_each_other)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f), *reader = NULL;
    fixture_append(f, store, 0, 4);
    ASSERT_OK(svi_store_open_read(f->path, &reader, error));
    svi_hash digest = digest_of(reader);
    svi_store_close(reader);
    cr_assert_eq(digest.low, digest_of(store).low);
    fixture_append(f, store, 4, 4);
    ASSERT_OK(svi_store_open_read(f->path, &reader, error));
    cr_assert_eq(digest_of(reader).low, digest_of(store).low);
    svi_store_close(reader);
    svi_store_close(store);
    fixture_close(f);
}

Test(store, another_study_is_refused_with_the_key_that_differs)
{
    store_fixture *f = fixture_open();
    svi_store_close(fixture_write(f));
    f->spec.canonical = "{\"design\":{\"seeds\":9},\"study\":\"fixture\"}";
    assert_refused(f, "design.seeds is 8 in the store and 9 in the study");
    f->spec.canonical = "{\"design\":{\"seeds\":8},\"study\":\"fixture\",\"arms\":[{\"a\":1}]}";
    assert_refused(f, "arms is nothing in the store and [{\"a\":1}] in the study");
    f->spec.canonical = "{\"design\":{},\"study\":\"fixture\"}";
    assert_refused(f, "design.seeds is 8 in the store and nothing in the study");
    f->spec.canonical = "{\"design\":{\"seeds\":99999999999999999999},\"study\":\"fixture\"}";
    assert_refused(f, "in the study");
    f->spec.canonical = "{ \"study\": \"fixture\", \"design\": {\"seeds\": 8} }";
    svi_store_close(fixture_write(f));
    f->data_digests[1] = "ff112233445566778899aabbccddeeff";
    assert_refused(f, "the data of arm small, \"quick\" are not those");
    f->data_digests[1] = f->data_digests[0];
    fixture_design(f, 9);
    assert_refused(f, "the store plans 64 runs of the same study");
    fixture_close(f);
}

static void assert_append_refused(svi_store *store, svi_launch_record *record, const char *expected)
{
    sv_error error = {0};
    cr_assert_eq(svi_store_append(store, record, &error), SV_ERR_STORE);
    cr_assert_not_null(strstr(error.message, expected), "%s", error.message);
    svi_launch_record_free(record);
}

Test(store, a_launch_that_does_not_fit_is_refused_and_changes_nothing)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    fixture_append(f, store, 8, 4);
    svi_hash digest = digest_of(store);
    assert_append_refused(store, fixture_record(f, 11, 2), "there already");
    assert_append_refused(store, fixture_record(f, 5, 4), "there already");
    assert_append_refused(store, fixture_record(f, 0, 16), "there already");
    assert_append_refused(store, fixture_record(f, 14, 4), "more than one arm or numerics");
    svi_launch_record *record = fixture_record(f, 60, 4);
    record->n_runs = 5;
    assert_append_refused(store, record, "the study has not so many");
    record = fixture_record(f, 0, 2);
    record->runs[1].run = 5;
    assert_append_refused(store, record, "not consecutive");
    record = fixture_record(f, 0, 2);
    record->results[1].status = SVK_N_RUN_STATUSES;
    assert_append_refused(store, record, "unknown status");
    record = fixture_record(f, 0, 2);
    record->n_runs = 0;
    assert_append_refused(store, record, "empty");
    cr_assert_eq(digest.low, digest_of(store).low);
    fixture_append(f, store, 0, 8);
    svi_store_close(store);
    svi_store *reader = NULL;
    ASSERT_OK(svi_store_open_read(f->path, &reader, error));
    assert_append_refused(reader, fixture_record(f, 20, 2), "open for reading");
    svi_store_close(reader);
    fixture_close(f);
}

Test(store, a_local_folder_is_not_on_a_network)
{
    static const char *const paths[] = {"/proc/no-such-store", "/proc/self", "no-such-store", "."};
    svi_store_place place;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        svi_store_place_find(paths[i], &place);
        cr_assert(place.is_known);
        cr_assert_not(place.is_network);
    }
    svi_store_place_find("/no/such/folder/store", &place);
    cr_assert_not(place.is_known);
}
