/* claim: is a value what a search over seeds finds anyway? */
#include "cli.h"

#define NO_VALUE 1e300

typedef struct arguments {
    sv_analysis_options options;
    sv_claim_question question;
    bool as_json;
} arguments;

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_claim_question question = a->question;
    sv_published *typed = &question.published;
    sv_error error = {0};
    char *text = NULL, **word = call->operand;
    if (question.value == NO_VALUE)
        return cli_fail_usage("claim", "--value X says what is claimed");
    bool is_typed = call->n_operands == 3 && cli_read_real(word[0], &typed->mean) &&
                    cli_read_real(word[1], &typed->sd) && cli_read_count(word[2], &typed->n);
    if (call->n_operands != 1 && !is_typed)
        return cli_fail_usage("claim", "name one file, or mean, SD and runs: M SD N");
    question.is_less_better = a->options.is_less_better;
    question.path = is_typed ? NULL : word[0];
    sv_status status = sv_claim(&question, &a->options, a->as_json, &text, &error);
    return cli_print_if(status, text, NULL, &error);
}

static const cli_option options[] = {
    {"value", "X", "the value that is claimed", OPTION_REAL, offsetof(arguments, question.value),
     NULL},
    {"seeds", "K", "the best of how many seeds it may be (default 1)", OPTION_COUNT,
     offsetof(arguments, question.n_seeds), NULL},
    OPTION_METRIC(arguments, options.metric),
    OPTION_ARM(arguments, options.arm),
    OPTION_MORE_IS_BETTER(arguments, options.is_more_better),
    OPTION_LESS_IS_BETTER(arguments, options.is_less_better),
    OPTION_LEVEL(arguments, options.level),
    OPTION_JSON(arguments, as_json, "seedvar.claim/1"),
};

const cli_command cli_claim = {
    .name = "claim",
    .operands = "STORE | RUNS.csv | M SD N",
    .summary = "hold a claimed value against a search over seeds",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 3,
    CLI_OPTIONS(options),
    .notes = "M SD N: mean, standard deviation and number of runs, taken for normal.",
    .examples = "claim digits.db --value 0.97 --seeds 10\n"
                "claim 87.8 0.7 30 --value 89.1 --seeds 5\n",
    .size_arguments = sizeof(arguments),
    .defaults = &(const arguments){.question = {.value = NO_VALUE, .n_seeds = 1}},
    .run = run,
};
