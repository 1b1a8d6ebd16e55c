/* What a study says about training and numerics, and its defaults. */
#include "spec_fixture.h"

#include "fixed_sum.h"
#include "rounding.h"

#define TRAIN(keys) "train: {loss: cross_entropy, epochs: 2, " keys "}\n"
#define STUDY(keys) IRIS MLP TRAIN(keys) SWEEP
#define NUMERICS(entries) IRIS MLP BY_EPOCHS SWEEP "numerics: [" entries "]\n"

Test(spec_training, nothing_but_plain_sgd_is_the_default)
{
    svi_study_spec *s = read_text(IRIS MLP BY_EPOCHS SWEEP);
    const svi_train_spec *t = &s->arms[0].train;
    cr_expect_eq(s->arms[0].model.dropout, 0);
    cr_expect_eq(t->optimizer, SVK_OPTIMIZER_SGD);
    cr_expect(t->weight_decay == 0 && t->clip_norm == 0);
    cr_expect_eq(t->schedule, SVK_SCHEDULE_CONSTANT);
    cr_expect_eq(t->n_warmup_steps, 0);
    cr_expect_not(t->drops_last);
    cr_expect(t->patience == 0 && t->n_steps_apart == 0);
    svi_study_spec_free(s);
}

Test(spec_training, optimizers)
{
    static const char *const names[] = {
#define NAME(id, name, help) [SVK_OPTIMIZER_##id] = name,
        SVK_OPTIMIZERS(NAME)
#undef NAME
    };
    for (int i = 0; i < SVK_N_OPTIMIZERS; i++) {
        char text[400];
        bool has_moments = i == SVK_OPTIMIZER_ADAM || i == SVK_OPTIMIZER_ADAMW;
        snprintf(text, sizeof text,
                 STUDY("optimizer: {kind: %s, lr: 0.5, weight_decay: 0.25, clip_norm: 2%s}"),
                 names[i], has_moments ? "" : ", momentum: 0.75");
        svi_study_spec *s = read_text(text);
        const svi_train_spec *t = &s->arms[0].train;
        cr_expect_eq(t->optimizer, i);
        cr_expect(t->learning_rate == 0.5 && t->weight_decay == 0.25 && t->clip_norm == 2);
        if (has_moments)
            cr_expect(t->beta1 == 0.9 && t->beta2 == 0.999 && t->epsilon == 1e-8);
        else
            cr_expect(t->momentum == 0.75);
        svi_study_spec_free(s);
    }
}

Test(spec_training, moments_of_adam)
{
    svi_study_spec *s =
        read_text(STUDY("optimizer: {kind: adam, lr: 1e-3, beta1: 0, beta2: 0.5, epsilon: 1e-6}"));
    const svi_train_spec *t = &s->arms[0].train;
    cr_expect(t->beta1 == 0 && t->beta2 == 0.5 && t->epsilon == 1e-6);
    svi_study_spec_free(s);
}

static const char schedules[] =
    "data: {set: iris}\n"
    "model: {kind: mlp, hidden: [8]}\n"
    "train: {loss: cross_entropy, epochs: 2, optimizer: {lr: 1}, schedule: cosine}\n"
    "design: {kind: sweep, seeds: 4}\n"
    "arms:\n"
    "  name: {}\n"
    "  map: {train.schedule: {warmup: 7, final: 0.25}}\n"
    "  rise: {train.schedule: one_cycle}\n"
    "  peak: {train.schedule: {kind: one_cycle, warmup: 9}}\n"
    "  line: {train.schedule.kind: linear}\n"
    "  flat: {train.schedule: {kind: constant, warmup: 3}}\n";

Test(spec_training, a_schedule_as_a_name_and_as_a_map)
{
    svi_study_spec *s = read_text(schedules);
    const struct {
        int schedule;
        uint64_t n_warmup_steps;
        double final;
    } wanted[] = {{SVK_SCHEDULE_COSINE, 0, 0},    {SVK_SCHEDULE_COSINE, 7, 0.25},
                  {SVK_SCHEDULE_ONE_CYCLE, 0, 0}, {SVK_SCHEDULE_ONE_CYCLE, 9, 0},
                  {SVK_SCHEDULE_LINEAR, 0, 0},    {SVK_SCHEDULE_CONSTANT, 3, 0}};
    for (size_t i = 0; i < s->n_arms; i++) {
        const svi_train_spec *t = &s->arms[i].train;
        cr_expect_eq(t->schedule, wanted[i].schedule, "%s", s->arms[i].name);
        cr_expect_eq(t->n_warmup_steps, wanted[i].n_warmup_steps, "%s", s->arms[i].name);
        cr_expect_eq(t->final_factor, wanted[i].final, "%s", s->arms[i].name);
    }
    svi_study_spec_free(s);
}

static const char stopping[] =
    "data: {set: iris}\n"
    "model: {kind: mlp, hidden: [8], dropout: 0.5}\n"
    "train:\n"
    "  {loss: cross_entropy, epochs: 2, optimizer: {lr: 1}, last_batch: drop,\n"
    "   early_stopping: {patience: 3}}\n"
    "design: {kind: sweep, seeds: 4, vary: [dropout]}\n"
    "arms:\n"
    "  a: {}\n"
    "  b: {train.early_stopping.every: 10}\n"
    "  c: {train.early_stopping: null}\n";

Test(spec_training, dropout_last_batch_and_early_stopping)
{
    svi_study_spec *s = read_text(stopping);
    const svi_arm_spec *arm = s->arms;
    cr_expect_eq(arm[0].model.dropout, 0.5);
    cr_expect(arm[0].train.drops_last);
    cr_expect(arm[0].train.patience == 3 && arm[0].train.n_steps_apart == 0);
    cr_expect(arm[1].train.patience == 3 && arm[1].train.n_steps_apart == 10);
    cr_expect_eq(arm[2].train.patience, 0);
    cr_expect(s->design.is_varied[SVK_SOURCE_DROPOUT]);
    svi_study_spec_free(s);
}

Test(spec_training, names_of_numerics)
{
    static const struct {
        const char *entry, *name;
        int n_parts;
    } cases[] = {
        {"{path: butterfly, split: 32}", "butterfly/32 fp32", 32},
        {"{path: compensated, split: 2, precision: fp64}", "compensated/2 fp64", 2},
        {"{path: binned}", "binned fp32", 1},
        {"{path: binned, split: 1}", "binned fp32", 1},
        {"{path: binned, split: 8}", "binned/8 fp32", 8},
        {"{path: fixed}", "fixed fp32", 1},
        {"{path: fixed, scale: 30}", "fixed fp32", 1},
        {"{path: fixed, scale: 0}", "fixed.0 fp32", 1},
        {"{path: fixed, scale: 20, split: 3}", "fixed.20/3 fp32", 3},
        {"{path: atomic-global, split: 8}", "atomic-global/8 fp32", 8},
        {"{path: atomic-global, split: 8, blocks: 1}", "atomic-global/8 fp32", 8},
        {"{path: atomic-global, split: 32, blocks: 32, stress: cold_cache}",
         "atomic-global/32+32-blocks fp32 cold_cache", 32},
        {"{path: mma-tf32}", "mma-tf32 fp32", 1},
        {"{path: mma-bf16, precision: bf16}", "mma-bf16 bf16", 1},
        {"{precision: tf32}", "serial tf32", 1},
        {"{precision: bf16, path: tree, split: 4}", "tree/4 bf16", 4},
        {"{precision: fp16}", "serial fp16", 1},
        {"{precision: fp16, loss_scale: 1024}", "serial fp16*1024", 1},
        {"{precision: fp16, loss_scale: 0.5, path: fixed, scale: 9}", "fixed.9 fp16*0.5", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[400];
        snprintf(text, sizeof text, NUMERICS("%s"), cases[i].entry);
        svi_study_spec *s = read_text(text);
        cr_expect_str_eq(s->numerics[0].name, cases[i].name);
        cr_expect_eq(s->numerics[0].n_parts, cases[i].n_parts);
        svi_study_spec_free(s);
    }
}

Test(spec_training, scales_have_defaults)
{
    svi_study_spec *s =
        read_text(NUMERICS("{path: fixed, precision: fp16}, {path: fixed, precision: fp16, scale: "
                           "12, loss_scale: 64}"));
    cr_expect_eq(s->numerics[0].fixed_scale, SVK_FIXED_SCALE);
    cr_expect_eq(s->numerics[0].loss_scale, SVK_LOSS_SCALE);
    cr_expect_eq(s->numerics[1].fixed_scale, 12);
    cr_expect_eq(s->numerics[1].loss_scale, 64);
    svi_study_spec_free(s);
}

Test(spec_training, canonical_differs_with_every_key)
{
    static const char *const overrides[] = {
        "model.dropout=0.5",
        "train.optimizer.beta1=0.8",
        "train.optimizer.beta2=0.99",
        "train.optimizer.epsilon=1e-7",
        "train.optimizer.weight_decay=0.1",
        "train.optimizer.clip_norm=1",
        "train.optimizer.kind=adamw",
        "train.schedule=linear",
        "train.schedule.warmup=1",
        "train.schedule.final=0.5",
        "train.last_batch=drop",
        "train.early_stopping.patience=4",
        "train.early_stopping.every=4",
        "numerics=[{path: fixed, precision: fp16, scale: 29}]",
        "numerics=[{path: fixed, precision: fp16, loss_scale: 128}]",
    };
    static const char text[] =
        IRIS MLP TRAIN("optimizer: {kind: adam, lr: 1}, schedule: cosine, early_stopping: "
                       "{patience: 3}") SWEEP "numerics: [{path: fixed, precision: fp16}]\n";
    svi_study_spec *a = read_text(text);
    for (size_t i = 0; i < sizeof overrides / sizeof overrides[0]; i++) {
        svi_study_spec *b = read_set(text, &overrides[i], 1);
        cr_expect_str_neq(a->canonical, b->canonical, "%s", overrides[i]);
        svi_study_spec_free(b);
    }
    svi_study_spec_free(a);
}
