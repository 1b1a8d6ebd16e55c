/* The trees of the sums that training makes, and their bits over fixed vectors. */
#include <stdlib.h>

#include "elementary.h"
#include "fingerprint/fingerprint.h"
#include "fingerprint/suite_numerics.h"
#include "fingerprint/sum_tree.h"
#include "fingerprint/trained_sum.h"
#include "philox.h"

static const char *const kind_names[] = {
#define KIND_NAME(id, name) name,
    SVI_SUM_KINDS(KIND_NAME)
#undef KIND_NAME
};

/* Which sums have a tree drawn, besides that of a weight on every path at each of lengths. A bias
 * or an output takes a launch a pair: few terms. */
static const struct {
    svi_sum_kind kind;
    int path, n_parts, n_terms;
} others[] = {
    {SVI_SUM_BIAS, SVK_PATH_SERIAL, 1, 12},
    {SVI_SUM_BIAS, SVK_PATH_TREE, 4, 10},
    {SVI_SUM_OUTPUT, SVK_PATH_SERIAL, 1, 12},
    {SVI_SUM_CENTRE, SVK_PATH_SERIAL, 1, 16},
};
enum { N_OTHERS = sizeof others / sizeof *others };

static const int lengths[] = {5, 16, 70};
enum { N_LENGTHS = sizeof lengths / sizeof *lengths, SEED = 1 };

/* So large that all terms of a tree are lost beside it in one addition, and not in the bins of path
 * binned. */
static double large_of(int precision)
{
    return precision == SVK_PRECISION_FP64 ? 0x1p+68 : 0x1p+36;
}

/* A sum in hardware order has as many trees as it likes: it is read off more than once. */
static sv_status reveal(svi_fingerprint_subject *subject, svi_trained_sum *sum, int n_terms,
                        sv_error *error)
{
    int n_repeats = subject->is_contract ? 1 : SVI_SUBJECT_REPEATS;
    for (int i = 0; i < n_repeats; i++) {
        char *tree;
        SVI_TRY(svi_sum_tree_reveal(svi_trained_sum_make, sum, n_terms,
                                    large_of(sum->numerics->precision), &tree, error));
        svi_subject_take_tree(subject, tree);
    }
    return SV_OK;
}

/* scale 0 lets M into the range of path fixed; in binary64 it has none that would do. */
static sv_status add_tree(svi_subjects *subjects, svi_backend *backend, svi_sum_kind kind,
                          svi_numerics_spec numerics, int n_terms, sv_error *error)
{
    svi_trained_sum sum = {backend, kind, &numerics, SEED};
    svi_fingerprint_subject *subject;
    sv_error reason, cause = {0};
    if (numerics.path == SVK_PATH_FIXED && numerics.precision == SVK_PRECISION_FP64) return SV_OK;
    numerics.fixed_scale = 0;
    SVI_TRY(svi_subjects_add(subjects, svi_suite_is_contract(&numerics), "device", &subject, error,
                             "tree %s %s n=%d", kind_names[kind], numerics.name, n_terms));
    SVI_TRY(svi_trained_sum_check(&sum, n_terms, &reason, error));
    svi_subject_set_missing(subject, reason.message);
    if (reason.status != SV_OK) return SV_OK;
    sv_status status = reveal(subject, &sum, n_terms, &cause);
    return svi_subject_settle(subject, status, &cause, error);
}

static sv_status add_trees(svi_subjects *subjects, svi_backend *backend, int precision,
                           sv_error *error)
{
    svi_numerics_spec numerics;
    for (size_t p = 0; p < svi_suite_n_paths(); p++)
        for (int i = 0; i < N_LENGTHS && svi_suite_numerics(p, precision, &numerics); i++)
            SVI_TRY(add_tree(subjects, backend, SVI_SUM_WEIGHT, numerics, lengths[i], error));
    for (int i = 0; i < N_OTHERS; i++) {
        svi_suite_numerics(0, precision, &numerics);
        numerics.path = others[i].path;
        numerics.n_parts = others[i].n_parts;
        svi_suite_name(&numerics);
        SVI_TRY(add_tree(subjects, backend, others[i].kind, numerics, others[i].n_terms, error));
    }
    return SV_OK;
}

enum { VECTOR_TERMS = 100, N_VECTORS = 64 };

/* Normal numbers, every third vector scaled so that its terms differ widely. */
static void fill_vectors(double *term)
{
    for (int p = 0; p < VECTOR_TERMS; p++)
        for (int c = 0; c < N_VECTORS; c++) {
            svk_block b = svk_draw_block(SEED, SVK_STREAM_DATA, 0, (uint64_t)(p * N_VECTORS + c));
            double z, other;
            svk_normal_pair(b.word[0], b.word[1], &z, &other);
            term[p * N_VECTORS + c] = c % 3 == 0 ? z * svk_exp_f64(4 * other) : z;
        }
}

static sv_status make_sums(svi_fingerprint_subject *subject, svi_trained_sum *sum,
                           const double *term, sv_error *error)
{
    for (int i = 0; i < SVI_SUBJECT_REPEATS; i++) {
        double found[N_VECTORS];
        svi_hash hash = svi_hash_start();
        SVI_TRY(svi_trained_sum_make(sum, term, VECTOR_TERMS, N_VECTORS, found, error));
        for (int c = 0; c < N_VECTORS; c++) svi_hash_u64(&hash, svk_bits_f64(found[c]));
        svi_subject_count(subject, hash);
    }
    return SV_OK;
}

static sv_status add_sum(svi_subjects *subjects, svi_backend *backend, const double *term,
                         const svi_numerics_spec *numerics, sv_error *error)
{
    svi_trained_sum sum = {backend, SVI_SUM_WEIGHT, numerics, SEED};
    svi_fingerprint_subject *subject;
    sv_error reason, cause = {0};
    SVI_TRY(svi_subjects_add(subjects, svi_suite_is_contract(numerics), "device", &subject, error,
                             "sums %s", numerics->name));
    SVI_TRY(svi_trained_sum_check(&sum, VECTOR_TERMS, &reason, error));
    svi_subject_set_missing(subject, reason.message);
    if (reason.status != SV_OK) return SV_OK;
    sv_status status = make_sums(subject, &sum, term, &cause);
    return svi_subject_settle(subject, status, &cause, error);
}

static sv_status add_sums(svi_subjects *subjects, svi_backend *backend, const double *term,
                          sv_error *error)
{
    svi_numerics_spec numerics;
    for (size_t p = 0; p < svi_suite_n_paths(); p++)
        for (int precision = 0; precision < SVK_N_PRECISIONS; precision++)
            if (svi_suite_numerics(p, precision, &numerics))
                SVI_TRY(add_sum(subjects, backend, term, &numerics, error));
    return SV_OK;
}

sv_status svi_add_sum_subjects(svi_subjects *subjects, svi_backend *backend, sv_error *error)
{
    double *term = malloc(VECTOR_TERMS * N_VECTORS * sizeof *term);
    if (term == NULL) return svi_fail_memory(error, sizeof term, "fixed vectors");
    fill_vectors(term);
    sv_status status = add_sums(subjects, backend, term, error);
    free(term);
    if (status == SV_OK) status = add_trees(subjects, backend, SVK_PRECISION_FP32, error);
    return status == SV_OK ? add_trees(subjects, backend, SVK_PRECISION_FP64, error) : status;
}
