/* analyze and import: findings from a store or from the results of another program. */
#include <stdlib.h>

#include "cli.h"

typedef sv_status (*analyze_fn)(const char *path, const sv_analysis_options *options,
                                sv_findings **findings, sv_error *error);

/* part: NULL for all. */
static int print_findings(const char *path, const sv_analysis_options *options, analyze_fn analyze,
                          const char *part, bool as_json, const char *output)
{
    sv_findings *findings;
    sv_error error = {0};
    char *text = NULL;
    if (analyze(path, options, &findings, &error) != SV_OK) return cli_fail(&error);
    sv_status status = part != NULL ? sv_findings_part(findings, part, as_json, &text, &error)
                       : as_json    ? sv_findings_json(findings, &text, &error)
                                    : sv_findings_text(findings, &text, &error);
    sv_findings_close(findings);
    return status == SV_OK ? cli_print(text, output) : cli_fail(&error);
}

enum { N_IMPORT_OPTIONS = 2 }; /* the last ones */

static int analyze_with(int argc, char **argv, analyze_fn analyze, bool is_import,
                        const char *more_help)
{
    sv_analysis_options chosen = {0};
    const char *output = NULL;
    bool as_json = false, as_paragraph = false;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"metric", "NAME", "metric to lead with (default: test_accuracy, else the first that fits)",
         OPTION_TEXT, (void *)&chosen.metric},
        {"level", "SHARE", "confidence of the intervals (default 0.95)", OPTION_REAL,
         &chosen.level},
        {"margin", "D", "difference of means that counts as equal", OPTION_REAL, &chosen.margin},
        {"tests", NULL, "simulate false findings and power of six tests (takes seconds)",
         OPTION_FLAG, &chosen.with_test_rates},
        {"paragraph", NULL, "print a paragraph for a paper, and nothing else", OPTION_FLAG,
         &as_paragraph},
        {"json", NULL, "print the findings as JSON (seedvar.findings/1)", OPTION_FLAG, &as_json},
        {"output", "FILE", "where to (default: stdout); also -o", OPTION_TEXT, &output},
        {"predictions", "FILE.npy", "class that each run predicts for each test point", OPTION_TEXT,
         (void *)&chosen.predictions},
        {"labels", "FILE.npy", "true class of each test point", OPTION_TEXT,
         (void *)&chosen.labels},
    };
    size_t n_options = N_ITEMS(options) - (is_import ? 0 : N_IMPORT_OPTIONS);
    int n = cli_parse(argc, argv, options, n_options, more_help, &code);
    if (n < 0) return code;
    if (n != 1) return cli_fail_usage(argv[0], "name one file");
    return print_findings(argv[1], &chosen, analyze, as_paragraph ? "paragraph" : NULL, as_json,
                          output);
}

int cli_analyze(int argc, char **argv)
{
    return analyze_with(argc, argv, sv_analyze_store, false, NULL);
}

int cli_import(int argc, char **argv)
{
    return analyze_with(argc, argv, sv_analyze_csv, true,
                        "RUNS.csv has a header: `seed` (or seed_init, seed_order, seed_split, "
                        "...), optional `arm`, "
                        "`numerics`\nand `replicate`, and one column per metric. Predictions are "
                        "whole numbers from 0, one row a\nrun in the order of the CSV.");
}
