#include <stdlib.h>

#include "cli.h"

int cli_bench(int argc, char **argv)
{
    sv_bench_options chosen = {0};
    uint64_t n_threads = 0, n_rounds = 0;
    bool as_json = false;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"job", "J1,J2,...", "jobs to run (default: all, J1 to J6)", OPTION_TEXT,
         (void *)&chosen.jobs},
        {"seeds", "N", "seeds a job (default: about a second's worth)", OPTION_COUNT,
         &chosen.n_seeds},
        {"threads", "N", "CPU threads (default: one a core)", OPTION_COUNT, &n_threads},
        {"simd", "SET", "auto (default), avx512, avx2 or plain", OPTION_TEXT, (void *)&chosen.simd},
        {"device", "DEVICE", "cpu (default) or cuda:N", OPTION_TEXT, (void *)&chosen.device},
        {"rounds", "N", "rounds in which peak and jobs alternate (default 5)", OPTION_COUNT,
         &n_rounds},
        {"json", NULL, "print JSON (seedvar.bench/1)", OPTION_FLAG, &as_json},
    };
    int n = cli_parse(argc, argv, options, N_ITEMS(options), NULL, &code);
    if (n < 0) return code;
    if (n != 0) return cli_fail_usage("bench", "bench takes options only");
    chosen.n_threads = n_threads > 100000 ? 100000 : (int)n_threads;
    chosen.n_rounds = n_rounds > 1000 ? 1000 : (int)n_rounds;
    char *text = NULL;
    sv_error error = {0};
    if (sv_bench(&chosen, as_json, &text, &error) != SV_OK) return cli_fail(&error);
    return cli_print(text, NULL);
}
