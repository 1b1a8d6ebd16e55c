/* howmany: seeds that a comparison needs, from runs or from numbers typed by hand. */
#include "cli.h"

#define NO_RHO 2

typedef struct arguments {
    sv_analysis_options options;
    sv_howmany_question question;
    bool as_json;
} arguments;

static int from_runs(const char *path, const arguments *a)
{
    sv_findings *findings;
    sv_error error = {0};
    sv_analysis_options chosen = a->options;
    char *text = NULL;
    const char *misplaced = a->question.rho < NO_RHO ? "rho" : chosen.margin != 0 ? "margin" : NULL;
    if (misplaced != NULL)
        return cli_fail_usage("howmany", "--%s belongs to typed numbers, M SD M SD; leave it out",
                              misplaced);
    chosen.power = a->question.power;
    if (sv_analyze_file(path, &chosen, &findings, &error) != SV_OK) return cli_fail(&error);
    sv_status status = sv_findings_part(findings, "howmany", a->as_json, &text, &error);
    sv_findings_close(findings);
    return cli_print_if(status, text, NULL, &error);
}

static int by_hand(char **word, const arguments *a)
{
    sv_howmany_question question = a->question;
    double *const to[] = {&question.mean_a, &question.sd_a, &question.mean_b, &question.sd_b};
    sv_error error = {0};
    char *text = NULL;
    for (size_t i = 0; i < N_ITEMS(to); i++)
        if (!cli_read_real(word[i], to[i]))
            return cli_fail_usage("howmany",
                                  "'%.200s' is no number; give mean and SD of each arm: M SD M SD",
                                  word[i]);
    question.is_paired = question.rho < NO_RHO;
    sv_status status = sv_howmany(&question, &a->options, a->as_json, &text, &error);
    return cli_print_if(status, text, NULL, &error);
}

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    if (!(a->question.power > 0 && a->question.power < 1))
        return cli_fail_usage("howmany", "--power is between 0 and 1, not %g", a->question.power);
    if (call->n_operands == 4 && a->options.metric != NULL)
        return cli_fail_usage("howmany", "--metric belongs to runs; leave it out");
    if (call->n_operands == 1) return from_runs(call->operand[0], a);
    if (call->n_operands == 4) return by_hand(call->operand, a);
    return cli_fail_usage("howmany", "name one file, or mean and SD of each arm: M SD M SD");
}

static const cli_option options[] = {
    OPTION_METRIC(arguments, options.metric),
    OPTION_ARM(arguments, options.arm),
    OPTION_MORE_IS_BETTER(arguments, options.is_more_better),
    OPTION_LESS_IS_BETTER(arguments, options.is_less_better),
    {"rho", "R", "typed numbers: correlation of the arms over common seeds", OPTION_REAL,
     offsetof(arguments, question.rho), NULL},
    {"power", "SHARE", "chance to find the difference (default 0.8)", OPTION_REAL,
     offsetof(arguments, question.power), NULL},
    {"margin", "D", "typed numbers: difference that counts as equal", OPTION_REAL,
     offsetof(arguments, options.margin), NULL},
    {"level", "SHARE", "1 - alpha of the tests (default 0.95)", OPTION_REAL,
     offsetof(arguments, options.level), NULL},
    OPTION_JSON(arguments, as_json, "seedvar.howmany/1, of runs seedvar.findings-part/1"),
};

const cli_command cli_howmany = {
    .name = "howmany",
    .operands = "STORE | RUNS.csv | M SD M SD",
    .summary = "say how many seeds a comparison needs",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 4,
    CLI_OPTIONS(options),
    .notes = "M SD: mean of an arm, and standard deviation between its runs.",
    .examples = "howmany digits.db\n"
                "howmany digits.db --power 0.9\n"
                "howmany 87.8 0.7 88.2 0.6\n"
                "howmany 87.8 0.7 88.2 0.6 --rho 0.5 --power 0.9\n",
    .size_arguments = sizeof(arguments),
    .defaults = &(const arguments){.options.with_test_rates = true,
                                   .question = {.rho = NO_RHO, .power = 0.8}},
    .run = run,
};
