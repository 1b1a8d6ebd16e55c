/* Arms, overrides and the canonical text. */
#include "spec_fixture.h"

static const char base[] = "study: s\n" IRIS MLP BY_EPOCHS SWEEP;
static const char two_arms[] =
    "study: s\n" IRIS MLP BY_EPOCHS SWEEP
    "arms:\n  base: {}\n  small.lr: {train.optimizer.lr: 0.02, model: {hidden: [4, 4]}}\n";

static svi_study_spec *set_one(const char *text, const char *override)
{
    return read_set(text, &override, 1);
}

Test(spec_arms, an_arm_is_the_base_with_changes)
{
    svi_study_spec *s = read_text(two_arms);
    cr_assert_eq(s->n_arms, 2);
    cr_expect_str_eq(s->arms[1].name, "small.lr");
    cr_expect(s->arms[0].train.learning_rate == 0.1 && s->arms[1].train.learning_rate == 0.02);
    cr_expect_eq(s->arms[0].model.n_hidden, 1);
    cr_expect_eq(s->arms[1].model.n_hidden, 2);
    cr_expect_eq(s->arms[1].train.n_epochs, 2);
    svi_study_spec_free(s);
}

Test(spec_arms, null_takes_a_key_away_and_rivals_give_way)
{
    svi_study_spec *s = read_text(
        IRIS MLP BY_EPOCHS SWEEP
        "arms: {a: {train.steps: 9}, b: {model.kind: linear, model.hidden: null, train: null}}\n");
    cr_expect(s->arms[0].train.has_steps && s->arms[0].train.n_steps == 9 &&
              s->arms[0].train.n_epochs == 0);
    cr_expect(s->arms[1].model.is_closed_form);
    svi_study_spec_free(s);
}

Test(spec_arms, an_arm_changes_the_scale_of_an_init)
{
    svi_study_spec *s = read_text(
        IRIS "model: {kind: mlp, hidden: [], init: {kind: normal, sd: 1}}\n" BY_EPOCHS SWEEP
             "arms: {a: {model.init.sd: 2}, b: {model.init: zero}}\n");
    cr_expect(s->arms[0].model.init == SVK_INIT_NORMAL && s->arms[0].model.init_scale == 2);
    cr_expect_eq(s->arms[1].model.init, SVK_INIT_ZERO);
    svi_study_spec_free(s);
}

Test(spec_arms, overrides_change_the_study)
{
    const char *const overrides[] = {"train.steps=0", "model.hidden=[3, 4]",
                                     "record.predictions=none",
                                     "arms.small.lr.train.optimizer.lr=1e-3", "study=t"};
    svi_study_spec *s = read_set(two_arms, overrides, 5);
    cr_expect_str_eq(s->name, "t");
    cr_expect_str_eq(s->text, two_arms);
    cr_expect(s->arms[0].train.has_steps);
    cr_expect_eq(s->arms[0].model.n_hidden, 2);
    cr_expect(s->arms[1].train.learning_rate == 0.001);
    cr_expect_eq(s->arms[1].model.hidden[1], 4);
    cr_expect_not(s->record_predictions);
    svi_study_spec_free(s);
}

Test(spec_arms, an_override_replaces_an_arm_or_adds_one)
{
    svi_study_spec *s = set_one(two_arms, "arms.small.lr={train.optimizer.lr: 0.3}");
    cr_expect(s->arms[1].train.learning_rate == 0.3);
    svi_study_spec_free(s);
    s = set_one(base, "arms={a: {}, b: {train.epochs: 1}}");
    cr_expect_eq(s->n_arms, 2);
    cr_expect_eq(s->arms[1].train.n_epochs, 1);
    svi_study_spec_free(s);
    s = set_one(two_arms, "arms=null");
    cr_expect_eq(s->n_arms, 1);
    svi_study_spec_free(s);
}

Test(spec_arms, the_longest_arm_name_takes_the_override)
{
    static const char text[] = IRIS MLP BY_EPOCHS SWEEP "arms: {a: {}, a.b: {}}\n";
    svi_study_spec *s = set_one(text, "arms.a.b.train.epochs=7");
    cr_expect_eq(s->arms[0].train.n_epochs, 2);
    cr_expect_eq(s->arms[1].train.n_epochs, 7);
    svi_study_spec_free(s);
}

Test(spec_arms, errors_name_the_override)
{
    static const struct {
        const char *override, *message;
    } cases[] = {
        {"train.epochs=-1", "--set train.epochs=-1: `-1` is too small"},
        {"train.epochs=[1", "--set train.epochs=[1: not valid YAML"},
        {"train.epochs", "--set train.epochs: no `=`"},
        {"train.epochs=", "--set train.epochs=: no value"},
        {"train..lr=1", "--set train..lr=1: a key with an empty part"},
        {"train.lr=1", "--set train.lr=1: unknown key `lr` in train"},
        {"train.lr=null", "--set train.lr=null: unknown key `lr` in train"},
        {"=1", "--set =1: a key with an empty part"},
        {"arms.=1", "--set arms.=1: `` as the name of an arm"},
        {"data.set=digitz", "did you mean `digits`?"},
        {"model.kind=linear", "model.hidden does not apply"},
    };
    sv_error error;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refuse_set(base, cases[i].override, &error);
        expect_message(&error, cases[i].message);
    }
}

Test(spec_arms, canonical_is_the_same_for_the_same_runs)
{
    svi_study_spec *a = read_text(base);
    svi_study_spec *b = read_text(
        "design: {seeds: 1e1, kind: sweep, first_seed: 0}\n" BY_EPOCHS
        "model: {hidden: [8], kind: mlp, activation: relu, init: {kind: kaiming_uniform}}\n"
        "data: {split: {train: 0.6, val: 0.2, test: 0.2}, set: iris}\n"
        "numerics: [{path: serial, split: 1}]\narms: {base: {}}\nstudy: other\n");
    cr_expect_str_eq(a->canonical, b->canonical);
    svi_study_spec_free(a);
    svi_study_spec_free(b);
}

Test(spec_arms, canonical_differs_for_other_runs)
{
    static const char *const overrides[] = {"train.optimizer.lr=0.1000000000000001",
                                            "train.steps=2",
                                            "train.optimizer.momentum=0.5",
                                            "train.batch_size=31",
                                            "train.sampling=replacement",
                                            "train.loss=squared",
                                            "model.bias=zero",
                                            "model.activation=tanh",
                                            "model.init=zero",
                                            "model.hidden=[8, 8]",
                                            "data.set=digits",
                                            "data.standardize=true",
                                            "data.split={train: 0.8, test: 0.2}",
                                            "data.split.stratify=true",
                                            "data.constant_columns=keep",
                                            "design.seeds=11",
                                            "design.first_seed=1",
                                            "design.vary=[init]",
                                            "design.replicates=2",
                                            "numerics=[{precision: fp64}]",
                                            "numerics=[{path: tree, split: 2}]",
                                            "record.predictions=none",
                                            "arms={a: {}}",
                                            "arms={base: {}, a: {}}"};
    svi_study_spec *a = read_text(base);
    for (size_t i = 0; i < sizeof overrides / sizeof overrides[0]; i++) {
        svi_study_spec *b = set_one(base, overrides[i]);
        cr_expect_str_neq(a->canonical, b->canonical, "%s", overrides[i]);
        svi_study_spec_free(b);
    }
    svi_study_spec_free(a);
}

Test(spec_arms, the_order_of_arms_matters)
{
    svi_study_spec *a = set_one(base, "arms={a: {}, b: {train.epochs: 1}}");
    svi_study_spec *b = set_one(base, "arms={b: {train.epochs: 1}, a: {}}");
    cr_expect_str_neq(a->canonical, b->canonical);
    svi_study_spec_free(a);
    svi_study_spec_free(b);
}
