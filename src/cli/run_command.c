#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "progress.h"

static volatile int stop_asked;

/* The first signal lets the launch end and its rows reach the disk; the second ends the program. */
static void ask_to_stop(int number)
{
    stop_asked = 1;
    signal(number, SIG_DFL);
}

typedef struct arguments {
    text_list sets;
    bool as_json, as_json_progress;
    sv_run_options options;
} arguments;

/* The study's name with .db, in this folder. */
static char *default_store(const sv_study *study)
{
    const char *name = sv_study_name(study);
    char *store = malloc(strlen(name) + sizeof ".db");
    if (store == NULL) return NULL;
    strcat(strcpy(store, name), ".db");
    for (char *c = store; *c != '\0'; c++)
        if (*c == '/') *c = '-';
    return store;
}

static char *join_command_line(int argc, char **argv)
{
    size_t n = sizeof "seedvar";
    for (int i = 0; i < argc; i++) n += strlen(argv[i]) + 1;
    char *line = malloc(n);
    if (line == NULL) return NULL;
    strcpy(line, "seedvar");
    for (int i = 0; i < argc; i++) strcat(strcat(line, " "), argv[i]);
    return line;
}

static void print_summary(const sv_run_summary *s, const char *store)
{
    unsigned long long n_new = s->n_done - s->n_before;
    printf("%llu of %llu runs done, %llu of them now in %.1f s", (unsigned long long)s->n_done,
           (unsigned long long)s->n_runs, n_new, s->elapsed_s);
    if (n_new > 0 && s->elapsed_s > 0) printf(" (%.0f runs/s)", (double)n_new / s->elapsed_s);
    printf(" on %s\nstore: %s\n", s->device, store);
    if (s->study_digest[0] == '\0') return;
    printf("study digest: %s\nnext: seedvar analyze %s\n", s->study_digest, store);
}

static void print_summary_json(const sv_run_summary *s, const char *store)
{
    printf("{\"schema\": \"seedvar.run/1\", \"runs\": %llu, \"done\": %llu, \"before\": %llu, "
           "\"elapsed_s\": %.6f, ",
           (unsigned long long)s->n_runs, (unsigned long long)s->n_done,
           (unsigned long long)s->n_before, s->elapsed_s);
    printf("\"study_digest\": ");
    if (s->study_digest[0] != '\0')
        cli_print_json_text(stdout, s->study_digest);
    else
        printf("null");
    printf(", \"device\": ");
    cli_print_json_text(stdout, s->device);
    printf(", \"store\": ");
    cli_print_json_text(stdout, store);
    printf("}\n");
}

static int train(sv_study *study, const arguments *a, sv_run_options *chosen)
{
    sv_error error = {0};
    sv_run_summary summary = {0};
    progress_display display = progress_display_start(a->as_json_progress);
    chosen->on_progress = progress_show;
    chosen->on_notice = progress_notice;
    chosen->context = &display;
    chosen->stop = &stop_asked;
    signal(SIGINT, ask_to_stop);
    signal(SIGTERM, ask_to_stop);
    sv_status status = sv_run(study, chosen, &summary, &error);
    progress_display_end(&display);
    if (status != SV_OK && status != SV_STOPPED && status != SV_INTERRUPTED)
        return cli_fail(&error);
    (a->as_json ? print_summary_json : print_summary)(&summary, chosen->store_path);
    if (status != SV_OK) fprintf(stderr, "seedvar: %s\n", sv_status_text(status));
    return sv_status_exit_code(status);
}

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_run_options chosen = a->options;
    sv_study *study;
    sv_error error = {0};
    if (sv_study_open(call->operand[0], a->sets.item, a->sets.n, &study, &error) != SV_OK)
        return cli_fail(&error);
    char *command_line = join_command_line(call->argc, call->argv);
    char *store = default_store(study);
    chosen.command_line = command_line;
    if (chosen.store_path == NULL) chosen.store_path = store;
    int code = train(study, a, &chosen);
    sv_study_close(study);
    free(command_line);
    free(store);
    return code;
}

static const cli_option options[] = {
    {"store", "FILE", "where the runs go (default: the study's name with .db, in this folder)",
     OPTION_TEXT, offsetof(arguments, options.store_path), CLI_FILES},
    OPTION_DEVICES(arguments, options.device),
    OPTION_N_THREADS(arguments, options.n_threads),
    OPTION_SIMD(arguments, options.simd),
    OPTION_SET(arguments, sets),
    {"limit", "N", "stop after N new runs (exit code 75)", OPTION_COUNT,
     offsetof(arguments, options.n_limit), NULL},
    OPTION_LAUNCH(arguments, options.n_launch),
    OPTION_JSON(arguments, as_json, "seedvar.run/1"),
    {"json-progress", NULL, "progress on stderr as JSON lines (seedvar.progress/1)", OPTION_FLAG,
     offsetof(arguments, as_json_progress), NULL},
};

const cli_command cli_run = {
    .name = "run",
    .operands = "STUDY",
    .summary = "train what the store lacks",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 1,
    CLI_OPTIONS(options),
    .notes = "A store that holds runs of the study is resumed. Ctrl-C ends after the current "
             "launch. Progress goes to\nstderr: on a terminal one line, in a log one a minute.",
    .examples = "run digits.yaml\n"
                "run digits.yaml --store short.db --set train.epochs=5\n"
                "run digits.yaml --device cuda:0 --json\n",
    .size_arguments = sizeof(arguments),
    .run = run,
};
