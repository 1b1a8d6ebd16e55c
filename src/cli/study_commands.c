/* plan and spec: what a study file says, without running it. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct arguments {
    text_list sets;
    bool as_json, wants_schema;
    sv_plan_options options;
} arguments;

static int run_plan(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_study *study;
    sv_error error = {0};
    char *text = NULL;
    if (sv_study_open(call->operand[0], a->sets.item, a->sets.n, &study, &error) != SV_OK)
        return cli_fail(&error);
    sv_status status = sv_study_plan(study, &a->options, a->as_json, &text, &error);
    sv_study_close(study);
    return cli_print_if(status, text, NULL, &error);
}

static int check(const char *path, const arguments *a)
{
    sv_study *study;
    sv_error error = {0};
    if (sv_study_open(path, a->sets.item, a->sets.n, &study, &error) != SV_OK)
        return cli_fail(&error);
    sv_study_close(study);
    if (a->as_json)
        printf("{\"schema\": \"seedvar.spec-check/1\", \"valid\": true}\n");
    else
        printf("%s: a valid study file\n", path);
    return EXIT_SUCCESS;
}

static int print_schema(void)
{
    char *json = NULL;
    sv_error error = {0};
    sv_status status = sv_study_schema(&json, &error);
    return cli_print_if(status, json, NULL, &error);
}

static int run_spec(const cli_call *call)
{
    const arguments *a = call->arguments;
    if (call->n_operands == 0 && a->wants_schema) return print_schema();
    if (call->n_operands == 2 && strcmp(call->operand[0], "check") == 0)
        return check(call->operand[1], a);
    return cli_fail_usage("spec", "say 'spec check STUDY' or 'spec --schema'");
}

static const cli_option plan_options[] = {
    OPTION_DEVICES(arguments, options.device),  OPTION_N_THREADS(arguments, options.n_threads),
    OPTION_SIMD(arguments, options.simd),       OPTION_SET(arguments, sets),
    OPTION_LAUNCH(arguments, options.n_launch), OPTION_JSON(arguments, as_json, "seedvar.plan/1"),
};

static const cli_option spec_options[] = {
    {"schema", NULL, "print the JSON Schema of study files", OPTION_FLAG,
     offsetof(arguments, wants_schema), NULL},
    OPTION_SET(arguments, sets),
    OPTION_JSON(arguments, as_json, "seedvar.spec-check/1"),
};

const cli_command cli_plan = {
    .name = "plan",
    .operands = "STUDY",
    .summary = "say what a study would run, where and for how long, and check its data",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 1,
    CLI_OPTIONS(plan_options),
    .notes = "With the options that run will have. Time and memory are reckoned, not measured.",
    .examples = "plan digits.yaml\n"
                "plan digits.yaml --device cuda:0\n"
                "plan digits.yaml --set train.epochs=5 --json\n",
    .size_arguments = sizeof(arguments),
    .run = run_plan,
};

const cli_command cli_spec = {
    .name = "spec",
    .operands = "check STUDY | --schema",
    .summary = "check a study file, or print its JSON Schema",
    .operand_words = "check",
    .n_operands_max = 2,
    CLI_OPTIONS(spec_options),
    .notes = "docs/study-file.md lists every key.",
    .examples = "spec check digits.yaml\n"
                "spec check digits.yaml --set model.hidden=[64,64]\n"
                "spec --schema\n",
    .size_arguments = sizeof(arguments),
    .run = run_spec,
};
