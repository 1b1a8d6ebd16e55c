/* What is left after a kill at any moment, a full disk and a failed write; the writer's thread. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store_fixture.h"

/* ---- the writer's thread ---- */

typedef struct commits {
    uint64_t n_runs, n_commits;
} commits;

static void note_commit(void *context, const svi_launch_record *committed)
{
    commits *c = context;
    c->n_runs += committed->n_runs;
    c->n_commits++;
}

Test(store_writer, writes_everything_in_the_background)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    svi_writer *writer = NULL;
    commits seen = {0};
    uint64_t n_done;
    ASSERT_OK(svi_writer_start(store, note_commit, &seen, &writer, error));
    for (uint64_t first = 0; first < 64; first += 4) {
        ASSERT_OK(svi_writer_submit(writer, fixture_record(f, first, 4), error));
    }
    ASSERT_OK(svi_writer_finish(writer, error));
    cr_assert_eq(seen.n_runs, 64);
    cr_assert_eq(seen.n_commits, 16);
    ASSERT_OK(svi_store_n_done(store, &n_done, error));
    cr_assert_eq(n_done, 64);
    svi_store_close(store);
    fixture_close(f);
}

Test(store_writer, tells_an_earlier_failure_and_writes_nothing_after_it)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    svi_writer *writer = NULL;
    sv_error failure = {0};
    commits seen = {0};
    ASSERT_OK(svi_writer_start(store, note_commit, &seen, &writer, error));
    ASSERT_OK(svi_writer_submit(writer, fixture_record(f, 0, 4), error));
    ASSERT_OK(svi_writer_submit(writer, fixture_record(f, 2, 4), error));
    sv_status status = SV_OK;
    uint64_t first = 8;
    for (; status == SV_OK && first < 48; first += 2) {
        status = svi_writer_submit(writer, fixture_record(f, first, 2), &failure);
    }
    cr_assert_eq(status, SV_ERR_STORE);
    cr_assert_not_null(strstr(failure.message, "there already"), "%s", failure.message);
    failure = (sv_error){0};
    cr_assert_eq(svi_writer_finish(writer, &failure), SV_ERR_STORE);
    cr_assert_not_null(strstr(failure.message, "there already"), "%s", failure.message);
    cr_assert_eq(seen.n_runs, 4);
    svi_store_close(store);
    fixture_close(f);
}

Test(store_writer, may_end_without_a_record)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    svi_writer *writer = NULL;
    ASSERT_OK(svi_writer_start(store, NULL, NULL, &writer, error));
    ASSERT_OK(svi_writer_finish(writer, error));
    ASSERT_OK(svi_writer_start(store, NULL, NULL, &writer, error));
    ASSERT_OK(svi_writer_submit(writer, fixture_record(f, 0, 4), error));
    ASSERT_OK(svi_writer_finish(writer, error));
    svi_store_close(store);
    fixture_close(f);
}

/* ---- kill -9 ---- */

/* Runs in a child: works on the study until it is killed or through. */
static void work(const store_fixture *f)
{
    svi_store *store;
    if (svi_store_open_write(f->path, &f->spec, f->data_digests, f->checkpoints, &f->machine, 1,
                             &store, NULL) != SV_OK)
        _exit(1);
    for (;;) {
        uint64_t first, n;
        svi_store_next_gap(store, 0, &first, &n, NULL);
        if (n == 0) _exit(0);
        svi_launch_record *record = fixture_record(f, first, 1);
        if (svi_store_append(store, record, NULL) != SV_OK) _exit(2);
        svi_launch_record_free(record);
    }
}

static bool is_through_after(const store_fixture *f, useconds_t kill_after_us)
{
    int how;
    pid_t child = fork();
    if (child == 0) work(f);
    cr_assert_gt(child, 0);
    usleep(kill_after_us);
    kill(child, SIGKILL);
    cr_assert_eq(waitpid(child, &how, 0), child);
    if (WIFEXITED(how)) cr_assert_eq(WEXITSTATUS(how), 0);
    return WIFEXITED(how);
}

Test(store_crash, a_killed_writer_leaves_whole_launches_and_the_next_one_goes_on)
{
    store_fixture *f = fixture_open(), *whole = fixture_open();
    svi_store *store = fixture_write(whole), *reader = NULL;
    svi_hash expected, found;
    fixture_fill(whole, store, 16);
    ASSERT_OK(svi_store_study_digest(store, &expected, error));
    svi_store_close(store);
    useconds_t after_us = 0;
    for (int i = 0; !is_through_after(f, after_us); i++) {
        after_us = i < 25 ? (useconds_t)(700 * i) : 2000000;
        char *text = NULL;
        sv_error failure = {0};
        sv_status status = sv_store_verify(f->path, false, &text, &failure);
        bool is_begun = status != SV_ERR_IO && strstr(failure.message, "sqlite_schema") == NULL &&
                        strstr(failure.message, "application_id is 0") == NULL;
        if (is_begun) cr_assert_eq(status, SV_OK, "%s", failure.message);
        sv_free(text);
    }
    ASSERT_OK(svi_store_open_read(f->path, &reader, error));
    ASSERT_OK(svi_store_study_digest(reader, &found, error));
    cr_assert_eq(found.high, expected.high);
    cr_assert_eq(found.low, expected.low);
    svi_store_close(reader);
    fixture_close(f);
    fixture_close(whole);
}

/* ---- no room ---- */

static void limit_file_size(rlim_t n_bytes)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = n_bytes;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(store_crash, a_full_disk_is_told_and_harms_nothing)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    sv_error failure = {0};
    char *text = NULL;
    uint64_t n_done;
    signal(SIGXFSZ, SIG_IGN);
    fixture_append(f, store, 0, 4);
    limit_file_size(4096);
    svi_launch_record *record = fixture_record(f, 4, 12);
    cr_assert_eq(svi_store_append(store, record, &failure), SV_ERR_IO, "%s", failure.message);
    cr_assert_not_null(strstr(failure.message, "committed runs are safe"), "%s", failure.message);
    limit_file_size(RLIM_INFINITY);
    ASSERT_OK(svi_store_n_done(store, &n_done, error));
    cr_assert_eq(n_done, 4);
    ASSERT_OK(svi_store_append(store, record, error));
    svi_launch_record_free(record);
    svi_store_close(store);
    ASSERT_OK(sv_store_verify(f->path, false, &text, error));
    sv_free(text);
    fixture_close(f);
}

Test(store_crash, a_store_that_could_not_be_created_can_be_created_later)
{
    store_fixture *f = fixture_open();
    svi_store *store = NULL;
    sv_error failure = {0};
    signal(SIGXFSZ, SIG_IGN);
    limit_file_size(8192);
    cr_assert_eq(svi_store_open_write(f->path, &f->spec, f->data_digests, f->checkpoints,
                                      &f->machine, 1, &store, &failure),
                 SV_ERR_IO, "%s", failure.message);
    limit_file_size(RLIM_INFINITY);
    svi_store_close(fixture_write(f));
    fixture_close(f);
}

Test(store_crash, a_read_only_store_can_be_read_and_not_written)
{
    if (geteuid() == 0) cr_skip_test("root may write everything");
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    sv_error failure = {0};
    char *text = NULL;
    fixture_fill(f, store, 16);
    svi_store_close(store);
    cr_assert_eq(chmod(f->path, 0400), 0);
    cr_assert_eq(chmod(f->folder, 0500), 0);
    ASSERT_OK(sv_store_status(f->path, false, &text, error));
    sv_free(text);
    cr_assert_eq(svi_store_open_write(f->path, &f->spec, f->data_digests, f->checkpoints,
                                      &f->machine, 1, &store, &failure),
                 SV_ERR_STORE);
    cr_assert_not_null(strstr(failure.message, "make"), "%s", failure.message);
    cr_assert_eq(chmod(f->folder, 0700), 0);
    fixture_close(f);
}
