/* record.checkpoints and record.curves, and the steps that they stand for. */
#include "plan/plan.h"
#include "spec_fixture.h"

#define STUDY IRIS MLP BY_EPOCHS SWEEP
#define POLY_STUDY POLY BY_STEPS SWEEP

static svi_study_spec *read_record(const char *record)
{
    char text[1000];
    snprintf(text, sizeof text, STUDY "record: %s\n", record);
    return read_text(text);
}

static void refuse_record(const char *study, const char *record, const char *fragment)
{
    char text[1000];
    sv_error error;
    snprintf(text, sizeof text, "%srecord: %s\n", study, record);
    refuse_set(text, NULL, &error);
    expect_message(&error, fragment);
    expect_message(&error, ":5:"); /* the line of record */
}

static void expect_record(const char *record, svi_checkpoint_rule rule, uint64_t every,
                          svi_curves curves)
{
    svi_study_spec *spec = read_record(record);
    cr_expect_eq(spec->checkpoints.rule, rule, "%s", record);
    cr_expect_eq(spec->checkpoints.every, every, "%s", record);
    cr_expect_eq(spec->curves, curves, "%s", record);
    svi_study_spec_free(spec);
}

Test(spec_record, forms)
{
    expect_record("{predictions: none}", SVI_CHECKPOINTS_NONE, 0, SVI_CURVES_NONE);
    expect_record("{checkpoints: none, curves: none}", SVI_CHECKPOINTS_NONE, 0, SVI_CURVES_NONE);
    expect_record("{checkpoints: log2}", SVI_CHECKPOINTS_LOG2, 0, SVI_CURVES_SUMMARY);
    expect_record("{checkpoints: log2, curves: full}", SVI_CHECKPOINTS_LOG2, 0, SVI_CURVES_FULL);
    expect_record("{curves: full}", SVI_CHECKPOINTS_LOG2, 0, SVI_CURVES_FULL);
    expect_record("{curves: none}", SVI_CHECKPOINTS_NONE, 0, SVI_CURVES_NONE);
    expect_record("{curves: none, distances: true}", SVI_CHECKPOINTS_LOG2, 0, SVI_CURVES_NONE);
    expect_record("{checkpoints: {every: 1e3}}", SVI_CHECKPOINTS_EVERY, 1000, SVI_CURVES_SUMMARY);
    expect_record("{checkpoints: {every_epochs: 2}, curves: summary}", SVI_CHECKPOINTS_EVERY_EPOCHS,
                  2, SVI_CURVES_SUMMARY);
    svi_study_spec *spec = read_record("{checkpoints: [0, 5, 17]}");
    cr_expect_eq(spec->checkpoints.rule, SVI_CHECKPOINTS_LISTED);
    cr_expect_eq(spec->checkpoints.n_steps, 3);
    cr_expect_eq(spec->checkpoints.step[2], 17);
    cr_expect_not_null(strstr(spec->canonical, "\"checkpoints\":[0,5,17]"), "%s", spec->canonical);
    svi_study_spec_free(spec);
    spec = read_record("{checkpoints: {every: 3}}");
    cr_expect_not_null(
        strstr(spec->canonical, "\"checkpoints\":{\"every\":3},\"curves\":\"summary\""), "%s",
        spec->canonical);
    svi_study_spec_free(spec);
}

Test(spec_record, faults)
{
    refuse_record(STUDY, "{checkpoints: log3}", "did you mean `log2`?");
    refuse_record(STUDY, "{checkpoints: }", "no value");
    refuse_record(STUDY, "{checkpoints: []}", "is empty");
    refuse_record(STUDY, "{checkpoints: [3, 3]}", "step 3 after step 3");
    refuse_record(STUDY, "{checkpoints: [-1]}", "is too small");
    refuse_record(STUDY, "{checkpoints: [1.5]}", "is not a whole number");
    refuse_record(STUDY, "{checkpoints: {}}", "another number of keys than one");
    refuse_record(STUDY, "{checkpoints: {every: 1, every_epochs: 1}}", "another number of keys");
    refuse_record(STUDY, "{checkpoints: {each: 1}}", "unknown key `each`");
    refuse_record(STUDY, "{checkpoints: {every: 0}}", "is too small");
    refuse_record(STUDY, "{checkpoints: {every: [1]}}", "a list");
    refuse_record(STUDY, "{checkpoints: none, curves: full}", "record.checkpoints is none");
    refuse_record(STUDY, "{checkpoints: log2, curves: none}", "nothing would be kept");
    refuse_record(STUDY, "{checkpoints: log2, curves: some}", "one of summary, full, none");
    refuse_record(STUDY, "{checkpoints: log2, curve: full}", "did you mean `curves`?");
    refuse_record("\n" POLY_STUDY, "{checkpoints: {every_epochs: 1}}", "poly has steps only");
    sv_error error;
    char list[4000] = "record.checkpoints=[0";
    for (int i = 1; i <= SVI_MAX_CHECKPOINTS; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), ", %d", i);
    strcat(list, "]");
    refuse_set(STUDY, list, &error);
    expect_message(&error, "is too long");
}

/* ---- steps ---- */

static void expect_steps(svi_checkpoint_spec spec, uint64_t n_steps, const uint64_t *step, size_t n)
{
    svi_checkpoints found;
    sv_error error = {0};
    cr_assert_eq(svi_plan_checkpoints(&spec, "base", n_steps, 6, &found, &error), SV_OK, "%s",
                 error.message);
    cr_assert_eq(found.n, n, "%zu checkpoints of %lu steps", found.n, (unsigned long)n_steps);
    for (size_t i = 0; i < n; i++) cr_assert_eq(found.step[i], step[i]);
}

#define EXPECT_STEPS(spec, n_steps, ...)                                                           \
    expect_steps(spec, n_steps, (uint64_t[]){__VA_ARGS__},                                         \
                 sizeof(uint64_t[]){__VA_ARGS__} / sizeof(uint64_t))

Test(plan_checkpoints, steps)
{
    const svi_checkpoint_spec log2 = {.rule = SVI_CHECKPOINTS_LOG2},
                              every4 = {.rule = SVI_CHECKPOINTS_EVERY, .every = 4},
                              epochs2 = {.rule = SVI_CHECKPOINTS_EVERY_EPOCHS, .every = 2},
                              never = {.rule = SVI_CHECKPOINTS_EVERY_EPOCHS, .every = UINT64_MAX},
                              listed = {
                                  .rule = SVI_CHECKPOINTS_LISTED, .n_steps = 2, .step = {3, 9}};
    EXPECT_STEPS(log2, 0, 0);
    EXPECT_STEPS(log2, 1, 0, 1);
    EXPECT_STEPS(log2, 8, 0, 1, 2, 4, 8);
    EXPECT_STEPS(log2, 9, 0, 1, 2, 4, 8, 9);
    EXPECT_STEPS(every4, 0, 0);
    EXPECT_STEPS(every4, 3, 0, 3);
    EXPECT_STEPS(every4, 8, 0, 4, 8);
    EXPECT_STEPS(every4, 9, 0, 4, 8, 9);
    EXPECT_STEPS(epochs2, 30, 0, 12, 24, 30);
    EXPECT_STEPS(never, 30, 0, 30);
    EXPECT_STEPS(listed, 9, 3, 9);
    svi_checkpoints found;
    cr_assert_eq(svi_plan_checkpoints(&log2, "base", UINT64_MAX, 1, &found, NULL), SV_OK);
    cr_assert_eq(found.n, 66);
    cr_assert_eq(found.step[64], UINT64_C(1) << 63);
}

Test(plan_checkpoints, are_bounded)
{
    const svi_checkpoint_spec every = {.rule = SVI_CHECKPOINTS_EVERY, .every = 10},
                              listed = {.rule = SVI_CHECKPOINTS_LISTED, .n_steps = 1, .step = {10}};
    svi_checkpoints found;
    sv_error error = {0};
    cr_assert_eq(svi_plan_checkpoints(&every, "base", 2550, 1, &found, &error), SV_OK);
    cr_assert_eq(found.n, SVI_MAX_CHECKPOINTS);
    cr_assert_eq(svi_plan_checkpoints(&every, "base", 2551, 1, &found, &error), SV_ERR_STUDY);
    expect_message(&error, "arm base: record.checkpoints asks for 257");
    expect_message(&error, "leave 11 steps or more");
    cr_assert_eq(svi_plan_checkpoints(&listed, "base", 9, 1, &found, &error), SV_ERR_STUDY);
    expect_message(&error, "names step 10, but the arm takes 9");
}
