/* analyze and import: findings from a store or from the results of another program. */
#include "cli.h"

typedef struct arguments {
    sv_analysis_options options;
    const char *output;
    bool as_json, as_paragraph;
} arguments;

typedef sv_status (*analyze_fn)(const char *path, const sv_analysis_options *options,
                                sv_findings **findings, sv_error *error);

static int print_findings(const cli_call *call, analyze_fn analyze)
{
    const arguments *a = call->arguments;
    sv_findings *findings;
    sv_error error = {0};
    char *text = NULL;
    if (analyze(call->operand[0], &a->options, &findings, &error) != SV_OK) return cli_fail(&error);
    sv_status status = a->as_paragraph
                           ? sv_findings_part(findings, "paragraph", a->as_json, &text, &error)
                       : a->as_json ? sv_findings_json(findings, &text, &error)
                                    : sv_findings_text(findings, &text, &error);
    sv_findings_close(findings);
    return cli_print_if(status, text, a->output, &error);
}

static int run_analyze(const cli_call *call) { return print_findings(call, sv_analyze_store); }

static int run_import(const cli_call *call) { return print_findings(call, sv_analyze_csv); }

#define ANALYSIS_OPTIONS                                                                           \
    OPTION_METRIC(arguments, options.metric), OPTION_LEVEL(arguments, options.level),              \
        OPTION_MARGIN(arguments, options.margin),                                                  \
        OPTION_MORE_IS_BETTER(arguments, options.is_more_better),                                  \
        OPTION_LESS_IS_BETTER(arguments, options.is_less_better),                                  \
        {"tests",                                                                                  \
         NULL,                                                                                     \
         "simulate false findings and power of six tests (takes seconds)",                         \
         OPTION_FLAG,                                                                              \
         offsetof(arguments, options.with_test_rates),                                             \
         NULL},                                                                                    \
        {"paragraph",                                                                              \
         NULL,                                                                                     \
         "print a paragraph for a paper, and nothing else",                                        \
         OPTION_FLAG,                                                                              \
         offsetof(arguments, as_paragraph),                                                        \
         NULL},                                                                                    \
        OPTION_JSON(arguments, as_json, "seedvar.findings/1"), OPTION_OUTPUT(arguments, output)

static const cli_option analyze_options[] = {ANALYSIS_OPTIONS};

static const cli_option import_options[] = {
    ANALYSIS_OPTIONS,
    OPTION_ARM(arguments, options.arm),
    {"predictions", "FILE.npy", "class that each run predicts for each test point", OPTION_TEXT,
     offsetof(arguments, options.predictions), CLI_FILES},
    {"labels", "FILE.npy", "true class of each test point", OPTION_TEXT,
     offsetof(arguments, options.labels), CLI_FILES},
};

const cli_command cli_analyze = {
    .name = "analyze",
    .operands = "STORE",
    .summary = "estimate, compare, judge",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 1,
    CLI_OPTIONS(analyze_options),
    .examples = "analyze digits.db\n"
                "analyze digits.db --metric test_loss --margin 0.01\n"
                "analyze digits.db --paragraph\n"
                "analyze digits.db --json -o findings.json\n",
    .size_arguments = sizeof(arguments),
    .run = run_analyze,
};

const cli_command cli_import = {
    .name = "import",
    .operands = "RUNS.csv",
    .summary = "analyze the results of another program",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 1,
    CLI_OPTIONS(import_options),
    .notes = "RUNS.csv has a header: `seed` (or seed_init, seed_order, seed_split, ...), optional "
             "`arm`, `numerics`,\n`replicate` and `status`, and one column per metric; commas, "
             "semicolons or tabs between them; plain or\n.gz; - is stdin. docs/import.md has the "
             "names that are known. Predictions are whole numbers from 0,\none row a run in the "
             "order of the CSV.",
    .examples = "import runs.csv\n"
                "import runs.csv --arm arm --metric accuracy --more-is-better\n"
                "import runs.csv --json -o findings.json\n"
                "import runs.csv --predictions predictions.npy --labels labels.npy\n",
    .size_arguments = sizeof(arguments),
    .run = run_import,
};
