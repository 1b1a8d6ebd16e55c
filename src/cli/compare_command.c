/* compare: two fingerprints, two stores, or a folder of fingerprints. */
#include "cli.h"

typedef struct arguments {
    sv_analysis_options options;
    const char *folder, *output;
    bool as_json;
} arguments;

/* What was found is printed, equal or not. */
static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    char *text = NULL, **path = call->operand;
    sv_error error = {0};
    if (call->n_operands != (a->folder == NULL ? 2 : 0))
        return cli_fail_usage("compare", "name two fingerprints or two stores, or --all DIR");
    sv_status status = a->folder != NULL
                           ? sv_compare_all(a->folder, a->as_json, &text, &error)
                           : sv_compare(path[0], path[1], &a->options, a->as_json, &text, &error);
    if (status != SV_DIFFERENT) return cli_print_if(status, text, a->output, &error);
    int code = cli_print(text, a->output);
    return code == sv_status_exit_code(SV_OK) ? sv_status_exit_code(status) : code;
}

static const cli_option options[] = {
    {"all", "DIR", "all fingerprints of a folder: machines against subjects", OPTION_TEXT,
     offsetof(arguments, folder), CLI_FILES},
    OPTION_METRIC(arguments, options.metric),
    OPTION_LEVEL(arguments, options.level),
    OPTION_MARGIN(arguments, options.margin),
    OPTION_JSON(arguments, as_json, "seedvar.compare/1, of a folder seedvar.atlas/1"),
    OPTION_OUTPUT(arguments, output),
};

const cli_command cli_compare = {
    .name = "compare",
    .operands = "A B | --all DIR",
    .summary = "hold two stores or fingerprints side by side",
    .operand_words = CLI_FILES,
    .n_operands_max = 2,
    CLI_OPTIONS(options),
    .notes =
        "Two stores must hold one study, but for its numerics; metric, level and margin are for "
        "them. The exit\ncode is 1 where bits differ that docs/numerics.md fixes.",
    .examples = "compare here.json there.json\n"
                "compare digits.db digits-gpu.db\n"
                "compare --all fingerprints\n",
    .size_arguments = sizeof(arguments),
    .run = run,
};
