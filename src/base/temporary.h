/* A file that grows beside its place under a name that no other file has. */
#ifndef VIC_BASE_TEMPORARY_H
#define VIC_BASE_TEMPORARY_H

#include "base.h"

/* *name becomes the name of a new empty file, open for writing as *file, in the folder of `path`; of a link,
 * in the folder of the file that it leads to, since a name cannot move from one disk to another. *name is
 * freed by the caller with vic_release. Errors: VIC_BAD_FILE with `path` and the system's reason; *name is
 * NULL then. */
vic_status vic_temporary_create(const char *path, char **name, int *file);

/* Gives the file its place; of a link, the file that it leads to is replaced. 0, or -1 with errno. */
int vic_temporary_put(const char *name, const char *path);

/* Whether `name`, without its folder, is one that vic_temporary_create makes for a file called `final`. */
bool vic_temporary_is_for(const char *name, const char *final);

#endif
