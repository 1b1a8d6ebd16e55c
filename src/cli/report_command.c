/* report: what stores say, as a page, as Markdown, as JSON, or as figures for a paper. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "figure_folder.h"

enum { MOST_STORES = 64 };

typedef struct report_arguments {
    sv_analysis_options analysis;
    const char *output, *figures, *format, *fingerprints;
    bool as_json, as_markdown;
} report_arguments;

static int write_report(const sv_findings *const *findings, size_t n, const char *atlas,
                        const report_arguments *a)
{
    sv_error error = {0};
    char *text = NULL;
    const char *format = a->as_json ? "json" : a->as_markdown ? "markdown" : "html";
    const char *output = a->output;
    if (output == NULL && !a->as_json && !a->as_markdown) output = "report.html";
    if (sv_report(findings, n, atlas, format, &text, &error) != SV_OK) return cli_fail(&error);
    int code = cli_print(text, output);
    if (code == EXIT_SUCCESS && output != NULL && strcmp(output, "-") != 0)
        fprintf(stderr, "seedvar: %s is written\n", output);
    return code;
}

static int write_all(const sv_findings *const *findings, size_t n, const report_arguments *a)
{
    sv_error error = {0};
    char *atlas = NULL;
    sv_status status =
        a->fingerprints == NULL ? SV_OK : sv_compare_all(a->fingerprints, true, &atlas, &error);
    if (status != SV_OK && status != SV_DIFFERENT) return cli_fail(&error);
    int code = a->figures == NULL ? write_report(findings, n, atlas, a)
                                  : cli_write_figures(findings, n, atlas, a->figures, a->format);
    sv_free(atlas);
    return code;
}

static int report(char **paths, size_t n, const report_arguments *a)
{
    sv_findings *findings[MOST_STORES];
    sv_error error = {0};
    size_t n_read = 0;
    int code = EXIT_SUCCESS;
    while (n_read < n && code == EXIT_SUCCESS) {
        if (sv_analyze_file(paths[n_read], &a->analysis, &findings[n_read], &error) == SV_OK)
            n_read++;
        else
            code = cli_fail(&error);
    }
    if (code == EXIT_SUCCESS) code = write_all((const sv_findings *const *)findings, n, a);
    while (n_read > 0) sv_findings_close(findings[--n_read]);
    return code;
}

int cli_report(int argc, char **argv)
{
    report_arguments a = {.format = "svg"};
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"output", "FILE", "where to (default: report.html; Markdown and JSON: stdout); also -o",
         OPTION_TEXT, (void *)&a.output},
        {"markdown", NULL, "write Markdown", OPTION_FLAG, &a.as_markdown},
        {"json", NULL, "write JSON (seedvar.report/1), charts as Vega-Lite", OPTION_FLAG,
         &a.as_json},
        {"figures", "DIR", "write each chart as a file of its own, for papers", OPTION_TEXT,
         (void *)&a.figures},
        {"format", "FORMAT", "of figures: svg (default), pdf, png or json (Vega-Lite)", OPTION_TEXT,
         (void *)&a.format},
        {"fingerprints", "DIR", "also show the fingerprints of a folder, machine by machine",
         OPTION_TEXT, (void *)&a.fingerprints},
        {"metric", "NAME", "metric to lead with (default: as analyze)", OPTION_TEXT,
         (void *)&a.analysis.metric},
        {"level", "SHARE", "confidence of the intervals (default 0.95)", OPTION_REAL,
         &a.analysis.level},
        {"margin", "D", "difference of means that counts as equal", OPTION_REAL,
         &a.analysis.margin},
    };
    int n = cli_parse(
        argc, argv, options, N_ITEMS(options),
        "Stores or CSVs of results; several share one page. The page needs no network.", &code);
    if (n < 0) return code;
    if (n == 0) return cli_fail_usage("report", "report: name a store or a CSV");
    if (n > MOST_STORES) return cli_fail_usage("report", "report: 64 stores at most");
    return report(argv + 1, (size_t)n, &a);
}
