/* The table "distances". */
#include <stdio.h>

#include "store/table_export.h"

typedef struct distance_export {
    const svi_store_study *study;
    svi_table_writer *writer;
} distance_export;

static void write_digest(svi_table_writer *writer, const uint32_t digest[4])
{
    char hex[33];
    snprintf(hex, sizeof hex, "%08x%08x%08x%08x", digest[0], digest[1], digest[2], digest[3]);
    svi_cell_text(writer, hex);
}

static void write_counts(svi_table_writer *writer, const uint32_t *counts, size_t n)
{
    svi_text list = {0};
    while (n > 0 && counts[n - 1] == 0) n--;
    for (size_t i = 0; i < n; i++) svi_text_add(&list, "%s%u", i > 0 ? " " : "", counts[i]);
    svi_cell_text(writer, list.bytes != NULL ? list.bytes : "");
    writer->text.has_failed = writer->text.has_failed || list.has_failed;
    svi_text_clear(&list);
}

static sv_status write_row(void *context, const svi_distance_row *row, sv_error *error)
{
    const distance_export *export = context;
    svi_table_writer *writer = export->writer;
    const svk_distance *d = &row->distance;
    uint64_t n_different = 0;
    for (int k = 1; k < SVK_ULP_CLASSES; k++) n_different += d->ulps[k];
    svi_cell_u64(writer, row->run);
    svi_cell_text(writer, export->study->arm_names[row->arm]);
    svi_cell_text(writer, export->study->numerics_names[row->numerics]);
    svi_cell_text(writer, export->study->numerics_names[export->study->references[row->numerics]]);
    svi_cell_u64(writer, row->number);
    svi_cell_u64(writer, row->step);
    write_digest(writer, d->digest);
    svi_cell_real(writer, d->norm);
    svi_cell_real(writer, d->l2);
    svi_cell_real(writer, d->loss_difference);
    svi_cell_real(writer, d->churn);
    svi_cell_u64(writer, n_different);
    svi_cell_u64(writer, d->max_ulp);
    write_counts(writer, d->ulps, SVK_ULP_CLASSES);
    write_counts(writer, d->bits, SVK_BIT_POSITIONS);
    return svi_table_end_row(writer, error);
}

sv_status svi_export_distances(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    static const char *const names[] = {
        "run",   "arm",         "numerics", "reference", "checkpoint",
        "step",  "digest",      "norm",     "distance",  "loss_difference",
        "churn", "n_different", "max_ulp",  "ulps",      "bits"};
    distance_export export = {&store->study, writer};
    SVI_TRY(svi_store_scan_distances(store, NULL, NULL, error));
    SVI_TRY(svi_table_start(writer, names, sizeof names / sizeof *names, error));
    return svi_store_scan_distances(store, write_row, &export, error);
}
