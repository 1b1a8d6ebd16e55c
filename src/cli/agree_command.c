/* agree: two published results. */
#include "cli.h"

typedef struct arguments {
    sv_analysis_options options;
    bool as_json;
} arguments;

static bool read_published(char **word, sv_published *result)
{
    return cli_read_real(word[0], &result->mean) && cli_read_real(word[1], &result->sd) &&
           cli_read_count(word[2], &result->n);
}

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_published first, second;
    sv_error error = {0};
    char *text = NULL;
    if (!read_published(call->operand, &first) || !read_published(call->operand + 3, &second))
        return cli_fail_usage("agree", "give mean, SD and runs of both results: M SD N M SD N");
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
