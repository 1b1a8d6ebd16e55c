#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spec/spec_reading.h"
#include "spec/tree_merge.h"

static const char arm_name_chars[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static bool is_given(const svi_reading *r, const char *path)
{
    return svi_reading_given(r, path) != NULL;
}

static sv_status finish_split(svi_reading *r, svi_arm_spec *arm)
{
    const svi_data_spec *data = &arm->data;
    svi_split_spec *s = &arm->data.split;
    bool has_test_points = data->n_test_points > 0;
    if (!is_given(r, "data.split.train") && !is_given(r, "data.split.val") &&
        !is_given(r, "data.split.test")) {
        bool is_all = has_test_points || arm->model.kind == SVI_MODEL_KMEANS;
        s->train = is_all ? 1 : 0.6;
        s->val = s->test = is_all ? 0 : 0.2;
    }
    if (!(s->train > 0))
        return svi_reading_fail_key(r, "data.split.train",
                                    "data.split.train is missing; no row would train");
    if (!(fabs(s->train + s->val + s->test - 1) <= 1e-9))
        return svi_reading_fail_key(
            r, "data.split",
            "the shares of data.split add up to %.10g (train %.10g, val %.10g, test "
            "%.10g); they must add up to 1",
            s->train + s->val + s->test, s->train, s->val, s->test);
    if (has_test_points && s->test > 0)
        return svi_reading_fail_key(
            r, "data.split.test",
            "data.split.test is %.10g beside data.test_points %llu; fresh test "
            "points replace the test share: set it to 0",
            s->test, (unsigned long long)data->n_test_points);
    return SV_OK;
}

static sv_status check_fixed_test(svi_reading *r, const svi_split_spec *split)
{
    if (!split->is_test_fixed || split->test > 0) return SV_OK;
    return svi_reading_fail_key(r, "data.split.test_fixed",
                                "data.split.test_fixed is true, but data.split.test is 0, so that "
                                "there are no test rows to keep; set it to false");
}

static sv_status check_pairs(svi_reading *r, const svi_data_spec *data)
{
    uint64_t n_pairs = data->modulus * data->modulus;
    if (data->n_points == 0 && data->n_test_points > 0)
        return svi_reading_fail_key(r, "data.test_points",
                                    "data.test_points is %llu, but every pair is a row already; "
                                    "give data.points too, or use data.split.test",
                                    (unsigned long long)data->n_test_points);
    if (data->n_points + data->n_test_points > n_pairs)
        return svi_reading_fail_key(r, "data.points",
                                    "data.points and data.test_points ask for %llu of %llu pairs",
                                    (unsigned long long)(data->n_points + data->n_test_points),
                                    (unsigned long long)n_pairs);
    return SV_OK;
}

static sv_status check_generator(svi_reading *r, const svi_data_spec *data)
{
    uint64_t n_classes = data->set == SVI_SET_STROKE_DIGITS ? 10 : data->n_classes;
    if (data->set == SVI_SET_MODULAR_ADDITION) return check_pairs(r, data);
    if (data->n_relevant > data->n_features)
        return svi_reading_fail_key(
            r, "data.relevant", "data.relevant is %llu, but there are %llu features",
            (unsigned long long)data->n_relevant, (unsigned long long)data->n_features);
    if (data->n_points > 0 && data->n_points < n_classes)
        return svi_reading_fail_key(r, "data.points",
                                    "data.points is %llu, but there are %llu classes; every class "
                                    "needs a row",
                                    (unsigned long long)data->n_points,
                                    (unsigned long long)n_classes);
    return SV_OK;
}

/* What needs classes, or classes that are known before the rows are drawn. */
static sv_status check_classes(svi_reading *r, const svi_data_spec *data)
{
    bool is_regression = data->set == SVI_SET_LINEAR || data->task == SVI_TASK_REGRESSION;
    bool has_drawn_classes = data->set == SVI_SET_PARITY ||
                             (data->set == SVI_SET_MODULAR_ADDITION && data->n_points > 0);
    if (data->split.is_stratified && is_regression)
        return svi_reading_fail_key(r, "data.split.stratify",
                                    "data.split.stratify is true, but the target is a number and "
                                    "has no classes; set it to false");
    if (data->split.is_stratified && has_drawn_classes)
        return svi_reading_fail_key(r, "data.split.stratify",
                                    "data.split.stratify is true, but the classes of this set are "
                                    "drawn with the rows; set it to false");
    if (data->label_noise > 0 && is_regression)
        return svi_reading_fail_key(r, "data.label_noise",
                                    "data.label_noise is %.10g, but the target is a number and has "
                                    "no classes; set it to 0",
                                    data->label_noise);
    return SV_OK;
}

static sv_status finish_data(svi_reading *r, svi_arm_spec *arm)
{
    const svi_data_spec *data = &arm->data;
    if (data->set == SVI_SET_NONE) return SV_OK;
    SVI_TRY(finish_split(r, arm));
    if (data->set == SVI_SET_DIGITS && !data->keep_constant)
        return svi_reading_fail_key(
            r, "data.constant_columns",
            "data.constant_columns is error, but pixels at the edge of "
            "the digits are always 0; keep is the only choice with set digits");
    SVI_TRY(check_fixed_test(r, &data->split));
    SVI_TRY(check_generator(r, data));
    return check_classes(r, data);
}

static sv_status finish_optimizer(const svi_reading *r, const svi_train_spec *train)
{
    bool needs_momentum =
        train->optimizer == SVK_OPTIMIZER_MOMENTUM || train->optimizer == SVK_OPTIMIZER_NESTEROV;
    if (needs_momentum && !is_given(r, "train.optimizer.momentum"))
        return svi_reading_fail_key(r, "train.optimizer.kind",
                                    "train.optimizer.momentum is missing; kind %s needs it: a "
                                    "number from 0, below 1",
                                    svi_reading_given(r, "train.optimizer.kind")->text);
    if (train->schedule == SVK_SCHEDULE_ONE_CYCLE && train->n_warmup_steps == 0 &&
        is_given(r, "train.schedule.warmup"))
        return svi_reading_fail_key(r, "train.schedule.warmup",
                                    "train.schedule.warmup is 0, but one_cycle begins with a rise; "
                                    "give 1 or more, or take it out for 3 of 10 steps");
    return SV_OK;
}

static sv_status finish_train(svi_reading *r, const svi_arm_spec *arm, svi_train_spec *train)
{
    train->has_steps = is_given(r, "train.steps");
    SVI_TRY(finish_optimizer(r, train));
    if (train->patience > 0 && !(arm->data.split.val > 0))
        return svi_reading_fail_key(r, "train.early_stopping",
                                    "train.early_stopping compares losses on the validation rows, "
                                    "but data.split.val is 0; give it a share, or take "
                                    "train.early_stopping out");
    if (arm->model.kind == SVI_MODEL_LINEAR && !arm->model.is_closed_form &&
        train->loss != SVK_LOSS_SQUARED)
        return svi_reading_fail_key(r, "train.loss",
                                    "train.loss is `%s`; model.kind linear has squared only",
                                    svi_reading_given(r, "train.loss")->text);
    return SV_OK;
}

static sv_status finish_arm(svi_reading *r, svi_arm_spec *arm)
{
    if (is_given(r, "model.start.uniform") && !(arm->model.start_low < arm->model.start_high))
        return svi_reading_fail_key(r, "model.start.uniform",
                                    "model.start.uniform is [%.10g, %.10g]; the first number must "
                                    "be below the second",
                                    arm->model.start_low, arm->model.start_high);
    if (arm->model.dropout > 0 && arm->model.n_hidden == 0)
        return svi_reading_fail_key(r, "model.dropout",
                                    "model.dropout is %.10g, but model.hidden is [] and has no "
                                    "unit to drop; take model.dropout out",
                                    arm->model.dropout);
    if (arm->model.kind == SVI_MODEL_CNN) SVI_TRY(svi_check_image(r, &arm->model));
    SVI_TRY(finish_data(r, arm));
    return finish_train(r, arm, &arm->train);
}

static sv_status read_arm(svi_reading *r, svi_arm_spec *arm)
{
    arm->data.set = SVI_SET_NONE;
    arm->train.loss = -1;
    r->base[SVI_SCOPE_ARM] = arm;
    r->root_path = "";
    SVI_TRY(svi_reading_run(r));
    return finish_arm(r, arm);
}

static sv_status check_arm_name(const svi_node *name, sv_error *error)
{
    size_t n = strlen(name->text);
    char shown[SVI_SHOWN_BYTES];
    if (n >= 1 && n <= 63 && strspn(name->text, arm_name_chars) == n) return SV_OK;
    return svi_fail_at(error, name,
                       "`%s` as the name of an arm; it is 1 to 63 letters, digits, `.`, `_`, `-`",
                       svi_node_shown(name, shown));
}

static sv_status check_arm_keys(const svi_node *overrides, sv_error *error)
{
    for (size_t i = 0; i < overrides->n; i++) {
        const svi_node *name = overrides->keys[i];
        const svi_key *key = svi_key_find(name->text);
        if (key == NULL) return svi_fail_unknown_key(error, name, "");
        if (key->scope != SVI_SCOPE_ARM)
            return svi_fail_at(
                error, name,
                "`%s` in an arm; arms override data, model and train, the rest is the same "
                "for all",
                key->path);
    }
    return SV_OK;
}

static sv_status read_named_arm(svi_reading *r, svi_node *root, svi_node *name, svi_node *overrides,
                                svi_arm_spec *arm)
{
    svi_node *merged;
    SVI_TRY(check_arm_name(name, r->error));
    if (overrides->kind != SVI_NODE_MAP)
        return svi_fail_at(r->error, svi_node_is_null(overrides) ? name : overrides,
                           "arm `%s` has no map of overrides; "
                           "write `%s: {}` for none",
                           name->text, name->text);
    SVI_TRY(check_arm_keys(overrides, r->error));
    SVI_TRY(svi_tree_merge(r->tree, "", root, overrides, &merged, r->error));
    memcpy(arm->name, name->text, strlen(name->text) + 1);
    r->root = merged;
    r->arm_name = name;
    r->arm_overrides = overrides;
    return read_arm(r, arm);
}

static sv_status check_arms(const svi_node *arms, sv_error *error)
{
    const svi_key *key = svi_key_find("arms");
    if (arms->kind != SVI_NODE_MAP) return svi_fail_value(error, key, arms, "");
    if (arms->n < key->n_low) return svi_fail_value(error, key, arms, "is empty");
    return arms->n <= key->n_high ? SV_OK : svi_fail_value(error, key, arms, "is too long");
}

sv_status svi_read_arms(svi_tree *tree, const char *file, svi_node *root, svi_study_spec *spec,
                        sv_error *error)
{
    size_t at = svi_node_find(root, "arms");
    svi_node *arms = at < root->n ? root->items[at] : NULL;
    if (arms != NULL) SVI_TRY(check_arms(arms, error));
    spec->n_arms = arms != NULL ? arms->n : 1;
    spec->arms = calloc(spec->n_arms, sizeof *spec->arms);
    if (spec->arms == NULL) {
        spec->n_arms = 0;
        return svi_fail_memory(error, sizeof *spec->arms, "the arms");
    }
    strcpy(spec->arms[0].name, "base");
    for (size_t i = 0; i < spec->n_arms; i++) {
        svi_reading r = {.tree = tree, .file = file, .root = root, .error = error};
        SVI_TRY(arms == NULL
                    ? read_arm(&r, spec->arms)
                    : read_named_arm(&r, root, arms->keys[i], arms->items[i], &spec->arms[i]));
    }
    return SV_OK;
}
