#include "progress.h"

#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

enum { LOG_EVERY_S = 60, LINE_SIZE = 400, WIDTH_UNKNOWN = 80 };

progress_display progress_display_start(bool as_json)
{
    bool is_terminal = isatty(STDERR_FILENO) != 0;
    return (progress_display){.form = as_json       ? PROGRESS_JSON
                                      : is_terminal ? PROGRESS_LINE
                                                    : PROGRESS_LOG,
                              .next_log_s = LOG_EVERY_S};
}

static double left_s(const sv_progress *p)
{
    return p->runs_per_s > 0 ? (double)(p->n_runs - p->n_done) / p->runs_per_s : NAN;
}

static void write_duration(char *text, size_t size, double seconds)
{
    if (seconds < 100)
        snprintf(text, size, "%.0f s", seconds);
    else if (seconds < 6000)
        snprintf(text, size, "%.0f min", seconds / 60);
    else
        snprintf(text, size, "%.1f h", seconds / 3600);
}

/* "37%, 12,480 of 33,000 runs, ..." without a line's end. The metric comes last: a narrow terminal
 * cuts it first. */
static void write_line(char *line, size_t size, const sv_progress *p)
{
    size_t n =
        (size_t)snprintf(line, size, "%.0f%%, %llu of %llu runs, %.3g a second",
                         100 * (double)p->n_done / (double)p->n_runs, (unsigned long long)p->n_done,
                         (unsigned long long)p->n_runs, p->runs_per_s);
    if (p->n_done < p->n_runs && p->runs_per_s > 0) {
        char duration[32];
        write_duration(duration, sizeof duration, left_s(p));
        n += (size_t)snprintf(line + n, size - n, ", %s left", duration);
    }
    if (p->metric != NULL && p->n_values > 1)
        snprintf(line + n, size - n, "; %s %.4g, SD %.2g (%.64s)", p->metric, p->mean, p->sd,
                 p->arm);
}

static size_t terminal_width(void)
{
    struct winsize window;
    bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
    return is_known ? window.ws_col : WIDTH_UNKNOWN;
}

static void renew_line(progress_display *d, const sv_progress *p)
{
    char line[LINE_SIZE];
    write_line(line, sizeof line, p);
    fprintf(stderr, "\r\033[K%.*s", (int)terminal_width() - 1, line);
    fflush(stderr);
    d->has_line = true;
}

static void log_line(progress_display *d, const sv_progress *p)
{
    char line[LINE_SIZE];
    if (p->elapsed_s < d->next_log_s) return;
    d->next_log_s = p->elapsed_s + LOG_EVERY_S;
    write_line(line, sizeof line, p);
    fprintf(stderr, "%s\n", line);
}

static void print_number(const char *name, double value)
{
    if (isfinite(value))
        fprintf(stderr, ", \"%s\": %.9g", name, value);
    else
        fprintf(stderr, ", \"%s\": null", name);
}

static void print_text(const char *name, const char *text)
{
    fprintf(stderr, ", \"%s\": ", name);
    if (text != NULL)
        cli_print_json_text(stderr, text);
    else
        fprintf(stderr, "null");
}

static void print_json(const sv_progress *p)
{
    fprintf(stderr, "{\"schema\": \"seedvar.progress/1\", \"runs\": %llu, \"done\": %llu, ",
            (unsigned long long)p->n_runs, (unsigned long long)p->n_done);
    fprintf(stderr, "\"before\": %llu", (unsigned long long)p->n_before);
    print_number("elapsed_s", p->elapsed_s);
    print_number("runs_per_s", p->runs_per_s);
    print_number("left_s", left_s(p));
    print_text("arm", p->arm);
    print_text("numerics", p->numerics);
    print_text("metric", p->metric);
    fprintf(stderr, ", \"values\": %llu", (unsigned long long)p->n_values);
    print_number("mean", p->n_values > 0 ? p->mean : NAN);
    print_number("sd", p->n_values > 1 ? p->sd : NAN);
    fprintf(stderr, "}\n");
}

void progress_show(void *context, const sv_progress *progress)
{
    progress_display *d = context;
    switch (d->form) {
    case PROGRESS_LINE: renew_line(d, progress); break;
    case PROGRESS_LOG: log_line(d, progress); break;
    case PROGRESS_JSON: print_json(progress); break;
    }
}

void progress_notice(void *context, const char *text)
{
    progress_display_end(context);
    fprintf(stderr, "seedvar: %s\n", text);
}

void progress_display_end(progress_display *display)
{
    if (display->has_line) fprintf(stderr, "\n");
    display->has_line = false;
}
