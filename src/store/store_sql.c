#include <string.h>

#include "base/text.h"
#include "store/store_file.h"

static const struct {
    int code;
    sv_status status;
    const char *mend;
} sql_errors[] = {
    {SQLITE_NOTADB, SV_ERR_STORE,
     "this is not a store; name one, or a new file (seedvar import reads tables of results)"},
    {SQLITE_CORRUPT, SV_ERR_STORE, "the file is damaged; restore it from a copy"},
    {SQLITE_BUSY, SV_ERR_STORE,
     "another program keeps the file locked; end it and run the same command again"},
    {SQLITE_READONLY, SV_ERR_STORE, "make the file and its folder writable"},
    {SQLITE_CANTOPEN, SV_ERR_STORE, "make the file and its folder readable and writable"},
    {SQLITE_PERM, SV_ERR_STORE, "make the file and its folder readable and writable"},
    {SQLITE_AUTH, SV_ERR_STORE, "make the file and its folder readable and writable"},
    {SQLITE_FULL, SV_ERR_IO,
     "free some disk space and run the same command again; committed runs are safe"},
    {SQLITE_IOERR, SV_ERR_IO,
     "check the disk and its limits and run the same command again; committed runs are safe"},
    {SQLITE_CONSTRAINT, SV_ERR_STORE, "the rows are already there"},
};

sv_status svi_sql_fail(svi_store *store, int code, const char *doing, sv_error *error)
{
    if ((code & 0xff) == SQLITE_NOMEM) return svi_fail_memory(error, 0, doing);
    sv_status status = SV_ERR_STORE;
    const char *mend = "the file is damaged or was made by another version; restore it from a copy";
    for (size_t i = 0; i < sizeof sql_errors / sizeof *sql_errors; i++) {
        if (sql_errors[i].code != (code & 0xff)) continue;
        status = sql_errors[i].status;
        mend = sql_errors[i].mend;
    }
    int errno_value = sqlite3_system_errno(store->db);
    bool has_reason = status == SV_ERR_IO && errno_value != 0;
    return svi_fail(error, status, "%s: %s: %s%s%s; %s", store->path, doing, sqlite3_errstr(code),
                    has_reason ? ": " : "", has_reason ? strerror(errno_value) : "", mend);
}

sv_status svi_sql_run(svi_store *store, const char *sql, sv_error *error)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? SV_OK : svi_sql_fail(store, code, "preparing the file", error);
}

sv_status svi_sql_prepare(svi_store *store, const char *sql, sqlite3_stmt **statement,
                          sv_error *error)
{
    int code = sqlite3_prepare_v2(store->db, sql, -1, statement, NULL);
    return code == SQLITE_OK ? SV_OK : svi_sql_fail(store, code, "reading the tables", error);
}

sv_status svi_sql_step(svi_store *store, sqlite3_stmt *statement, bool *has_row, sv_error *error)
{
    int code = sqlite3_step(statement);
    *has_row = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE) return SV_OK;
    return svi_sql_fail(store, code, "reading the rows", error);
}

static sv_status each(svi_store *store, sqlite3_stmt *statement, svi_sql_row_fn row, void *context,
                      sv_error *error)
{
    bool has_row;
    SVI_TRY(svi_sql_step(store, statement, &has_row, error));
    while (has_row) {
        SVI_TRY(row(store, statement, context, error));
        SVI_TRY(svi_sql_step(store, statement, &has_row, error));
    }
    return SV_OK;
}

sv_status svi_sql_each(svi_store *store, const char *sql, svi_sql_row_fn row, void *context,
                       sv_error *error)
{
    sqlite3_stmt *statement;
    SVI_TRY(svi_sql_prepare(store, sql, &statement, error));
    sv_status status = each(store, statement, row, context, error);
    sqlite3_finalize(statement);
    return status;
}

static sv_status take_number(svi_store *store, sqlite3_stmt *statement, void *context,
                             sv_error *error)
{
    (void)store, (void)error;
    *(int64_t *)context = sqlite3_column_int64(statement, 0);
    return SV_OK;
}

sv_status svi_sql_number(svi_store *store, const char *sql, int64_t *number, sv_error *error)
{
    *number = 0;
    return svi_sql_each(store, sql, take_number, number, error);
}

static sv_status insert_text(const char *table, int n_columns, int n_rows, char **sql,
                             sv_error *error)
{
    svi_text text = {0};
    svi_text_add(&text, "INSERT INTO %s VALUES", table);
    for (int r = 0; r < n_rows; r++) {
        svi_text_add(&text, r == 0 ? "(?" : ",(?");
        for (int i = 1; i < n_columns; i++) svi_text_add(&text, ",?");
        svi_text_add(&text, ")");
    }
    return svi_text_take(&text, sql, error);
}

sv_status svi_sql_insert(svi_store *store, const char *table, int n_columns, svi_sql_row_fn write,
                         void *context, sv_error *error)
{
    return svi_sql_insert_rows(store, table, n_columns, 1, write, context, error);
}

sv_status svi_sql_insert_rows(svi_store *store, const char *table, int n_columns, int n_rows,
                              svi_sql_row_fn write, void *context, sv_error *error)
{
    char *sql;
    sqlite3_stmt *statement;
    SVI_TRY(insert_text(table, n_columns, n_rows, &sql, error));
    sv_status status = svi_sql_prepare(store, sql, &statement, error);
    sv_free(sql);
    SVI_TRY(status);
    status = write(store, statement, context, error);
    sqlite3_finalize(statement);
    return status;
}
