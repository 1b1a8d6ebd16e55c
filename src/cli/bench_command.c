#include "cli.h"

enum { ROUNDS_MAX = 1000 };

typedef struct arguments {
    sv_bench_options options;
    bool as_json;
} arguments;

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_bench_options chosen = a->options;
    sv_error error = {0};
    char *text = NULL;
    if (chosen.n_rounds > ROUNDS_MAX) chosen.n_rounds = ROUNDS_MAX;
    sv_status status = sv_bench(&chosen, a->as_json, &text, &error);
    return cli_print_if(status, text, NULL, &error);
}

static const cli_option options[] = {
    {"job", "J1,J2,...", "jobs to run (default: all, J1 to J6)", OPTION_TEXT,
     offsetof(arguments, options.jobs), "J1 J2 J3 J4 J5 J6"},
    {"seeds", "N", "seeds a job (default: about a second's worth)", OPTION_COUNT,
     offsetof(arguments, options.n_seeds), NULL},
    OPTION_N_THREADS(arguments, options.n_threads),
    OPTION_SIMD(arguments, options.simd),
    OPTION_ONE_DEVICE(arguments, options.device),
    {"rounds", "N", "rounds in which peak and jobs alternate (default 5)", OPTION_INT,
     offsetof(arguments, options.n_rounds), NULL},
    OPTION_JSON(arguments, as_json, "seedvar.bench/1"),
};

const cli_command cli_bench = {
    .name = "bench",
    .operands = "",
    .summary = "measure training speed beside the machine's peak",
    CLI_OPTIONS(options),
    .notes = "docs/performance.md says what the jobs are.",
    .examples = "bench --job J1 --rounds 3\n"
                "bench --job J1 --seeds 1000 --rounds 1 --json\n",
    .size_arguments = sizeof(arguments),
    .run = run,
};
