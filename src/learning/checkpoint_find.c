/* The latest whole checkpoint of a run folder. Ranks share the work of checking files. */
#include "checkpoint.h"
#include "checkpoint_folder.h"
#include "checkpoint_part.h"
#include "run_folder.h"

#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static vic_status single_path(const char *run, char **path) {
    return vic_format(path, "%s/%s", run, VIC_SINGLE_CHECKPOINT);
}

static bool is_there(const char *path) {
    return access(path, F_OK) == 0;
}

vic_status vic_checkpoint_is_there(const char *run) {
    char **paths, *single;
    size_t n;
    vic_status status = vic_checkpoint_folder_list(run, &paths, &n);
    vic_checkpoint_folder_list_release(&paths, n);
    VIC_TRY(status);
    VIC_TRY(single_path(run, &single));
    if (n == 0 && !is_there(single))
        status = vic_fail(VIC_BAD_FILE, "%s/%s: cannot open: %s: nothing to go on with, leave out --resume",
                          run, VIC_CHECKPOINTS, strerror(ENOENT));
    vic_release(&single);
    return status;
}

/* ---- checking one ---- */

static vic_status check_file(const vic_checkpoint_manifest *m, const char *folder, size_t file) {
    char *path;
    VIC_TRY(vic_checkpoint_file_path(folder, file, &path));
    vic_status status = vic_checkpoint_part_check(path, &m->files[file]);
    vic_release(&path);
    return status;
}

/* This rank's share of it. */
static vic_status check_share(vic_group *group, const char *folder) {
    vic_checkpoint_manifest manifest;
    size_t ranks = (size_t)vic_group_size(group);
    vic_status status = vic_checkpoint_manifest_read(&manifest, folder);
    for (size_t i = (size_t)vic_group_rank(group); status == VIC_OK && i < manifest.n_files; i += ranks)
        status = check_file(&manifest, folder, i);
    vic_checkpoint_manifest_release(&manifest);
    return status;
}

/* ---- one after the other ---- */

/* Collective. *path becomes rank 0's, in a new array on the other ranks. */
static vic_status share_path(vic_group *group, char **path) {
    size_t size = *path ? strlen(*path) : 0;
    return vic_group_broadcast(group, path, &size);
}

/* Collective. *path stays NULL where the candidate is damaged; rank 0 has them all. */
static vic_status try_next(vic_group *group, char **candidate, vic_on_damaged *damaged, char **path) {
    if (candidate) {
        *path = *candidate;
        *candidate = NULL;
    }
    VIC_TRY(share_path(group, path));
    vic_status status = vic_group_agree_on_status(group, check_share(group, *path));
    if (status != VIC_BAD_FILE)
        return status;
    if (vic_group_rank(group) == 0)
        damaged(vic_error_text());
    vic_release(path);
    return VIC_OK;
}

static vic_status find_whole(vic_group *group, char **paths, int64_t n, vic_on_damaged *damaged,
                             char **path) {
    int64_t all;
    VIC_TRY(vic_group_allreduce_max(group, 1, &n, &all));
    for (int64_t i = 0; i < all && *path == NULL; i++)
        VIC_TRY(try_next(group, paths ? &paths[i] : NULL, damaged, path));
    return VIC_OK;
}

/* The one file of an earlier version, checked as it is read. */
static vic_status take_single(const char *run, char **path) {
    VIC_TRY(single_path(run, path));
    if (is_there(*path))
        return VIC_OK;
    vic_release(path);
    return vic_fail(VIC_BAD_FILE,
                    "%s: no checkpoint there is whole: begin anew without --resume, or with what is left of "
                    "their files as --weights",
                    run);
}

vic_status vic_checkpoint_find(vic_group *group, const char *run, vic_on_damaged *damaged, char **path) {
    char **paths = NULL;
    size_t n = 0;
    *path = NULL;
    bool lists = vic_group_rank(group) == 0;
    vic_status status =
        vic_group_agree_on_status(group, lists ? vic_checkpoint_folder_list(run, &paths, &n) : VIC_OK);
    if (status == VIC_OK)
        status = find_whole(group, paths, (int64_t)n, damaged, path);
    if (status == VIC_OK && *path == NULL) {
        status = vic_group_agree_on_status(group, lists ? take_single(run, path) : VIC_OK);
        if (status == VIC_OK)
            status = share_path(group, path);
    }
    if (lists)
        vic_checkpoint_folder_list_release(&paths, n);
    return status;
}
