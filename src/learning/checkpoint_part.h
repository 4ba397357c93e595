/* The file in which a rank keeps the state of its populations: safetensors, with the CRC-32 of every tensor
 * in its metadata. Nothing here is collective. Private to the room. */
#ifndef VIC_LEARNING_CHECKPOINT_PART_H
#define VIC_LEARNING_CHECKPOINT_PART_H

#include "checkpoint_manifest.h"
#include "checkpoint_state.h"

#include "tensors/tensor.h"

/* A file to be written. */
typedef struct vic_checkpoint_part {
    vic_tensor_plan plan;
    char *header;
    size_t header_bytes;
    uint64_t data_bytes;
    unsigned char *data; /* a copy of the data; NULL: they are written from where they are */
} vic_checkpoint_part;

/* Makes the header of the local state as it is now, and with `copies` a copy of the data, so that learning
 * may go on before the file is written. Release with vic_checkpoint_part_release, also after an error.
 * Errors: VIC_NOT_FINITE where a number is not, VIC_NO_MEMORY. */
vic_status vic_checkpoint_part_make(vic_checkpoint_part *part, vic_trainer *trainer, vic_inference *inference,
                                    bool copies);
/* Writes the file and syncs it; without a copy, from the state, which must be as it was. Any thread may do
 * that where there is a copy. Errors: VIC_BAD_FILE; nothing of the file is left then. */
vic_status vic_checkpoint_part_write(const vic_checkpoint_part *part, vic_trainer *trainer,
                                     vic_inference *inference, const char *path);
vic_checkpoint_file vic_checkpoint_part_summary(const vic_checkpoint_part *part);
void vic_checkpoint_part_release(vic_checkpoint_part *part);

/* Is the file as it was written? Errors: VIC_BAD_FILE, naming the tensor that is not. */
vic_status vic_checkpoint_part_check(const char *path, const vic_checkpoint_file *expected);

/* ---- checkpoints of one file ---- */

/* Adds the metadata of one to a plan. */
vic_status vic_checkpoint_describe(vic_tensor_plan *plan, vic_position position, const char *settings);
/* Errors: VIC_BAD_FILE. */
vic_status vic_checkpoint_position(const vic_tensor_file *file, vic_position *position);

#endif
