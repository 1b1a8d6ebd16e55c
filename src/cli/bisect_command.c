/* bisect: the step, the layer and the parameter at which two runs part. */
#include "cli.h"

typedef struct arguments {
    sv_bisect_options options;
    bool as_json;
} arguments;

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_bisect_options options = a->options;
    char *text = NULL;
    sv_error error = {0};
    options.store_a = call->operand[0];
    options.store_b = call->n_operands == 2 ? call->operand[1] : NULL;
    sv_status status = sv_bisect(&options, a->as_json, &text, &error);
    if (status != SV_DIFFERENT) return cli_print_if(status, text, NULL, &error);
    int code = cli_print(text, NULL);
    return code == sv_status_exit_code(SV_OK) ? sv_status_exit_code(status) : code;
}

static const cli_option options[] = {
    {"run", "N", "the run of A (default: the first that differs from B's)", OPTION_COUNT,
     offsetof(arguments, options.run_a), NULL},
    {"against", "M", "the run of B, or a second run of A (default: that of --run)", OPTION_COUNT,
     offsetof(arguments, options.run_b), NULL},
    {"folder", "DIR", "where the study's data files are (default: beside the store)", OPTION_TEXT,
     offsetof(arguments, options.folder), CLI_FILES},
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
    .notes = "Both runs are trained again on the CPU, and looked at after ever closer steps. The "
             "exit code is 1\nwhere they differ.",
    .examples = "bisect digits.db moved.db\n"
                "bisect digits.db --run 7 --against 12\n",
    .size_arguments = sizeof(arguments),
    .defaults = &(const arguments){.options = {.run_a = UINT64_MAX, .run_b = UINT64_MAX}},
    .run = run,
};
