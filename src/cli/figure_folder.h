/* Figures as files. */
#ifndef FIGURE_FOLDER_H
#define FIGURE_FOLDER_H

#include "seedvar.h"

/* Writes each chart of a report into folder (made where missing) as NAME.json and, for format svg,
 * pdf or png, draws NAME.svg beside it with vl-convert, run by $SEEDVAR_PYTHON or python3. Returns
 * an exit code after its message. */
int cli_write_figures(const sv_findings *const *findings, size_t n, const char *atlas,
                      const char *folder, const char *format);

#endif
