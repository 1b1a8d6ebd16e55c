/* What the host computes without a device: random words and elementary functions, this program's
 * and those of the mathematical library. */
#include "elementary.h"
#include "fingerprint/fingerprint.h"
#include "philox.h"

enum { N_INPUTS = 1 << 16 };

static void hash_f64(svi_hash *hash, double x)
{
    svi_hash_u64(hash, x == x ? svk_bits_f64(x) : UINT64_C(0x7ff8000000000000));
}

static void hash_f32(svi_hash *hash, float x)
{
    svi_hash_u64(hash, x == x ? svk_bits_f32(x) : 0x7fc00000u);
}

/* Bit patterns spread evenly over all binary32 numbers. */
static float input_f32(uint32_t i) { return svk_from_bits_f32(i * 65537u + 12345u); }

/* Numbers of (-range, range). */
static double input_f64(uint32_t i, double range)
{
    svk_block b = svk_draw_block(1, SVK_STREAM_DATA, 0, i);
    uint64_t word = (uint64_t)b.word[0] << 21 | b.word[1] >> 11;
    return fma((double)word, 0x1p-52, -1) * range;
}

/* Binary numbers in between; a NaN is apart from all others. */
static uint64_t ulp_between(uint64_t a, uint64_t b, bool is_any_nan, uint64_t sign)
{
    uint64_t from = (a & sign) != 0 ? sign - (a & ~sign) : sign + a;
    uint64_t to = (b & sign) != 0 ? sign - (b & ~sign) : sign + b;
    if (is_any_nan) return UINT64_MAX >> 1;
    return from > to ? from - to : to - from;
}

static void add_distance(svi_distance *d, uint64_t ulp)
{
    d->n_inputs++;
    d->n_different += ulp > 0;
    if (ulp > d->largest_ulp) d->largest_ulp = ulp;
}

static void compare_f32(svi_distance *d, float ours, float theirs)
{
    bool is_ours_nan = ours != ours, is_theirs_nan = theirs != theirs;
    bool is_same = (is_ours_nan && is_theirs_nan) || svk_bits_f32(ours) == svk_bits_f32(theirs);
    add_distance(d, is_same ? 0
                            : ulp_between(svk_bits_f32(ours), svk_bits_f32(theirs),
                                          is_ours_nan || is_theirs_nan, UINT64_C(1) << 31));
}

static void compare_f64(svi_distance *d, double ours, double theirs)
{
    bool is_ours_nan = ours != ours, is_theirs_nan = theirs != theirs;
    bool is_same = (is_ours_nan && is_theirs_nan) || svk_bits_f64(ours) == svk_bits_f64(theirs);
    add_distance(d, is_same ? 0
                            : ulp_between(svk_bits_f64(ours), svk_bits_f64(theirs),
                                          is_ours_nan || is_theirs_nan, UINT64_C(1) << 63));
}

typedef struct function {
    const char *name;
    float (*ours_f32)(float), (*theirs_f32)(float);
    double (*ours_f64)(double), (*theirs_f64)(double);
    double range;
} function;

static float exp_f32(float x) { return svk_exp_f32(x); }
static double exp_f64(double x) { return svk_exp_f64(x); }
static float log_f32(float x) { return svk_log_f32(x); }
static double log_f64(double x) { return svk_log_f64(x); }
static float tanh_f32(float x) { return svk_tanh_f32(x); }
static double tanh_f64(double x) { return svk_tanh_f64(x); }

static const function functions[] = {
    {"exp", exp_f32, expf, exp_f64, exp, 700},
    {"log", log_f32, logf, log_f64, log, 1000},
    {"tanh", tanh_f32, tanhf, tanh_f64, tanh, 20},
};
enum { N_FUNCTIONS = sizeof functions / sizeof *functions };

typedef struct outcome {
    svi_hash ours, theirs;
    svi_distance distance;
} outcome;

static outcome compute_f32(const function *f)
{
    outcome o = {svi_hash_start(), svi_hash_start(), {0, 0, 0}};
    for (uint32_t i = 0; i < N_INPUTS; i++) {
        float x = input_f32(i), ours = f->ours_f32(x), theirs = f->theirs_f32(x);
        hash_f32(&o.ours, ours);
        hash_f32(&o.theirs, theirs);
        compare_f32(&o.distance, ours, theirs);
    }
    return o;
}

static outcome compute_f64(const function *f)
{
    outcome o = {svi_hash_start(), svi_hash_start(), {0, 0, 0}};
    for (uint32_t i = 0; i < N_INPUTS; i++) {
        double x = input_f64(i, f->range), ours = f->ours_f64(x), theirs = f->theirs_f64(x);
        hash_f64(&o.ours, ours);
        hash_f64(&o.theirs, theirs);
        compare_f64(&o.distance, ours, theirs);
    }
    return o;
}

static sv_status add_outcome(svi_subjects *subjects, const char *name, const char *precision,
                             const outcome *o, sv_error *error)
{
    svi_fingerprint_subject *subject;
    SVI_TRY(svi_subjects_add(subjects, true, "host", &subject, error, "%s %s", name, precision));
    svi_subject_count(subject, o->ours);
    SVI_TRY(
        svi_subjects_add(subjects, false, "host", &subject, error, "libm %s %s", name, precision));
    svi_subject_count(subject, o->theirs);
    subject->has_distance = true;
    subject->distance = o->distance;
    return SV_OK;
}

static svi_hash sincospi_f32(void)
{
    svi_hash hash = svi_hash_start();
    for (uint32_t i = 0; i < N_INPUTS; i++) {
        float sine, cosine;
        svk_sincospi_f32(input_f32(i), &sine, &cosine);
        hash_f32(&hash, sine);
        hash_f32(&hash, cosine);
    }
    return hash;
}

static svi_hash sincospi_f64(void)
{
    svi_hash hash = svi_hash_start();
    for (uint32_t i = 0; i < N_INPUTS; i++) {
        double sine, cosine;
        svk_sincospi_f64(input_f64(i, 1000), &sine, &cosine);
        hash_f64(&hash, sine);
        hash_f64(&hash, cosine);
    }
    return hash;
}

/* The library has no sincospi before C23: its sine and cosine of x stand by themselves. */
static svi_hash libm_sin_cos(void)
{
    svi_hash hash = svi_hash_start();
    for (uint32_t i = 0; i < N_INPUTS; i++) {
        hash_f64(&hash, sin(input_f64(i, 1000)));
        hash_f64(&hash, cos(input_f64(i, 1000)));
    }
    return hash;
}

static svi_hash philox_words(void)
{
    svi_hash hash = svi_hash_start();
    for (uint64_t i = 0; i < N_INPUTS; i++)
        svi_hash_u64(&hash, svk_draw(i << 32 | i, (uint32_t)(i % 8), (uint32_t)i, i * i));
    return hash;
}

static sv_status add_hash(svi_subjects *subjects, bool is_contract, const char *name, svi_hash hash,
                          sv_error *error)
{
    svi_fingerprint_subject *subject;
    SVI_TRY(svi_subjects_add(subjects, is_contract, "host", &subject, error, "%s", name));
    svi_subject_count(subject, hash);
    return SV_OK;
}

sv_status svi_add_host_subjects(svi_subjects *subjects, sv_error *error)
{
    SVI_TRY(add_hash(subjects, true, "philox words", philox_words(), error));
    for (int f = 0; f < N_FUNCTIONS; f++) {
        outcome narrow = compute_f32(&functions[f]), wide = compute_f64(&functions[f]);
        SVI_TRY(add_outcome(subjects, functions[f].name, "fp32", &narrow, error));
        SVI_TRY(add_outcome(subjects, functions[f].name, "fp64", &wide, error));
    }
    SVI_TRY(add_hash(subjects, true, "sincospi fp32", sincospi_f32(), error));
    SVI_TRY(add_hash(subjects, true, "sincospi fp64", sincospi_f64(), error));
    return add_hash(subjects, false, "libm sin and cos fp64", libm_sin_cos(), error);
}
