/* Single bits and whole pages: what changes a row is reported, anything else changes no export,
 * nothing crashes. */
#include "store_fixture.h"

static const char *const tables[] = {"runs",     "machines",    "launches",    "arms",
                                     "numerics", "predictions", "checkpoints", "curves"};
enum { N_TABLES = sizeof tables / sizeof *tables };

static uint64_t draw(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    return *state = x;
}

/* Sound bytes and exports of a store, and a file for its damaged copies. */
typedef struct flip_trial {
    store_fixture *fixture;
    file_bytes file;
    char *sound[N_TABLES], damaged[100];
    uint64_t n_flips, n_reported;
} flip_trial;

static flip_trial start_flips(void)
{
    flip_trial trial = {.fixture = filled_store(5)};
    trial.file = read_bytes(trial.fixture->path);
    for (int t = 0; t < N_TABLES; t++)
        trial.sound[t] = fixture_export(trial.fixture->path, tables[t], "csv");
    snprintf(trial.damaged, sizeof trial.damaged, "%s/damaged", trial.fixture->folder);
    return trial;
}

static void end_flips(flip_trial *trial)
{
    for (int t = 0; t < N_TABLES; t++) free(trial->sound[t]);
    free(trial->file.bytes);
    fixture_close(trial->fixture);
}

static void flip(flip_trial *trial, uint64_t bit)
{
    unsigned char *bytes = trial->file.bytes;
    bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    write_bytes(trial->damaged, bytes, trial->file.n);
    bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    trial->n_flips++;
    if (is_reported(trial->damaged)) {
        trial->n_reported++;
        return;
    }
    for (int t = 0; t < N_TABLES; t++) {
        char *now = fixture_export(trial->damaged, tables[t], "csv");
        cr_assert_str_eq(now, trial->sound[t], "bit %lu changed %s unseen", bit, tables[t]);
        free(now);
    }
}

Test(store_damage, a_flipped_bit_is_reported_or_changes_no_export)
{
    flip_trial trial = start_flips();
    uint64_t state = 12345;
    for (uint64_t bit = 0; bit < 800; bit += 5)
        flip(&trial, bit + bit / 5 % 5); /* the header of the file */
    while (trial.n_flips < 500) flip(&trial, draw(&state) % (8 * trial.file.n));
    cr_assert_gt(trial.n_reported, trial.n_flips / 4);
    end_flips(&trial);
}

/* Rows are found again by the keys that stand between two pages; reading them one after another
 * never looks at these. */
Test(store_damage, a_flipped_bit_in_an_inner_page_is_reported_or_changes_no_export)
{
    flip_trial trial = start_flips();
    const unsigned char *bytes = trial.file.bytes;
    for (size_t page = 4096; page < trial.file.n; page += 4096) {
        size_t n_cells = (size_t)bytes[page + 3] << 8 | bytes[page + 4];
        if (bytes[page] != 5) continue; /* the mark of an inner page of a table */
        for (size_t c = 0; c < n_cells; c++) {
            size_t cell = page + ((size_t)bytes[page + 12 + 2 * c] << 8 | bytes[page + 13 + 2 * c]);
            for (size_t bit = 8 * cell; bit < 8 * (cell + 5); bit++) flip(&trial, bit);
        }
    }
    cr_assert_geq(trial.n_flips, 80);
    cr_assert_gt(trial.n_reported, trial.n_flips / 2);
    end_flips(&trial);
}

/* A page of noise, a hole, a lost tail. */
Test(store_damage, large_damage_is_reported)
{
    store_fixture *f = filled_store(5);
    file_bytes file = read_bytes(f->path);
    unsigned char *copy = malloc(file.n);
    char damaged[100];
    uint64_t state = 777;
    snprintf(damaged, sizeof damaged, "%s/damaged", f->folder);
    for (size_t at = 0; at < file.n; at += 4096) {
        for (int kind = 0; kind < 3; kind++) {
            memcpy(copy, file.bytes, file.n);
            for (size_t i = at; kind == 0 && i < at + 4096; i++)
                copy[i] = (unsigned char)draw(&state);
            if (kind == 1) memset(copy + at, 0, 4096);
            write_bytes(damaged, copy, kind == 2 ? at + 100 : file.n);
            cr_assert(is_reported(damaged), "kind %d at %zu", kind, at);
        }
    }
    free(copy);
    free(file.bytes);
    fixture_close(f);
}
