/* A row's checksum covers every column: an integer as the word 'i' and its 64 bits; a text or blob
 * as the word 't' or 'b', its length and its bytes; NULL as the word 'n'. */
#include <string.h>

#include "store/store_file.h"

static void hash_int(svi_hash *hash, uint64_t value)
{
    svi_hash_u64(hash, 'i');
    svi_hash_u64(hash, value);
}

static void hash_bytes(svi_hash *hash, char type, const void *bytes, size_t n)
{
    svi_hash_u64(hash, (uint64_t)type);
    svi_hash_u64(hash, n);
    svi_hash_bytes(hash, bytes, n);
}

svi_row svi_row_start(sqlite3_stmt *statement, svi_hash *hash)
{
    return (svi_row){.statement = statement, .hash = hash};
}

static void note(svi_row *row, int code)
{
    if (row->code == SQLITE_OK) row->code = code;
}

void svi_row_int(svi_row *row, int64_t value)
{
    hash_int(row->hash, (uint64_t)value);
    note(row, sqlite3_bind_int64(row->statement, ++row->n_columns, value));
}

void svi_row_u64(svi_row *row, uint64_t value) { svi_row_int(row, (int64_t)value); }

void svi_row_null(svi_row *row)
{
    svi_hash_u64(row->hash, 'n');
    note(row, sqlite3_bind_null(row->statement, ++row->n_columns));
}

void svi_row_text(svi_row *row, const char *text)
{
    size_t n = strlen(text);
    hash_bytes(row->hash, 't', text, n);
    note(row, sqlite3_bind_text64(row->statement, ++row->n_columns, text, n, SQLITE_STATIC,
                                  SQLITE_UTF8));
}

void svi_row_blob(svi_row *row, const void *bytes, size_t n)
{
    hash_bytes(row->hash, 'b', bytes, n);
    note(row, sqlite3_bind_blob64(row->statement, ++row->n_columns, bytes, n, SQLITE_STATIC));
}

/* Most significant byte first, so that hex() in the sqlite3 shell shows what svi_hash_hex shows. */
static const unsigned char *keep_checksum(svi_row *row, svi_hash checksum)
{
    unsigned char *bytes = row->checksum[row->n_checksums++];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(checksum.high >> (56 - 8 * i));
        bytes[8 + i] = (unsigned char)(checksum.low >> (56 - 8 * i));
    }
    return bytes;
}

void svi_row_checksum(svi_row *row, svi_hash checksum)
{
    svi_row_blob(row, keep_checksum(row, checksum), 16);
}

sv_status svi_row_insert(svi_row *row, svi_store *store, const char *what, sv_error *error)
{
    if (row->code != SQLITE_OK) return svi_sql_fail(store, row->code, what, error);
    int code = sqlite3_step(row->statement);
    sqlite3_reset(row->statement);
    return code == SQLITE_DONE ? SV_OK : svi_sql_fail(store, code, what, error);
}

sv_status svi_row_seal(svi_row *row, svi_store *store, const char *what, sv_error *error)
{
    const unsigned char *bytes = keep_checksum(row, *row->hash);
    note(row, sqlite3_bind_blob64(row->statement, ++row->n_columns, bytes, 16, SQLITE_STATIC));
    return svi_row_insert(row, store, what, error);
}

static void hash_column(sqlite3_stmt *statement, int i, int type, svi_hash *hash)
{
    const void *bytes = sqlite3_column_blob(statement, i);
    switch (type) {
    case SQLITE_NULL: svi_hash_u64(hash, 'n'); break;
    case SQLITE_FLOAT:
        svi_hash_u64(hash, 'f');
        break; /* no table has one: never equal to what was written */
    default:
        hash_bytes(hash, type == SQLITE_TEXT ? 't' : 'b', bytes,
                   (size_t)sqlite3_column_bytes(statement, i));
    }
}

void svi_row_hash(sqlite3_stmt *statement, int n_columns, svi_hash *hash)
{
    svi_row_hash_values(statement, n_columns, hash, &(svi_row_values){0});
}

void svi_row_hash_values(sqlite3_stmt *statement, int n_columns, svi_hash *hash,
                         svi_row_values *values)
{
    values->is_integer = 0;
    for (int i = 0; i < n_columns; i++) {
        int type = sqlite3_column_type(statement, i);
        if (type != SQLITE_INTEGER) {
            hash_column(statement, i, type, hash);
            continue;
        }
        values->is_integer |= UINT64_C(1) << i;
        values->value[i] = (uint64_t)sqlite3_column_int64(statement, i);
        hash_int(hash, values->value[i]);
    }
}

svi_hash svi_row_read_checksum(sqlite3_stmt *statement, int column)
{
    svi_hash hash = {0, 0};
    const unsigned char *bytes = sqlite3_column_blob(statement, column);
    if (sqlite3_column_type(statement, column) != SQLITE_BLOB ||
        sqlite3_column_bytes(statement, column) != 16)
        return hash;
    for (int i = 0; i < 8; i++) {
        hash.high = hash.high << 8 | bytes[i];
        hash.low = hash.low << 8 | bytes[8 + i];
    }
    return hash;
}

bool svi_hash_is_equal(svi_hash a, svi_hash b) { return a.high == b.high && a.low == b.low; }

void svi_hash_add(svi_hash *hash, svi_hash other)
{
    svi_hash_u64(hash, other.high);
    svi_hash_u64(hash, other.low);
}
