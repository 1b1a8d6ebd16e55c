/* bisect: the step, the layer and the parameter at which two runs part. */
#include <stdlib.h>

#include "cli.h"

int cli_bisect(int argc, char **argv)
{
    sv_bisect_options chosen = {.run_a = UINT64_MAX, .run_b = UINT64_MAX};
    uint64_t n_threads = 0;
    bool as_json = false;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"run", "N", "the run of A (default: the first that differs from B's)", OPTION_COUNT,
         &chosen.run_a},
        {"against", "M", "the run of B, or a second run of A (default: that of --run)",
         OPTION_COUNT, &chosen.run_b},
        {"folder", "DIR", "where the study's data files are (default: beside the store)",
         OPTION_TEXT, (void *)&chosen.folder},
        {"threads", "N", "threads (default: one a core)", OPTION_COUNT, &n_threads},
        {"simd", "NAME", "auto (default), avx512, avx2 or plain", OPTION_TEXT,
         (void *)&chosen.simd},
        {"json", NULL, "print JSON (seedvar.bisect/1)", OPTION_FLAG, &as_json},
    };
    int n = cli_parse(argc, argv, options, N_ITEMS(options),
                      "Both runs are trained again on the CPU, and looked at after ever closer "
                      "steps. The exit code is 1 where they differ.",
                      &code);
    if (n < 0) return code;
    if (n < 1 || n > 2) return cli_fail_usage("bisect", "name one store or two");
    char *text = NULL;
    sv_error error = {0};
    chosen.store_a = argv[1];
    chosen.store_b = n == 2 ? argv[2] : NULL;
    chosen.n_threads = n_threads > 100000 ? 100000 : (int)n_threads;
    sv_status status = sv_bisect(&chosen, as_json, &text, &error);
    if (status != SV_OK && status != SV_DIFFERENT) return cli_fail(&error);
    code = cli_print(text, NULL);
    return code == EXIT_SUCCESS ? sv_status_exit_code(status) : code;
}
