/* bisect: the step, the layer and the parameter at which two runs part. */
#include "cli.h"

typedef struct arguments {
    sv_bisect_options options;
    bool as_json;
} arguments;

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_bisect_options chosen = a->options;
    sv_error error = {0};
    char *text = NULL;
    chosen.store_a = call->operand[0];
    chosen.store_b = call->n_operands == 2 ? call->operand[1] : NULL;
    sv_status status = sv_bisect(&chosen, a->as_json, &text, &error);
    if (status != SV_DIFFERENT) return cli_print_if(status, text, NULL, &error);
    int code = cli_print(text, NULL);
    return code == sv_status_exit_code(SV_OK) ? sv_status_exit_code(status) : code;
}

static const cli_option options[] = {
    {"run", "N", "the run of A (default: the first that differs from B's)", OPTION_COUNT,
     offsetof(arguments, options.run_a), NULL},
    {"against", "M", "the run of B, or a second one of A (default: that of --run)", OPTION_COUNT,
     offsetof(arguments, options.run_b), NULL},
    OPTION_FOLDER(arguments, options.folder),
    OPTION_N_THREADS(arguments, options.n_threads),
    OPTION_SIMD(arguments, options.simd),
    OPTION_JSON(arguments, as_json, "seedvar.bisect/1"),
};

const cli_command cli_bisect = {
    .name = "bisect",
    .operands = "A [B]",
    .summary = "find the step and the parameter at which two runs part",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 2,
    CLI_OPTIONS(options),
    .notes =
        "Both runs are trained again on the CPU, and looked at after ever closer steps. The exit "
        "code is 1\nwhere they differ.",
    .examples = "bisect here.db there.db\n"
                "bisect digits.db --run 3 --against 4\n",
    .size_arguments = sizeof(arguments),
    .defaults = &(const arguments){.options = {.run_a = UINT64_MAX, .run_b = UINT64_MAX}},
    .run = run,
};
