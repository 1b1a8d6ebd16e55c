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

static int run(const cli_call *call)
{
    const report_arguments *a = call->arguments;
    sv_findings *findings[MOST_STORES];
    sv_error error = {0};
    int code = EXIT_SUCCESS, n = 0;
    while (n < call->n_operands && code == EXIT_SUCCESS) {
        if (sv_analyze_file(call->operand[n], &a->analysis, &findings[n], &error) == SV_OK)
            n++;
        else
            code = cli_fail(&error);
    }
    if (code == EXIT_SUCCESS) code = write_all((const sv_findings *const *)findings, (size_t)n, a);
    while (n > 0) sv_findings_close(findings[--n]);
    return code;
}

static const report_arguments defaults = {.format = "svg"};

static const cli_option options[] = {
    {"output", "FILE", "where to (default: report.html; Markdown and JSON: stdout); also -o",
     OPTION_TEXT, offsetof(report_arguments, output), CLI_FILES},
    {"markdown", NULL, "write Markdown", OPTION_FLAG, offsetof(report_arguments, as_markdown),
     NULL},
    OPTION_JSON(report_arguments, as_json, "seedvar.report/1"),
    {"figures", "DIR", "write each chart as a file of its own, for papers", OPTION_TEXT,
     offsetof(report_arguments, figures), CLI_FILES},
    {"format", "FORMAT", "of figures: svg (default), pdf, png or json (Vega-Lite)", OPTION_TEXT,
     offsetof(report_arguments, format), "svg pdf png json"},
    {"fingerprints", "DIR", "also show the fingerprints of a folder, machine by machine",
     OPTION_TEXT, offsetof(report_arguments, fingerprints), CLI_FILES},
    OPTION_METRIC(report_arguments, analysis.metric),
    OPTION_LEVEL(report_arguments, analysis.level),
    OPTION_MARGIN(report_arguments, analysis.margin),
};

const cli_command cli_report = {
    .name = "report",
    .operands = "STORE...",
    .summary = "show what stores say: a page with charts",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = MOST_STORES,
    CLI_OPTIONS(options),
    .notes = "Stores or CSVs of results; several share one page. The page needs no network.",
    .examples = "report digits.db\n"
                "report digits.db -o digits.html --metric test_loss\n"
                "report digits.db --markdown\n"
                "report digits.db --figures figures --format svg\n",
    .size_arguments = sizeof(report_arguments),
    .defaults = &defaults,
    .run = run,
};
