/* Samples in memory as a file holds them, and the formats of data files. Nothing here is collective. */
#ifndef VIC_DATA_DATA_H
#define VIC_DATA_DATA_H

#include "base/file.h"
#include "functions/functions.h"

/* Does the first row of a text file name its columns? AUTO: where none of its cells is a number. */
typedef enum vic_header { VIC_HEADER_AUTO, VIC_HEADER_PRESENT, VIC_HEADER_ABSENT } vic_header;

/* How data files are to be understood. All zero: as is usual. */
typedef struct vic_data_reading {
    vic_header header; /* of formats that have columns, and so is `label` */
    /* The column of the class: its name, or its number, which counts from 1, or from the end when negative.
     * NULL: the one column named "label", "class" or "target" in any case, else the last. */
    const char *label;
    int64_t label_offset; /* subtracted from every label, whatever the format */
} vic_data_reading;

/* A table of `count` samples in memory as its file holds them. */
typedef struct vic_samples {
    size_t count;
    vic_shape shape;                   /* of one sample; rank 0 for labels */
    const struct vic_element *element; /* how one number is stored */
    unsigned char *data;
    int64_t label_offset; /* subtracted from labels */
    char *path;           /* for messages */
    char *note;           /* which column was taken for the class, where that is not obvious; or NULL */
} vic_samples;

/* A format of data files. A new one is one file and one registry line. */
typedef struct vic_data_format {
    const char *name;
    const char *help;
    /* Errors: VIC_BAD_FILE with the path and the place of the fault. */
    vic_status (*read_inputs)(const char *path, vic_data_reading reading, vic_samples *samples);
    vic_status (*read_labels)(const char *path, vic_data_reading reading, vic_samples *samples);
    bool has_columns; /* reading.header and reading.label mean something */
    bool one_file;    /* holds inputs and labels: both lists name the same files */
    /* How many of a file's bytes, unpacked, stay in memory. */
    double kept_of_inputs, kept_of_labels;
} vic_data_format;

const vic_data_format *const *vic_data_formats(size_t *count);
const vic_data_format *vic_data_format_find(const char *name);
void vic_samples_release(vic_samples *samples);

/* Puts `more` behind `samples`, which may be zeroed; `more` is left empty. Errors: VIC_BAD_FILE when their
 * samples are not alike, VIC_NO_MEMORY; both stay as they are then. */
vic_status vic_samples_append(vic_samples *samples, vic_samples *more);

/* rows becomes (n, count) in `precision`: the features first..first+count-1 of the samples order[0..n-1],
 * each value divided by scale. */
void vic_samples_gather(const vic_samples *samples, const size_t *order, size_t n, size_t first, size_t count,
                        double scale, vic_precision precision, void *rows);
/* Label number i as an integer, less the offset. */
int64_t vic_samples_label(const vic_samples *samples, size_t i);
/* Errors: VIC_BAD_FILE naming the first label that is outside 0..classes-1, less the offset. */
vic_status vic_samples_check_labels(const vic_samples *samples, size_t classes);
/* Errors: VIC_BAD_FILE naming the first value that, divided by scale, is not finite in this precision. */
vic_status vic_samples_check_finite(const vic_samples *samples, double scale, vic_precision precision);

#endif
