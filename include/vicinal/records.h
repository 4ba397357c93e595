/* What a run reads and leaves behind: data sets on the ranks that need them, batches, dumps, checkpoints,
 * metrics. */
#ifndef VICINAL_RECORDS_H
#define VICINAL_RECORDS_H

#include "vicinal/io.h"
#include "vicinal/plan.h"

/* ---- a data set, spread over the ranks that need it ---- */

typedef struct vic_dataset vic_dataset;

/* Collective. The rank of the input population reads `inputs`, the rank of the output population `labels`, at
 * least one file each; shapes, counts and labels are checked against the network. Errors: VIC_BAD_FILE on
 * every rank. */
vic_status vic_dataset_open(vic_dataset **dataset, vic_group *group, const vic_network *network,
                            const int *rank_of, const vic_data_format *format, vic_data_reading reading,
                            vic_file_list inputs, vic_file_list labels, double scale);
/* Local: the room that the data set takes on a rank where the populations of here[0..n_populations-1] are, in
 * bytes. A file that cannot be read counts 0: it is vic_dataset_open that says so. */
size_t vic_dataset_forecast(const vic_network *network, const bool *here, const vic_data_format *format,
                            vic_file_list inputs, vic_file_list labels);
/* Local. Whether the headers of all these files name the same inputs in the same order. Files without a
 * header are passed over, and so are those that cannot be read. Errors: VIC_BAD_FILE. */
vic_status vic_columns_check(const vic_data_format *format, vic_data_reading reading, vic_file_list train,
                             vic_file_list test);
/* Local. Whether samples of both have the same axes; a flat sample fits any shape with as many elements.
 * Errors: VIC_BAD_FILE, where the inputs are. */
vic_status vic_dataset_check_alike(const vic_dataset *train, const vic_dataset *test);
void vic_dataset_close(vic_dataset **dataset);
/* Local. What is worth knowing of how its labels were read, on the rank that has them; else NULL. */
const char *vic_dataset_note(const vic_dataset *dataset);
/* Local. Shows what this rank has of it: the inputs with the input population, the labels with the output's.
 */
void vic_dataset_list(const vic_dataset *dataset, const vic_network *network, vic_stocktaker taker);
/* Collective. A CRC-32 of what the inputs hold, and one of the labels: how numbers are stored, their shape,
 * and the numbers, not divided by the scale. */
vic_status vic_dataset_checksums(const vic_dataset *dataset, vic_group *group, uint32_t *inputs,
                                 uint32_t *labels);
/* Belongs to the data set. */
const vic_source *vic_dataset_source(const vic_dataset *dataset);

/* ---- one batch: `input`, `target`, `initial.l` ---- */

/* Where it comes from: a safetensors file that holds these tensors, or a numpy array (.npy), which is the
 * input alone. */
typedef struct vic_batch_files {
    const char *batch;
    const char *target; /* a numpy array, or a safetensors file with `target`; NULL: in `batch`, or nowhere */
    int64_t label_offset; /* subtracted from class indices */
} vic_batch_files;

typedef struct vic_batch {
    size_t samples;
    bool initial, target; /* the files give them */
} vic_batch;

/* Local, the same on every rank. Errors: VIC_BAD_FILE when names, types or shapes do not fit the network. */
vic_status vic_batch_inspect(vic_batch_files files, const vic_network *network, vic_batch *batch);
/* The same, where a batch without a target is of no use. */
vic_status vic_batch_inspect_whole(vic_batch_files files, const vic_network *network, vic_batch *batch);
/* Local. Reads what the local populations need to where the inference expects it; without a target that stays
 * as it was. Class indices become one-hot values under squared error, and one-hot rows class indices under
 * cross-entropy. */
vic_status vic_batch_read(vic_batch_files files, vic_inference *inference);

/* ---- one inference, written out ---- */

/* Collective. Writes prediction.l, belief.l and error.l for l = 1..L, grad.NAME per parameter, and loss,
 * after a run on `batch` samples with options.record and gradients. */
vic_status vic_inference_write(vic_inference *inference, size_t batch, const char *path);
/* Collective. Writes prediction.l for l = 1..L and, under cross-entropy, `class`, int64, the place of the
 * largest output of each sample, after a sweep over `batch` samples with options.record. */
vic_status vic_predictions_write(vic_inference *inference, size_t batch, const char *path);

/* ---- checkpoints: weights, optimiser state and position, to go on with the same bits ---- */

/* Collective. `settings` is the text of the run's identity, kept in the file. */
vic_status vic_checkpoint_write(vic_trainer *trainer, vic_inference *inference, const char *path,
                                const char *settings);
/* Local. Errors: VIC_BAD_FILE when the file is no checkpoint of this network and optimiser. */
vic_status vic_checkpoint_read(vic_trainer *trainer, vic_inference *inference, const char *path);
/* Local. *settings becomes what vic_checkpoint_write was given, or where *format becomes 1 the text that such
 * a file has instead; freed by the caller with vic_release. Errors: VIC_BAD_FILE, also for a format that is
 * not known. */
vic_status vic_checkpoint_settings(const char *path, int *format, char **settings);

/* ---- the run folder, written by one rank ---- */

/* Creates the folder and those above it. Errors: VIC_BAD_FILE. */
vic_status vic_make_folder(const char *path);
/* What two runs in one folder are told by. */
#define VIC_RUN_LOCK ".vicinal.lock"

/* Local. Makes this process the folder's only run until it closes the descriptor *claim, or ends. *claim is
 * -1 where the file system cannot lock. A process claims a folder once. Errors: VIC_BAD_FILE, also when
 * another process has it; the text names that. */
vic_status vic_run_folder_claim(const char *folder, int *claim);
/* Local. Errors: VIC_BAD_FILE when the folder holds any file that a run writes, other than the file
 * `config`. */
vic_status vic_run_folder_keep(const char *folder, const char *config);
/* Local. Errors: VIC_BAD_FILE when the folder holds no run, and a file that a run would replace. */
vic_status vic_run_folder_check(const char *folder);
/* Local. Errors: VIC_BAD_CONFIG when `path`, which the option names, is or would be one of the files that a
 * run writes in this folder, other than the one called `own`. Both may be NULL: none. */
vic_status vic_run_folder_protect(const char *folder, const char *option, const char *path, const char *own);
/* Local. Errors: VIC_BAD_FILE when `input` is one of the files that a run writes in this folder. */
vic_status vic_run_folder_spare(const char *folder, const char *input);
/* Local, by the owner of the folder. Removes what an earlier run left in it, but for its config: all files
 * that a run writes, or, where the run goes on, those that belong to its end; and the temporary files of runs
 * that were killed. Other files stay. Errors: VIC_BAD_FILE, when a folder has the name of such a file before
 * anything is removed. */
vic_status vic_run_folder_clear(const char *folder, bool goes_on);
/* Writes a whole file or leaves nothing: it appears under its name only when complete. Devices, pipes, and
 * what stdout or stderr lead to are written to as they are; of a link, the file that it leads to is replaced.
 * Errors: VIC_BAD_FILE. */
vic_status vic_write_file(const char *path, const char *data, size_t size);
/* Whether vic_write_file could write there, as far as can be told before there is something to write. Leaves
 * nothing behind. Errors: VIC_BAD_FILE. */
vic_status vic_try_file(const char *path);

/* A table that grows by a line an epoch. Rows whose first column is above `last` are dropped on opening, so
 * that a resumed run repeats no epoch; last = 0 starts anew. */
typedef struct vic_table vic_table;
vic_status vic_table_open(vic_table **table, const char *path, const char *header, uint64_t last);
vic_status vic_table_add(vic_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Errors: VIC_BAD_FILE when the last lines could not be written. */
vic_status vic_table_close(vic_table **table);

/* ---- machines ---- */

/* Reads a machine from `text` (YAML or JSON, `size` bytes) as if it stood in the file `path`;
 * launch/guide/machines.md describes it. Free with vic_machine_destroy. Errors: VIC_BAD_CONFIG, text
 * "file:line:column: what is wrong, what is allowed". */
vic_status vic_machine_parse(vic_machine **machine, const char *path, const char *text, size_t size);
/* Writes it so that vic_machine_parse reads back the same; `comment` is one line that the file begins with.
 * Errors: VIC_BAD_FILE, VIC_NO_MEMORY. */
vic_status vic_machine_write(const vic_machine *machine, const char *path, const char *comment);

/* ---- a report, as one HTML page ---- */

/* Writes the page around its data, a JSON object. Errors: VIC_BAD_FILE, VIC_NO_MEMORY. */
vic_status vic_report_write(const char *path, const char *data);

/* ---- what messages cost, as a picture ---- */

/* One measured inference, and what to call it. */
typedef struct vic_communication_view {
    const char *title;
    const vic_network *network;
    const vic_communication *cost;
} vic_communication_view;

/* Writes an SVG file. With `maps`, each inference has a heat map of bytes, edges by steps, beside a bar per
 * rank of where its time went; without, one bar, the mean of its ranks. All bars have one scale. Errors:
 * VIC_BAD_FILE, VIC_NO_MEMORY. */
vic_status vic_communication_draw(const char *path, const char *title, bool maps, size_t n,
                                  const vic_communication_view *views);

#endif
