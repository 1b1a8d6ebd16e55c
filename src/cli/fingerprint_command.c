/* fingerprint: what this machine computes, for a comparison with others. */
#include <stdlib.h>

#include "cli.h"

int cli_fingerprint(int argc, char **argv)
{
    sv_fingerprint_options chosen = {0};
    uint64_t n_threads = 0;
    const char *output = NULL;
    bool as_json = false;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"output", "FILE", "where to (default: stdout); also -o", OPTION_TEXT, &output},
        {"device", "DEVICE", "cpu (default) or cuda:N", OPTION_TEXT, (void *)&chosen.device},
        {"threads", "N", "CPU threads (default: one a core)", OPTION_COUNT, &n_threads},
        {"simd", "SET", "auto (default), avx512, avx2 or plain", OPTION_TEXT, (void *)&chosen.simd},
        {"json", NULL, "a fingerprint is JSON in any case (seedvar.fingerprint/1)", OPTION_FLAG,
         &as_json},
    };
    int n =
        cli_parse(argc, argv, options, N_ITEMS(options),
                  "Takes less than a minute. `seedvar compare A B` compares two of them.", &code);
    if (n < 0) return code;
    if (n != 0) return cli_fail_usage("fingerprint", "fingerprint takes options only");
    chosen.n_threads = n_threads > 100000 ? 100000 : (int)n_threads;
    char *text = NULL;
    sv_error error = {0};
    if (sv_fingerprint(&chosen, &text, &error) != SV_OK) return cli_fail(&error);
    return cli_print(text, output);
}
