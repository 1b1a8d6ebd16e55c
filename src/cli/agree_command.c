/* agree: two published results. */
#include "cli.h"

typedef struct arguments {
    sv_analysis_options options;
    bool as_json;
} arguments;

/* The word that cannot be read, or NULL. */
static const char *read_published(char **word, sv_published *result)
{
    if (!cli_read_real(word[0], &result->mean)) return word[0];
    if (!cli_read_real(word[1], &result->sd)) return word[1];
    return cli_read_count(word[2], &result->n) ? NULL : word[2];
}

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_published first, second;
    sv_error error = {0};
    char *text = NULL;
    const char *bad = read_published(call->operand, &first);
    if (bad == NULL) bad = read_published(call->operand + 3, &second);
    if (bad != NULL)
        return cli_fail_usage("agree",
                              "'%.200s' is not a number as expected here; give mean, SD and runs "
                              "of both results: M SD N M SD N",
                              bad);
    sv_status status = sv_agree(&first, &second, &a->options, a->as_json, &text, &error);
    return cli_print_if(status, text, NULL, &error);
}

static const cli_option options[] = {
    OPTION_MARGIN(arguments, options.margin),
    OPTION_LEVEL(arguments, options.level),
    OPTION_JSON(arguments, as_json, "seedvar.agree/1"),
};

const cli_command cli_agree = {
    .name = "agree",
    .operands = "M SD N M SD N",
    .summary = "say whether two published results agree",
    .n_operands_min = 6,
    .n_operands_max = 6,
    CLI_OPTIONS(options),
    .notes = "M SD N: mean, standard deviation between runs, number of runs.",
    .examples = "agree 87.8 0.7 3 88.2 0.6 3\n"
                "agree 87.8 0.7 3 88.2 0.6 3 --margin 0.5\n",
    .size_arguments = sizeof(arguments),
    .run = run,
};
