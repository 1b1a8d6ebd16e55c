/* report: what stores say, as a page, as Markdown, as JSON, or as figures for a paper. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "figure_folder.h"

enum { MOST_STORES = 64 };

typedef struct arguments {
    sv_analysis_options options;
    const char *output, *figures, *format, *fingerprints;
    bool as_json, as_markdown;
} arguments;

static int write_report(const sv_findings *const *findings, size_t n, const char *atlas,
                        const arguments *a)
{
    sv_error error = {0};
    char *text = NULL;
    bool is_page = !a->as_json && !a->as_markdown;
    const char *output = a->output == NULL && is_page ? "report.html" : a->output;
    sv_status status = sv_report(findings, n, atlas,
                                 is_page      ? "html"
                                 : a->as_json ? "json"
                                              : "markdown",
                                 &text, &error);
    int code = cli_print_if(status, text, output, &error);
    if (code == EXIT_SUCCESS && output != NULL && strcmp(output, "-") != 0)
        fprintf(stderr, "seedvar: %s is written\n", output);
    return code;
}

static int write_all(const sv_findings *const *findings, size_t n, const arguments *a)
{
    sv_error error = {0};
    char *atlas = NULL;
    sv_status status =
        a->fingerprints == NULL ? SV_OK : sv_compare_all(a->fingerprints, true, &atlas, &error);
    if (status != SV_OK && status != SV_DIFFERENT) return cli_fail(&error);
    int code = a->figures == NULL ? write_report(findings, n, atlas, a)
                                  : cli_write_figures(findings, n, atlas, a->figures,
                                                      a->format != NULL ? a->format : "svg");
    sv_free(atlas);
    return code;
}

/* Whether an option would go unheeded; code is then set. */
static bool has_misfit(const arguments *a, int *code)
{
    const char *form = a->figures != NULL ? "figures" : a->as_json ? "json" : "markdown";
    bool are_two = (a->figures != NULL) + a->as_json + a->as_markdown > 1;
    if (a->format != NULL && a->figures == NULL)
        *code = cli_fail_usage("report", "--format is of figures: add --figures DIR");
    else if (a->figures != NULL && a->output != NULL)
        *code = cli_fail_usage("report", "--figures DIR says where figures go; leave out --output");
    else if (are_two)
        *code = cli_fail_usage("report", "--%s and --%s are two reports; ask for one at a time",
                               form, a->as_markdown ? "markdown" : "json");
    else
        return false;
    return true;
}

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_findings *findings[MOST_STORES];
    sv_error error = {0};
    int n = 0, code = EXIT_SUCCESS;
    if (has_misfit(a, &code)) return code;
    while (n < call->n_operands && code == EXIT_SUCCESS) {
        if (sv_analyze_file(call->operand[n], &a->options, &findings[n], &error) == SV_OK)
            n++;
        else
            code = cli_fail(&error);
    }
    if (code == EXIT_SUCCESS) code = write_all((const sv_findings *const *)findings, (size_t)n, a);
    while (n > 0) sv_findings_close(findings[--n]);
    return code;
}

static const cli_option options[] = {
    {"output", "FILE", "where to (default: report.html; Markdown and JSON: stdout); also -o",
     OPTION_TEXT, offsetof(arguments, output), CLI_FILES},
    {"markdown", NULL, "write Markdown", OPTION_FLAG, offsetof(arguments, as_markdown), NULL},
    OPTION_JSON(arguments, as_json, "seedvar.report/1, charts as Vega-Lite"),
    {"figures", "DIR", "write each chart as a file of its own, for papers", OPTION_TEXT,
     offsetof(arguments, figures), CLI_FILES},
    {"format", "FORMAT", "of figures: svg (default), pdf, png or json (Vega-Lite)", OPTION_TEXT,
     offsetof(arguments, format), "svg pdf png json"},
    {"fingerprints", "DIR", "also show the fingerprints of a folder, machine by machine",
     OPTION_TEXT, offsetof(arguments, fingerprints), CLI_FILES},
    OPTION_METRIC(arguments, options.metric),
    OPTION_ARM(arguments, options.arm),
    OPTION_MORE_IS_BETTER(arguments, options.is_more_better),
    OPTION_LESS_IS_BETTER(arguments, options.is_less_better),
    OPTION_LEVEL(arguments, options.level),
    OPTION_MARGIN(arguments, options.margin),
};

const cli_command cli_report = {
    .name = "report",
    .operands = "STORE...",
    .summary = "show what runs say: a page with charts, figures, Markdown",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = MOST_STORES,
    CLI_OPTIONS(options),
    .notes = "Stores, or CSVs of another program's results; several share one page, which needs no "
             "network.\nFigures are drawn by PyPI's vl-convert-python: of the Python that "
             "SEEDVAR_PYTHON "
             "names, else of the build\nfolder's, else of python3.",
    .examples = "report digits.db\n"
                "report digits.db runs.csv -o both.html\n"
                "report digits.db --figures figures --format pdf\n"
                "report digits.db --markdown\n",
    .size_arguments = sizeof(arguments),
    .run = run,
};
