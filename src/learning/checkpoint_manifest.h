/* The manifest of a checkpoint in a folder: with it the checkpoint is whole. Private to the room. */
#ifndef VIC_LEARNING_CHECKPOINT_MANIFEST_H
#define VIC_LEARNING_CHECKPOINT_MANIFEST_H

#include "learning.h"

/* The format of checkpoints in folders, under "vicinal.checkpoint". */
enum { VIC_CHECKPOINT_FOLDER_FORMAT = 3 };

/* The file of one rank. */
typedef struct vic_checkpoint_file {
    uint64_t bytes, header_bytes;
    uint32_t header_checksum; /* CRC-32 of its first header_bytes bytes */
} vic_checkpoint_file;

typedef struct vic_checkpoint_manifest {
    vic_position position;
    char *settings;
    size_t n_files;
    vic_checkpoint_file *files;
    size_t n_populations;
    size_t *file_of; /* per population: the file that it is in */
} vic_checkpoint_manifest;

/* The path of the file of a rank, or of the manifest; freed by the caller with vic_release. */
vic_status vic_checkpoint_file_path(const char *folder, size_t file, char **path);
vic_status vic_checkpoint_manifest_path(const char *folder, char **path);

/* Local, on one rank. Puts the manifest in place, when all files are. Errors: VIC_BAD_FILE. */
vic_status vic_checkpoint_manifest_write(const vic_checkpoint_manifest *manifest, const char *folder);
/* Free with vic_checkpoint_manifest_release, also after an error. Errors: VIC_BAD_FILE where it is missing,
 * damaged, or of a format that is not known. */
vic_status vic_checkpoint_manifest_read(vic_checkpoint_manifest *manifest, const char *folder);
void vic_checkpoint_manifest_release(vic_checkpoint_manifest *manifest);

#endif
