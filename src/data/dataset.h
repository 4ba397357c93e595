/* A data set, spread over the ranks that need it. */
#ifndef VIC_DATA_DATASET_H
#define VIC_DATA_DATASET_H

#include "data.h"
#include "source.h"

#include "messages/messages.h"

typedef struct vic_dataset vic_dataset;

/* Collective. The rank of the input population reads `inputs`, the rank of the output population `labels`, at
 * least one file each; shapes, counts and labels are checked against the network. Errors: VIC_BAD_FILE on
 * every rank. */
vic_status vic_dataset_open(vic_dataset **dataset, vic_group *group, const vic_network *network,
                            const int *rank_of, const vic_data_format *format, vic_data_reading reading,
                            vic_file_list inputs, vic_file_list labels, double scale);
/* Local: the bytes of the data set on a rank where the populations of here[0..n_populations-1] are, in bytes.
 * A file that cannot be read counts 0; vic_dataset_open reports it. */
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
/* Local. A remark on how its labels were read, on the rank that has them; else NULL. */
const char *vic_dataset_note(const vic_dataset *dataset);
/* Local. Visits the arrays of this rank: the inputs with the input population, the labels with the output's.
 */
void vic_dataset_list(const vic_dataset *dataset, const vic_network *network, vic_inventory_visitor visitor);
/* Collective. A CRC-32 of what the inputs hold, and one of the labels: how numbers are stored, their shape,
 * and the numbers, not divided by the scale. */
vic_status vic_dataset_checksums(const vic_dataset *dataset, vic_group *group, uint32_t *inputs,
                                 uint32_t *labels);
/* Belongs to the data set. */
const vic_source *vic_dataset_source(const vic_dataset *dataset);

#endif
