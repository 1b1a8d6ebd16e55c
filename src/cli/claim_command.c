/* claim: is a value what a search over seeds finds anyway? */
#include <stdlib.h>

#include "cli.h"

int cli_claim(int argc, char **argv)
{
    sv_analysis_options chosen = {0};
    sv_claim_question question = {.value = 1e300, .n_seeds = 1};
    sv_error error = {0};
    bool as_json = false;
    char *text = NULL;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"value", "X", "the value that is claimed", OPTION_REAL, &question.value},
        {"seeds", "K", "the best of how many seeds it may be (default 1)", OPTION_COUNT,
         &question.n_seeds},
        {"metric", "NAME", "metric of the runs (default: as analyze)", OPTION_TEXT,
         (void *)&chosen.metric},
        {"less-is-better", NULL, "typed numbers: small values are good", OPTION_FLAG,
         &question.is_less_better},
        {"level", "SHARE", "confidence of the intervals (default 0.95)", OPTION_REAL,
         &chosen.level},
        {"json", NULL, "print JSON", OPTION_FLAG, &as_json},
    };
    int n =
        cli_parse(argc, argv, options, N_ITEMS(options),
                  "M SD N: mean, standard deviation and number of runs, taken for normal", &code);
    if (n < 0) return code;
    if (question.value == 1e300) return cli_fail_usage(argv[0], "--value X says what is claimed");
    bool is_typed = n == 3 && cli_read_real(argv[1], &question.published.mean) &&
                    cli_read_real(argv[2], &question.published.sd) &&
                    cli_read_count(argv[3], &question.published.n);
    if (n != 1 && !is_typed)
        return cli_fail_usage(argv[0], "name one file, or mean, SD and runs: M SD N");
    question.path = is_typed ? NULL : argv[1];
    return sv_claim(&question, &chosen, as_json, &text, &error) == SV_OK ? cli_print(text, NULL)
                                                                         : cli_fail(&error);
}
