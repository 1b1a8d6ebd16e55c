#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "store/store_file.h"

enum place_kind { LOCAL, NETWORK, MEMORY };

/* statfs(2), linux/magic.h, and the file systems' own sources. */
static const struct {
    unsigned long type;
    const char *name;
    enum place_kind kind;
} file_systems[] = {
    {0xef53, "ext4", LOCAL},         {0x58465342, "xfs", LOCAL},
    {0x9123683e, "btrfs", LOCAL},    {0x2fc12fc1, "zfs", LOCAL},
    {0xf2f52010, "f2fs", LOCAL},     {0x794c7630, "overlayfs", LOCAL},
    {0x01021994, "tmpfs", MEMORY},   {0x858458f6, "ramfs", MEMORY},
    {0x6969, "nfs", NETWORK},        {0x517b, "smb", NETWORK},
    {0xff534d42, "cifs", NETWORK},   {0xfe534d42, "smb2", NETWORK},
    {0x65735546, "fuse", NETWORK}, /* sshfs, s3fs and the like */
    {0x5346414f, "afs", NETWORK},    {0x6b414653, "kafs", NETWORK},
    {0x00c36400, "ceph", NETWORK},   {0x01021997, "9p", NETWORK},
    {0x0bd00bd0, "lustre", NETWORK}, {0x47504653, "gpfs", NETWORK},
    {0x19830326, "beegfs", NETWORK}, {0x73757245, "coda", NETWORK},
};

/* The path if it is there, else the folder that it would be in. */
static bool existing_part(const char *path, char part[PATH_MAX])
{
    struct stat unused;
    size_t n = strlen(path);
    const char *slash = strrchr(path, '/');
    bool is_there = stat(path, &unused) == 0;
    if (!is_there && slash == NULL) {
        strcpy(part, ".");
        return true;
    }
    if (!is_there) n = (size_t)(slash - path) + 1;
    if (n >= PATH_MAX) return false;
    memcpy(part, path, n);
    part[n] = '\0';
    return true;
}

void svi_store_place_find(const char *path, svi_store_place *place)
{
    struct statfs info;
    char part[PATH_MAX];
    *place = (svi_store_place){0};
    if (!existing_part(path, part) || statfs(part, &info) != 0) return;
    unsigned long type = (unsigned long)info.f_type & 0xffffffff;
    place->is_known = true;
    place->is_writable = access(part, W_OK) == 0;
    place->free_bytes = (uint64_t)info.f_bavail * (uint64_t)info.f_bsize;
    snprintf(place->file_system, sizeof place->file_system, "type 0x%lx", type);
    for (size_t i = 0; i < sizeof file_systems / sizeof *file_systems; i++) {
        if (file_systems[i].type != type) continue;
        snprintf(place->file_system, sizeof place->file_system, "%s", file_systems[i].name);
        place->is_network = file_systems[i].kind == NETWORK;
        place->is_memory = file_systems[i].kind == MEMORY;
    }
}

const char *svi_store_library_version(void) { return sqlite3_libversion(); }
