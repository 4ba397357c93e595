/* What a run leaves in its folder, by name, and what has to go before the next one begins there. */
#define _XOPEN_SOURCE 700 /* realpath, strdup */
#include "run_folder.h"

#include "base/open_file.h"
#include "base/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Those of a run that has ended come first; a run that goes on keeps the others. */
enum { FROM_THE_END = 3, REMOVED = 8, RESULTS };
static const char *const results[RESULTS] = {
    "weights.safetensors", "report.html", "audit.json",  VIC_SINGLE_CHECKPOINT, "metrics.csv",
    "free_energy.csv",     "compare.csv", "changes.csv", "config.yaml",
};

typedef vic_status visit(const char *path, const void *context);

static vic_status visit_results(const char *folder, int n, visit *call, const void *context) {
    for (int i = 0; i < n; i++) {
        char *path;
        VIC_TRY(vic_format(&path, "%s/%s", folder, results[i]));
        vic_status status = call(path, context);
        vic_release(&path);
        VIC_TRY(status);
    }
    return VIC_OK;
}

/* ---- checks ---- */

static vic_status refuse_if_there(const char *path, const void *config) {
    struct stat there;
    if (lstat(path, &there) != 0 || vic_is_same_file(path, config))
        return VIC_OK;
    return vic_fail(
        VIC_BAD_FILE,
        "%s: the folder holds a run: leave out --keep to replace it, go on with it with --resume, or "
        "name another folder with --out",
        path);
}

/* The folder of checkpoints is a result, too. */
static vic_status visit_checkpoints(const char *folder, visit *call, const void *context) {
    char *path;
    VIC_TRY(vic_format(&path, "%s/" VIC_CHECKPOINTS, folder));
    vic_status status = call(path, context);
    vic_release(&path);
    return status;
}

vic_status vic_run_folder_keep(const char *folder, const char *config) {
    VIC_TRY(visit_results(folder, RESULTS, refuse_if_there, config));
    return visit_checkpoints(folder, refuse_if_there, config);
}

static vic_status refuse_if_same(const char *path, const void *input) {
    if (!vic_is_same_file(path, input))
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE,
                    "%s: is read by this run, which would write its own results there: name "
                    "another folder with --out",
                    path);
}

static vic_status refuse_if_inside(const char *path, const void *input) {
    char *folder = realpath(path, NULL), *file = realpath(input, NULL);
    size_t length = folder ? strlen(folder) : 0;
    bool inside = folder && file && strncmp(file, folder, length) == 0 && file[length] == '/';
    free(folder);
    free(file);
    if (!inside)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE,
                    "%s: is read by this run, which would write its own checkpoints there: name another "
                    "folder with --out",
                    (const char *)input);
}

vic_status vic_run_folder_spare(const char *folder, const char *input) {
    VIC_TRY(visit_results(folder, RESULTS, refuse_if_same, input));
    return visit_checkpoints(folder, refuse_if_inside, input);
}

/* Every run begins by writing its config. */
static vic_status holds_a_run(const char *folder, bool *holds) {
    enum { LOOKED_AT = 4096 };
    char *path, start[LOOKED_AT + 1];
    *holds = false;
    VIC_TRY(vic_format(&path, "%s/config.yaml", folder));
    size_t got = 0;
    vic_open file;
    if (vic_open_file(&file, path, VIC_BAD_FILE) == VIC_OK && S_ISREG(file.first.st_mode) &&
        vic_open_read(&file, start, LOOKED_AT, &got) == VIC_OK)
        start[got] = '\0';
    *holds = got > 0 && strstr(start, VIC_RESOLVED_HEADING) != NULL;
    vic_close_file(&file);
    vic_release(&path);
    return VIC_OK;
}

static vic_status refuse_if_foreign(const char *path, const void *folder) {
    struct stat there;
    if (stat(path, &there) != 0 || !S_ISREG(there.st_mode))
        return VIC_OK;
    return vic_fail(
        VIC_BAD_FILE,
        "%s: would be replaced, and %s holds no run that has written it: move it, or name another "
        "folder with --out",
        path, (const char *)folder);
}

vic_status vic_run_folder_check(const char *folder) {
    bool holds;
    VIC_TRY(holds_a_run(folder, &holds));
    return holds ? VIC_OK : visit_results(folder, RESULTS, refuse_if_foreign, folder);
}

/* Where a file is or would be; NULL where there is no such folder, or no memory. */
static char *place_of(const char *path) {
    char *folder = strdup(path), *place = folder ? realpath(dirname(folder), NULL) : NULL;
    free(folder);
    return place;
}

static bool is_in(const char *folder, const char *path) {
    char *wanted = realpath(folder, NULL), *place = place_of(path);
    bool is = wanted && place && strcmp(wanted, place) == 0;
    free(wanted);
    free(place);
    return is;
}

static bool has_name_of_result(const char *path, const char *own) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (int i = 0; i < RESULTS; i++)
        if (strcmp(name, results[i]) == 0)
            return own == NULL || strcmp(name, own) != 0;
    return strcmp(name, VIC_RUN_LOCK) == 0;
}

/* Whether a file is, or would be, somewhere in the folder of checkpoints. */
static vic_status is_in_checkpoints(const char *folder, const char *path, bool *is) {
    char *checkpoints;
    VIC_TRY(vic_format(&checkpoints, "%s/" VIC_CHECKPOINTS, folder));
    char *wanted = realpath(checkpoints, NULL), *place = place_of(path);
    size_t length = wanted ? strlen(wanted) : 0;
    *is = wanted && place && strncmp(wanted, place, length) == 0 && strchr("/", place[length]);
    free(wanted);
    free(place);
    vic_release(&checkpoints);
    return VIC_OK;
}

/* A link is written to where it leads. */
vic_status vic_run_folder_protect(const char *folder, const char *option, const char *path, const char *own) {
    bool is_checkpoint;
    if (path == NULL)
        return VIC_OK;
    char *led_to = realpath(path, NULL);
    const char *file = led_to ? led_to : path;
    bool is_result = is_in(folder, file) && has_name_of_result(file, own);
    vic_status status = is_in_checkpoints(folder, file, &is_checkpoint);
    free(led_to);
    if (status != VIC_OK || !(is_result || is_checkpoint))
        return status;
    return vic_fail(VIC_BAD_CONFIG, "--%s %s: is a file of the run in %s: name another file", option, path,
                    folder);
}

static vic_status refuse_folder(const char *path, const void *unused) {
    struct stat there;
    (void)unused;
    if (stat(path, &there) != 0 || !S_ISDIR(there.st_mode))
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: is a folder, and the run would write a file of that name", path);
}

static vic_status refuse_file(const char *path, const void *unused) {
    struct stat there;
    (void)unused;
    if (stat(path, &there) != 0 || S_ISDIR(there.st_mode))
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: is no folder, and the run would make a folder of that name", path);
}

/* ---- removal ---- */

/* Devices and pipes, also behind a link, stay: a run writes to them and replaces nothing. Of other links, the
 * link goes and the file stays. */
static vic_status remove_result(const char *path, const void *unused) {
    struct stat there;
    (void)unused;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return VIC_OK;
    if (unlink(path) == 0 || errno == ENOENT)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: the result of an earlier run cannot be removed: %s", path,
                    strerror(errno));
}

static bool is_leftover(const char *name) {
    for (int i = 0; i < RESULTS; i++)
        if (vic_temporary_is_for(name, results[i]))
            return true;
    return false;
}

/* A run that was killed has no time to take away what it was writing. */
static void remove_leftovers(const char *folder) {
    DIR *entries = opendir(folder);
    if (entries == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char *path;
        if (!is_leftover(entry->d_name) || vic_format(&path, "%s/%s", folder, entry->d_name) != VIC_OK)
            continue;
        unlink(path);
        vic_release(&path);
    }
    closedir(entries);
}

vic_status vic_run_folder_clear(const char *folder, bool goes_on) {
    VIC_TRY(visit_results(folder, RESULTS, refuse_folder, NULL));
    VIC_TRY(visit_checkpoints(folder, refuse_file, NULL));
    VIC_TRY(visit_results(folder, goes_on ? FROM_THE_END : REMOVED, remove_result, NULL));
    remove_leftovers(folder);
    return vic_run_checkpoints_clear(folder, goes_on);
}
