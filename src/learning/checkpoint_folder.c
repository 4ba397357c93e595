#include "checkpoint_folder.h"

#include "checkpoint_manifest.h"
#include "run_folder.h"

#include "base/temporary.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char container[] = VIC_CHECKPOINTS;

/* ---- names ---- */

enum { NAME = 64 };

/* Padded, so that listings are in order. */
static void write_name(vic_position position, char name[NAME]) {
    snprintf(name, NAME, "epoch-%06" PRIu64 "-step-%09" PRIu64, position.epoch, position.step);
}

static bool read_name(const char *name, vic_position *position) {
    char again[NAME];
    *position = (vic_position){0};
    if (sscanf(name, "epoch-%20" SCNu64 "-step-%20" SCNu64, &position->epoch, &position->step) != 2)
        return false;
    write_name(*position, again);
    return strcmp(name, again) == 0;
}

vic_status vic_checkpoint_folder_of(const char *run, vic_position position, char **path) {
    char name[NAME];
    write_name(position, name);
    return vic_format(path, "%s/%s/%s", run, container, name);
}

static int compare(vic_position a, vic_position b) {
    if (a.epoch != b.epoch)
        return a.epoch < b.epoch ? -1 : 1;
    return (a.step > b.step) - (a.step < b.step);
}

/* ---- all that are there ---- */

typedef struct found {
    vic_position position;
    char *path;
    bool whole; /* it has a manifest */
} found;

static int latest_first(const void *a, const void *b) {
    const found *x = a, *y = b;
    return compare(y->position, x->position);
}

static vic_status add(const char *run, const char *name, found **all, size_t *n) {
    vic_position position;
    char *manifest;
    if (!read_name(name, &position))
        return VIC_OK;
    VIC_TRY(vic_grow(all, *n, sizeof **all));
    found *one = &(*all)[*n];
    one->position = position;
    VIC_TRY(vic_checkpoint_folder_of(run, position, &one->path));
    ++*n;
    VIC_TRY(vic_checkpoint_manifest_path(one->path, &manifest));
    one->whole = access(manifest, F_OK) == 0;
    vic_release(&manifest);
    return VIC_OK;
}

static void release_all(found **all, size_t n) {
    for (size_t i = 0; i < n; i++)
        vic_release(&(*all)[i].path);
    vic_release(all);
}

/* *all is released by the caller with release_all, also after an error. */
static vic_status find_all(const char *run, found **all, size_t *n) {
    char *path;
    *all = NULL;
    *n = 0;
    VIC_TRY(vic_format(&path, "%s/%s", run, container));
    DIR *entries = opendir(path);
    vic_release(&path);
    if (entries == NULL)
        return VIC_OK;
    vic_status status = VIC_OK;
    for (const struct dirent *entry; status == VIC_OK && (entry = readdir(entries)) != NULL;)
        status = add(run, entry->d_name, all, n);
    closedir(entries);
    if (*n > 0)
        qsort(*all, *n, sizeof **all, latest_first);
    return status;
}

static vic_status take_paths(found *all, size_t n, char ***paths, size_t *n_paths) {
    VIC_TRY(vic_allocate(n, sizeof **paths, paths));
    for (size_t i = 0; i < n; i++)
        if (all[i].whole) {
            (*paths)[(*n_paths)++] = all[i].path;
            all[i].path = NULL;
        }
    return VIC_OK;
}

vic_status vic_checkpoint_folder_list(const char *run, char ***paths, size_t *n) {
    found *all;
    size_t n_all;
    *paths = NULL;
    *n = 0;
    vic_status status = find_all(run, &all, &n_all);
    if (status == VIC_OK)
        status = take_paths(all, n_all, paths, n);
    release_all(&all, n_all);
    return status;
}

void vic_checkpoint_folder_list_release(char ***paths, size_t n) {
    for (size_t i = 0; i < n; i++)
        vic_release(&(*paths)[i]);
    vic_release(paths);
}

/* ---- making and removing ---- */

static bool is_ours(const char *name) {
    size_t rank;
    int end = 0;
    if (strcmp(name, "manifest.json") == 0 || vic_temporary_is_for(name, "manifest.json"))
        return true;
    return sscanf(name, "rank-%zu.safetensors%n", &rank, &end) == 1 && end > 0 && name[end] == '\0';
}

static void remove_entry(const char *folder, const char *name) {
    char *path;
    if (vic_format(&path, "%s/%s", folder, name) != VIC_OK)
        return;
    unlink(path);
    vic_release(&path);
}

void vic_checkpoint_folder_remove(const char *path) {
    remove_entry(path, "manifest.json");
    DIR *entries = opendir(path);
    if (entries == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (is_ours(entry->d_name))
            remove_entry(path, entry->d_name);
    closedir(entries);
    rmdir(path);
}

vic_status vic_checkpoint_folder_make(const char *path) {
    vic_checkpoint_folder_remove(path);
    VIC_TRY(vic_make_folder(path));
    vic_sync_beside(path);
    return VIC_OK;
}

void vic_checkpoint_folder_prune(const char *run, vic_position position, size_t keep) {
    found *all;
    size_t n, kept = 0;
    vic_status status = find_all(run, &all, &n);
    for (size_t i = 0; status == VIC_OK && i < n; i++)
        if (all[i].whole && compare(all[i].position, position) <= 0 && kept < keep)
            kept++;
        else
            vic_checkpoint_folder_remove(all[i].path);
    release_all(&all, n);
}

/* ---- of a whole run ---- */

vic_status vic_run_checkpoints_clear(const char *run, bool goes_on) {
    found *all;
    size_t n;
    char *path;
    vic_status status = find_all(run, &all, &n);
    for (size_t i = 0; status == VIC_OK && i < n; i++)
        if (!goes_on || !all[i].whole)
            vic_checkpoint_folder_remove(all[i].path);
    release_all(&all, n);
    VIC_TRY(status);
    VIC_TRY(vic_format(&path, "%s/%s", run, container));
    rmdir(path); /* where it is empty */
    vic_release(&path);
    return VIC_OK;
}
