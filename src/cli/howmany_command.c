/* howmany: seeds that a comparison needs, from runs or from numbers typed by hand. */
#include <stdlib.h>

#include "cli.h"

static int from_runs(const char *path, const sv_analysis_options *options, bool as_json)
{
    sv_findings *findings;
    sv_error error = {0};
    char *text = NULL;
    if (sv_analyze_file(path, options, &findings, &error) != SV_OK) return cli_fail(&error);
    sv_status status = sv_findings_part(findings, "howmany", as_json, &text, &error);
    sv_findings_close(findings);
    return status == SV_OK ? cli_print(text, NULL) : cli_fail(&error);
}

static int by_hand(char **word, const sv_howmany_question *given,
                   const sv_analysis_options *options, bool as_json)
{
    sv_howmany_question question = *given;
    double *const to[] = {&question.mean_a, &question.sd_a, &question.mean_b, &question.sd_b};
    sv_error error = {0};
    char *text = NULL;
    for (size_t i = 0; i < N_ITEMS(to); i++)
        if (!cli_read_real(word[i], to[i]))
            return cli_fail_usage("howmany", "mean and SD of each arm are numbers: M SD M SD");
    return sv_howmany(&question, options, as_json, &text, &error) == SV_OK ? cli_print(text, NULL)
                                                                           : cli_fail(&error);
}

int cli_howmany(int argc, char **argv)
{
    sv_analysis_options chosen = {.with_test_rates = true};
    sv_howmany_question question = {.rho = 2};
    bool as_json = false;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"metric", "NAME", "metric of the runs (default: as analyze)", OPTION_TEXT,
         (void *)&chosen.metric},
        {"rho", "R", "typed numbers: correlation of the arms over common seeds", OPTION_REAL,
         &question.rho},
        {"power", "SHARE", "typed numbers: chance to find the difference (default 0.8)",
         OPTION_REAL, &question.power},
        {"margin", "D", "typed numbers: difference that counts as equal", OPTION_REAL,
         &chosen.margin},
        {"level", "SHARE", "1 - alpha of the tests (default 0.95)", OPTION_REAL, &chosen.level},
        {"json", NULL, "print JSON", OPTION_FLAG, &as_json},
    };
    int n = cli_parse(argc, argv, options, N_ITEMS(options), NULL, &code);
    if (n < 0) return code;
    question.is_paired = question.rho < 2;
    if (n == 1) return from_runs(argv[1], &chosen, as_json);
    if (n == 4) return by_hand(argv + 1, &question, &chosen, as_json);
    return cli_fail_usage(argv[0], "name one file, or mean and SD of each arm: M SD M SD");
}
