/* Damaged studies never crash the reader (meant to run under the sanitizers). */
#include "spec_fixture.h"

static const char study[] =
    "study: s\n"
    "data: {set: csv, file: a.csv, target: -1, split: {train: 0.6, val: 0.2, test: 0.2, stratify: "
    "true}}\n"
    "model: {kind: mlp, hidden: [32], activation: relu, init: {kind: normal, sd: 1e-1}}\n"
    "train:\n"
    "  loss: cross_entropy\n"
    "  optimizer: {kind: sgd, lr: 0.1, momentum: 0.9}\n"
    "  epochs: 20\n"
    "arms: {base: {}, small-lr: {train.optimizer.lr: 0.02}, steps: {train: {steps: 5}}}\n"
    "design: {kind: crossed, vary: {init: 64, order: 64}, first_seed: 0}\n"
    "numerics: [{path: serial}, {path: drawn, split: 8, replicates: 4}]\n"
    "record: {predictions: counts}\n";

static const char *const overrides[] = {"arms.base.model.hidden=[3]", "train.optimizer={lr: 0.2}"};

/* Whatever the bytes are, the answer is a study, or an error with a message. */
static void read_damaged(const char *bytes, size_t n, size_t n_overrides)
{
    svi_study_spec *spec = NULL;
    sv_error error;
    sv_status status = read_bytes(bytes, n, overrides, n_overrides, &spec, &error);
    cr_assert(status == SV_OK || status == SV_ERR_STUDY, "status %d: %s", (int)status,
              error.message);
    cr_assert_eq(status == SV_OK, spec != NULL);
    cr_assert_eq(status == SV_OK, error.message[0] == '\0');
    svi_study_spec_free(spec);
}

Test(spec_damage, the_whole_study_is_valid) { svi_study_spec_free(read_set(study, overrides, 2)); }

Test(spec_damage, truncated_at_every_byte)
{
    for (size_t n = 0; n < strlen(study); n++) read_damaged(study, n, n % 3);
}

/* Knuth's MMIX constants; the upper bits are the good ones. */
static uint32_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

Test(spec_damage, bytes_changed_at_random)
{
    static const char marks[] = "{}[],:-#&*!|>'\"%@`\n\t .~\\0\x80\xff\xc3?<=null";
    char bytes[sizeof study];
    uint64_t state = 20240607;
    for (int trial = 0; trial < 3000; trial++) {
        memcpy(bytes, study, sizeof study);
        uint32_t n_changes = 1 + next(&state) % 6;
        for (uint32_t i = 0; i < n_changes; i++) {
            size_t at = next(&state) % strlen(study);
            uint32_t drawn = next(&state);
            bytes[at] =
                drawn % 4 == 0 ? (char)(drawn >> 8) : marks[(drawn >> 8) % (sizeof marks - 1)];
        }
        read_damaged(bytes, strlen(study), (size_t)trial % 3);
    }
}
