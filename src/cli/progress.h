/* How far a study has come, on stderr: one line that is renewed on a terminal, one a minute in a
 * log, or JSON lines for programs. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "seedvar.h"

typedef enum progress_form { PROGRESS_LINE, PROGRESS_LOG, PROGRESS_JSON } progress_form;

typedef struct progress_display {
    progress_form form;
    bool has_line;     /* one that is not ended */
    double next_log_s; /* elapsed time when the log's next line is due */
} progress_display;

/* What stderr is fit for. */
progress_display progress_display_start(bool as_json);

/* sv_run_options.on_progress and .on_notice; context: a progress_display. */
void progress_show(void *context, const sv_progress *progress);
void progress_notice(void *context, const char *text);
void progress_display_end(progress_display *display);

#endif
