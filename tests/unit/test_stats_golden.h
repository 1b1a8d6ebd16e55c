/* Reads the expected values that tests/oracle/stats_oracle.py wrote. SVI_GOLDEN_DIR: the folder
 * tests/golden. */
#ifndef TEST_STATS_GOLDEN_H
#define TEST_STATS_GOLDEN_H

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "stats/sample.h"

/* The cases of a topic; released with json_decref. */
static inline json_t *golden_cases(const char *topic)
{
    char path[500];
    json_error_t error;
    snprintf(path, sizeof path, "%s/stats/%s.json", SVI_GOLDEN_DIR, topic);
    json_t *cases = json_load_file(path, 0, &error);
    cr_assert_not_null(cases, "%s:%d: %s", path, error.line, error.text);
    cr_assert_gt(json_array_size(cases), 0, "%s holds no case", path);
    return cases;
}

/* null is NaN: "none". A key that is not there is a fault of the test. */
static inline double golden_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    cr_assert_not_null(value, "no key %s", key);
    return json_is_null(value) ? NAN : json_number_value(value);
}

static inline size_t golden_size(const json_t *object, const char *key)
{
    return (size_t)golden_at(object, key);
}

static inline bool golden_flag(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static inline const char *golden_name(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* The numbers of an array; released with free. */
static inline double *golden_values(const json_t *object, const char *key, size_t *n)
{
    const json_t *array = json_object_get(object, key);
    *n = json_array_size(array);
    double *values = malloc((*n + 1) * sizeof *values);
    cr_assert_not_null(values);
    for (size_t i = 0; i < *n; i++) values[i] = json_number_value(json_array_get(array, i));
    return values;
}

/* An end that is null is open. */
static inline svi_interval golden_interval(const json_t *object, const char *key)
{
    const json_t *ends = json_object_get(object, key);
    const json_t *low = json_array_get(ends, 0), *high = json_array_get(ends, 1);
    cr_assert(low != NULL && high != NULL, "no interval %s", key);
    return (svi_interval){json_is_null(low) ? -INFINITY : json_number_value(low),
                          json_is_null(high) ? INFINITY : json_number_value(high)};
}

static inline bool is_near(double actual, double expected, double tolerance)
{
    if (isnan(expected)) return isnan(actual);
    if (isinf(expected)) return actual == expected;
    return fabs(actual - expected) <= tolerance * fabs(expected) + 1e-15;
}

/* Relative. what: of which case. */
static inline void expect_near(double actual, double expected, double tolerance, const char *what,
                               const char *field)
{
    cr_expect(is_near(actual, expected, tolerance), "%s, %s: %.17g where %.17g is expected", what,
              field, actual, expected);
}

static inline void expect_interval(svi_interval actual, svi_interval expected, double tolerance,
                                   const char *what, const char *field)
{
    expect_near(actual.low, expected.low, tolerance, what, field);
    expect_near(actual.high, expected.high, tolerance, what, field);
}

/* Both ends within a share of the expected width: for what was drawn. */
static inline void expect_drawn(svi_interval actual, svi_interval expected, double share,
                                const char *what, const char *field)
{
    double slack = share * (expected.high - expected.low);
    cr_expect(fabs(actual.low - expected.low) <= slack &&
                  fabs(actual.high - expected.high) <= slack,
              "%s, %s: [%g, %g] where about [%g, %g] is expected", what, field, actual.low,
              actual.high, expected.low, expected.high);
}

#endif
