#include "spec_fixture.h"

static const char classes[] = IRIS MLP BY_EPOCHS SWEEP;

Test(spec, defaults_of_an_mlp)
{
    svi_study_spec *s = read_text(classes);
    const svi_arm_spec *arm = &s->arms[0];
    cr_expect_str_eq(s->text, classes);
    cr_expect_eq(strncmp(s->name, "spec-", 5), 0);
    cr_assert_eq(s->n_arms, 1);
    cr_expect_str_eq(arm->name, "base");
    cr_expect_eq(arm->data.set, SVI_SET_IRIS);
    cr_expect_not(arm->data.is_standardized || arm->data.keep_constant ||
                  arm->data.split.is_stratified);
    cr_expect(arm->data.split.train == 0.6 && arm->data.split.val == 0.2 &&
              arm->data.split.test == 0.2);
    cr_expect_eq(arm->model.n_hidden, 1);
    cr_expect_eq(arm->model.hidden[0], 8);
    cr_expect_eq(arm->model.activation, SVK_ACTIVATION_RELU);
    cr_expect_eq(arm->model.init, SVK_INIT_KAIMING_UNIFORM);
    cr_expect_eq(arm->model.bias, SVK_BIAS_DEFAULT);
    cr_expect_eq(arm->train.loss, SVK_LOSS_CROSS_ENTROPY);
    cr_expect(arm->train.learning_rate == 0.1 && arm->train.momentum == 0);
    cr_expect_eq(arm->train.batch_size, 32);
    cr_expect_eq(arm->train.n_epochs, 2);
    cr_expect_not(arm->train.has_steps);
    cr_expect_eq(arm->train.sampling, SVK_SAMPLING_SHUFFLE);
    cr_assert_eq(s->n_numerics, 1);
    cr_expect_str_eq(s->numerics[0].name, "serial fp32");
    cr_expect_eq(s->numerics[0].n_parts, 1);
    cr_expect_eq(s->numerics[0].n_replicates, 1);
    cr_expect_eq(s->design.kind, SVI_DESIGN_SWEEP);
    cr_expect_eq(s->design.n_seeds, 10);
    cr_expect_eq(s->design.first_seed, 0);
    for (int i = 0; i < SVK_N_SOURCES; i++)
        cr_expect(s->design.is_varied[i] && s->design.n_levels[i] == 1);
    cr_expect(s->record_predictions);
    svi_study_spec_free(s);
}

Test(spec, defaults_that_depend_on_the_set)
{
    svi_study_spec *moons = read_text("data: {set: moons}\n" MLP BY_EPOCHS SWEEP);
    svi_study_spec *line =
        read_text("data: {set: linear, test_points: 50}\nmodel: {kind: linear}\n" SWEEP);
    svi_study_spec *digits = read_text("data: {set: digits}\n" MLP BY_EPOCHS SWEEP);
    cr_expect_eq(moons->arms[0].data.n_points, 256);
    cr_expect(moons->arms[0].data.noise == 0.2);
    cr_expect_eq(line->arms[0].data.n_points, 100);
    cr_expect_eq(line->arms[0].data.n_features, 1);
    cr_expect(line->arms[0].data.noise == 1.0);
    cr_expect(line->arms[0].data.split.train == 1 && line->arms[0].data.split.test == 0);
    cr_expect(digits->arms[0].data.keep_constant);
    svi_study_spec_free(moons);
    svi_study_spec_free(line);
    svi_study_spec_free(digits);
}

Test(spec, linear_models)
{
    svi_study_spec *closed = read_text(IRIS "model: {kind: linear, intercept: false}\n" SWEEP);
    svi_study_spec *sgd = read_text(IRIS "model: {kind: linear, fit: sgd}\n"
                                         "train: {optimizer: {lr: 0.1}, steps: 5}\n" SWEEP);
    const svi_arm_spec *by_sgd = &sgd->arms[0];
    cr_expect(closed->arms[0].model.is_closed_form);
    cr_expect_eq(closed->arms[0].model.bias, SVK_BIAS_NONE);
    cr_expect_eq(closed->arms[0].train.loss, -1);
    cr_expect_not(closed->record_predictions);
    cr_expect_not(by_sgd->model.is_closed_form);
    cr_expect_eq(by_sgd->model.init, SVK_INIT_ZERO);
    cr_expect_eq(by_sgd->model.bias, SVK_BIAS_ZERO);
    cr_expect_eq(by_sgd->train.loss, SVK_LOSS_SQUARED);
    cr_expect(by_sgd->train.has_steps && by_sgd->train.n_steps == 5);
    svi_study_spec_free(closed);
    svi_study_spec_free(sgd);
}

Test(spec, polynomials)
{
    svi_study_spec *drawn = read_text(POLY BY_STEPS SWEEP);
    svi_study_spec *given =
        read_text("model: {kind: poly, coefficients: [0, 1], start: {given: [1, 2.5]}}\n" BY_STEPS
                  "design: {kind: sweep, seeds: 2, first_seed: 8}\n");
    const svi_model_spec *m = &drawn->arms[0].model;
    cr_expect_eq(drawn->arms[0].data.set, SVI_SET_NONE);
    cr_expect_eq(m->degree, 2);
    cr_expect(m->coefficient[0] == 3 && m->coefficient[1] == -1 && m->coefficient[2] == 2.5);
    cr_expect(m->start_low == -4 && m->start_high == 2 && m->n_starts == 0);
    cr_expect(drawn->arms[0].train.learning_rate == 0.01);
    cr_expect_eq(drawn->arms[0].train.loss, -1);
    cr_assert_eq(given->arms[0].model.n_starts, 2);
    cr_expect(given->arms[0].model.start[1] == 2.5);
    cr_expect_eq(given->design.first_seed, 8);
    svi_study_spec_free(drawn);
    svi_study_spec_free(given);
}

Test(spec, init_as_a_name_and_as_a_map)
{
    svi_study_spec *name = read_text(
        IRIS "model: {kind: mlp, hidden: [], init: glorot_normal, bias: false}\n" BY_EPOCHS SWEEP);
    svi_study_spec *map = read_text(
        IRIS
        "model: {kind: mlp, hidden: [3, 4], init: {kind: uniform, bound: 0.5}}\n" BY_EPOCHS SWEEP);
    cr_expect_eq(name->arms[0].model.init, SVK_INIT_GLOROT_NORMAL);
    cr_expect_eq(name->arms[0].model.n_hidden, 0);
    cr_expect_eq(name->arms[0].model.bias, SVK_BIAS_NONE);
    cr_expect_eq(map->arms[0].model.init, SVK_INIT_UNIFORM);
    cr_expect(map->arms[0].model.init_scale == 0.5);
    cr_expect_eq(map->arms[0].model.hidden[1], 4);
    svi_study_spec_free(name);
    svi_study_spec_free(map);
}

Test(spec, files_stand_beside_the_study)
{
    svi_study_spec *s = read_text(
        "data: {set: csv, file: sub/a.csv, target: species, header: yes}\n" MLP BY_EPOCHS SWEEP);
    svi_study_spec *npy =
        read_text("data: {set: npy, file: /x/a.npy, target_file: y.npy}\n" MLP BY_EPOCHS SWEEP);
    cr_expect_str_eq(s->arms[0].data.file, "/tmp/sub/a.csv");
    cr_expect_str_eq(s->arms[0].data.target, "species");
    cr_expect_eq(s->arms[0].data.header, SVI_HEADER_YES);
    cr_expect_not_null(strstr(s->canonical, "\"file\":\"a.csv\""));
    cr_expect_str_eq(npy->arms[0].data.file, "/x/a.npy");
    cr_expect_str_eq(npy->arms[0].data.target_file, "/tmp/y.npy");
    svi_study_spec_free(s);
    svi_study_spec_free(npy);
}

Test(spec, crossed_designs_and_numerics)
{
    svi_study_spec *s = read_text(
        IRIS MLP BY_EPOCHS "design: {kind: crossed, vary: {init: 64, schedule: 4}, replicates: 3, "
                           "first_seed: 18446744073709551552}\n"
                           "numerics: [{path: serial, precision: fp64}, {path: tree, split: 8}, "
                           "{path: drawn, split: 3, replicates: 1e1}, {stress: cold_cache}]\n");
    cr_expect_eq(s->design.n_levels[SVK_SOURCE_INIT], 64);
    cr_expect_eq(s->design.n_levels[SVK_SOURCE_SCHEDULE], 4);
    cr_expect_eq(s->design.n_levels[SVK_SOURCE_ORDER], 1);
    cr_expect_eq(s->design.first_seed, UINT64_MAX - 63);
    cr_assert_eq(s->n_numerics, 4);
    cr_expect_eq(s->numerics[2].stress, SVK_STRESS_NONE);
    cr_expect_str_eq(s->numerics[3].name, "serial fp32 cold_cache");
    cr_expect_str_eq(s->numerics[0].name, "serial fp64");
    cr_expect_str_eq(s->numerics[1].name, "tree/8 fp32");
    cr_expect_str_eq(s->numerics[2].name, "drawn/3 fp32");
    cr_expect_eq(s->numerics[1].n_replicates, 3);
    cr_expect_eq(s->numerics[2].n_replicates, 10);
    svi_study_spec_free(s);
}

Test(spec, entries_of_engine_cublas)
{
    svi_study_spec *s = read_text(IRIS MLP BY_EPOCHS SWEEP
                                  "numerics: [{engine: cublas}, {engine: cublas, math_mode: tf32, "
                                  "atomics: true, streams: 4, workspace: 64, split: 8}]\n");
    cr_assert_eq(s->n_numerics, 2);
    cr_expect_str_eq(s->numerics[0].name, "cublas:default fp32");
    cr_expect_str_eq(s->numerics[1].name, "cublas:tf32/8+atomics+4-streams+64-KiB fp32");
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(s->numerics[i].engine, SVK_ENGINE_CUBLAS);
        cr_expect_eq(s->numerics[i].path, SVK_PATH_CUBLAS);
    }
    cr_expect_eq(s->numerics[0].n_streams, 1);
    cr_expect_eq(s->numerics[0].workspace_kib, 0);
    svi_study_spec_free(s);
}

Test(spec, a_sweep_of_some_sources)
{
    svi_study_spec *s =
        read_text(IRIS MLP BY_EPOCHS "design: {kind: sweep, seeds: 7, vary: [order, split]}\n");
    cr_expect(s->design.is_varied[SVK_SOURCE_ORDER] && s->design.is_varied[SVK_SOURCE_SPLIT]);
    cr_expect_not(s->design.is_varied[SVK_SOURCE_INIT] || s->design.is_varied[SVK_SOURCE_SCHEDULE]);
    svi_study_spec_free(s);
}

Test(spec, json_is_yaml)
{
    svi_study_spec *s = read_text(
        "{\"study\": \"j\", \"data\": {\"set\": \"iris\", \"standardize\": true},\n"
        " \"model\": {\"kind\": \"mlp\", \"hidden\": [4]},\n"
        " \"train\": {\"loss\": \"cross_entropy\", \"optimizer\": {\"lr\": 1E-3}, \"steps\": 0},\n"
        " \"design\": {\"kind\": \"sweep\", \"seeds\": 2}}\n");
    cr_expect_str_eq(s->name, "j");
    cr_expect(s->arms[0].data.is_standardized);
    cr_expect(s->arms[0].train.learning_rate == 0.001 && s->arms[0].train.has_steps);
    svi_study_spec_free(s);
}

Test(spec, a_file_that_is_not_there)
{
    svi_study_spec *s = NULL;
    sv_error error = {0};
    cr_expect_eq(svi_study_spec_read("/nowhere/study.yaml", NULL, 0, &s, &error), SV_ERR_IO);
    cr_expect_str_eq(error.message,
                     "/nowhere/study.yaml: cannot be read: No such file or directory; check the "
                     "name (seedvar init DATA.csv writes a first study)");
    cr_expect_eq(svi_study_spec_read("/tmp", NULL, 0, &s, &error), SV_ERR_IO);
    cr_expect_null(s);
}

Test(spec, sizes_are_bounded)
{
    sv_error error;
    size_t n = (1 << 20) + 1;
    char *text = malloc(n + 1);
    memset(text, '#', n);
    text[n] = '\0';
    refuse_set(text, NULL, &error);
    expect_message(&error, "larger than 1 MiB");
    strcpy(text, "arms: [");
    for (size_t i = 7; i < 400007; i += 2) memcpy(text + i, "1,", 2);
    text[400007] = '\0';
    refuse_set(text, NULL, &error);
    expect_message(&error, "more than 100000 values");
    free(text);
}

Test(spec, a_byte_order_mark_is_no_character)
{
    sv_error error;
    svi_study_spec_free(read_text("\xef\xbb\xbf" IRIS MLP BY_EPOCHS SWEEP));
    refuse_set("\xef\xbb\xbf"
               "dta: {set: iris}\n",
               NULL, &error);
    expect_message(&error, ":1:1: unknown key `dta`");
}
