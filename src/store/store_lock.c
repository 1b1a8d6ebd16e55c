/* The lock of the one writer is a file of its own: SQLite's locks stay free for readers between two
 * commits, and no descriptor of the store itself is opened and closed, which would drop SQLite's
 * locks of this process. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "store/store_file.h"

static sv_status lock_path(const char *path, char **out, sv_error *error)
{
    svi_text text = {0};
    svi_text_add(&text, "%s-lock", path);
    return svi_text_take(&text, out, error);
}

/* The last holder may have removed the file between open and flock: then this lock guards nothing.
 */
static bool is_still_there(const char *path, int fd)
{
    struct stat mine, named;
    return fstat(fd, &mine) == 0 && stat(path, &named) == 0 && mine.st_ino == named.st_ino &&
           mine.st_dev == named.st_dev;
}

static sv_status take(const char *store, const char *path, int *fd, sv_error *error)
{
    for (;;) {
        *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (*fd < 0) {
            return svi_fail(error, errno == ENOSPC ? SV_ERR_IO : SV_ERR_STORE,
                            "%s: cannot create %s: %s; make the folder, or make it writable", store,
                            path, strerror(errno));
        }
        if (flock(*fd, LOCK_EX | LOCK_NB) != 0) break;
        if (is_still_there(path, *fd)) return SV_OK;
        close(*fd);
    }
    int reason = errno;
    close(*fd);
    *fd = -1;
    if (reason != EWOULDBLOCK) {
        return svi_fail(error, SV_ERR_STORE,
                        "%s: cannot lock %s: %s; put the store on a local disk", store, path,
                        strerror(reason));
    }
    return svi_fail(error, SV_ERR_STORE,
                    "%s: another program is writing this store (it holds %s); wait for its end, or "
                    "give another store",
                    store, path);
}

sv_status svi_store_lock(const char *path, int *fd, sv_error *error)
{
    char *name;
    SVI_TRY(lock_path(path, &name, error));
    sv_status status = take(path, name, fd, error);
    free(name);
    return status;
}

void svi_store_unlock(const char *path, int fd)
{
    char *name;
    if (lock_path(path, &name, NULL) == SV_OK) {
        unlink(name);
        free(name);
    }
    close(fd);
}
