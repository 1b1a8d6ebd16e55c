/* fingerprint: what this machine computes, for a comparison with others. */
#include "cli.h"

typedef struct arguments {
    sv_fingerprint_options options;
    const char *output;
    bool as_json;
} arguments;

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_error error = {0};
    char *text = NULL;
    sv_status status = sv_fingerprint(&a->options, &text, &error);
    return cli_print_if(status, text, a->output, &error);
}

static const cli_option options[] = {
    OPTION_OUTPUT(arguments, output),
    OPTION_ONE_DEVICE(arguments, options.device),
    OPTION_N_THREADS(arguments, options.n_threads),
    OPTION_SIMD(arguments, options.simd),
    {"json", NULL, "a fingerprint is JSON in any case (seedvar.fingerprint/1)", OPTION_FLAG,
     offsetof(arguments, as_json), NULL},
};

const cli_command cli_fingerprint = {
    .name = "fingerprint",
    .operands = "",
    .summary = "write down what this machine computes",
    CLI_OPTIONS(options),
    .notes = "Takes less than a minute. `seedvar compare A B` compares two of them.",
    .examples = "fingerprint -o here.json\n"
                "fingerprint --device cuda:0 -o gpu.json\n",
    .size_arguments = sizeof(arguments),
    .run = run,
};
