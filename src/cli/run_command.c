#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static volatile int stop_asked;

/* The first signal lets the launch end and its rows reach the disk; the second ends the program. */
static void ask_to_stop(int number)
{
    stop_asked = 1;
    signal(number, SIG_DFL);
}

typedef struct display {
    bool is_terminal;
    bool has_line;
} display;

static void print_duration(double seconds)
{
    if (seconds < 100)
        fprintf(stderr, "%.0f s", seconds);
    else if (seconds < 6000)
        fprintf(stderr, "%.0f min", seconds / 60);
    else
        fprintf(stderr, "%.1f h", seconds / 3600);
}

static void show_progress(void *context, const sv_progress *p)
{
    display *d = context;
    if (!d->is_terminal) return;
    fprintf(stderr, "\r\033[K%llu of %llu runs, %.0f%%, %.0f runs/s", (unsigned long long)p->n_done,
            (unsigned long long)p->n_runs, 100.0 * (double)p->n_done / (double)p->n_runs,
            p->runs_per_s);
    if (p->runs_per_s > 0 && p->n_done < p->n_runs) {
        fprintf(stderr, ", ");
        print_duration((double)(p->n_runs - p->n_done) / p->runs_per_s);
        fprintf(stderr, " left");
    }
    fflush(stderr);
    d->has_line = true;
}

static void show_notice(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "seedvar: %s\n", text);
}

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
    if (s->study_digest[0] != '\0') printf("study digest: %s\n", s->study_digest);
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

typedef struct run_arguments {
    const char *store;
    text_list sets;
    uint64_t n_threads;
    bool as_json;
    sv_run_options options;
} run_arguments;

static int run_study(sv_study *study, run_arguments *a)
{
    sv_error error = {0};
    sv_run_summary summary = {0};
    display shown = {.is_terminal = isatty(STDERR_FILENO) != 0};
    a->options.store_path = a->store;
    a->options.n_threads = a->n_threads > 100000 ? 100000 : (int)a->n_threads;
    a->options.on_progress = show_progress;
    a->options.on_notice = show_notice;
    a->options.context = &shown;
    a->options.stop = &stop_asked;
    signal(SIGINT, ask_to_stop);
    signal(SIGTERM, ask_to_stop);
    sv_status status = sv_run(study, &a->options, &summary, &error);
    if (shown.has_line) fprintf(stderr, "\n");
    if (status != SV_OK && status != SV_STOPPED && status != SV_INTERRUPTED)
        return cli_fail(&error);
    if (a->as_json)
        print_summary_json(&summary, a->store);
    else
        print_summary(&summary, a->store);
    if (status != SV_OK) fprintf(stderr, "seedvar: %s\n", sv_status_text(status));
    return sv_status_exit_code(status);
}

static int open_and_run(const char *path, run_arguments *a)
{
    sv_study *study;
    sv_error error = {0};
    char *store = NULL;
    if (sv_study_open(path, a->sets.item, a->sets.n, &study, &error) != SV_OK)
        return cli_fail(&error);
    if (a->store == NULL) a->store = store = default_store(study);
    int code = run_study(study, a);
    sv_study_close(study);
    free(store);
    return code;
}

int cli_run(int argc, char **argv)
{
    run_arguments a = {0};
    int code = EXIT_SUCCESS;
    char *command_line = join_command_line(argc, argv);
    const option options[] = {
        {"store", "FILE", "where the runs go (default: the study's name with .db, in this folder)",
         OPTION_TEXT, &a.store},
        {"device", "DEVICE",
         "auto (default), cpu, cuda:N, several with commas between, or cuda:all", OPTION_TEXT,
         &a.options.device},
        {"threads", "N", "CPU threads (default: one a core)", OPTION_COUNT, &a.n_threads},
        {"simd", "SET", "auto (default), avx512, avx2 or plain; the bits are the same", OPTION_TEXT,
         &a.options.simd},
        {"set", "KEY=VALUE", "override a key of the study, e.g. train.epochs=5; may be repeated",
         OPTION_TEXTS, &a.sets},
        {"limit", "N", "stop after N new runs (exit code 75)", OPTION_COUNT, &a.options.n_limit},
        {"launch", "N",
         "runs a launch (default: about half a second); the bits are the same but of engine cublas",
         OPTION_COUNT, &a.options.n_launch},
        {"json", NULL, "print the summary as JSON", OPTION_FLAG, &a.as_json},
    };
    int n = cli_parse(
        argc, argv, options, N_ITEMS(options),
        "A store that holds runs of the study is resumed. Ctrl-C ends after the current launch.",
        &code);
    a.options.command_line = command_line;
    if (n == 1)
        code = open_and_run(argv[1], &a);
    else if (n >= 0)
        code = cli_fail_usage("run",
                              n == 0 ? "run: which study file?" : "run: one study file at a time");
    free(command_line);
    free(a.sets.item);
    return code;
}
