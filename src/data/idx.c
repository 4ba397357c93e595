/* The IDX format of the MNIST files, plain or gzipped: two zero bytes, the type of the elements, the number
 * of dimensions, each dimension as a big-endian 32-bit number, then the elements, also big-endian. */
#include "data_formats.h"
#include "samples.h"

#include "base/bytes.h"
#include "base/file_kind.h"
#include "base/stream.h"

#include <string.h>

_Static_assert(VIC_MAX_RANK == 4, "read_inputs says in words how many dimensions there may be");

enum { MAX_DIMENSIONS = VIC_MAX_RANK + 1 };

typedef struct idx_header {
    const vic_element *element;
    int n_dimensions;
    size_t dimension[MAX_DIMENSIONS];
    size_t bytes; /* of the data */
} idx_header;

static vic_status read_all(vic_stream source, unsigned char *into, size_t n, const char *what) {
    size_t got;
    VIC_TRY(vic_stream_read(source, into, n, &got));
    if (got < n)
        return vic_fail(VIC_BAD_FILE, "%s: truncated: %zu bytes of %s, expected %zu", source.path, got, what,
                        n);
    return VIC_OK;
}

static const vic_element *element_of(unsigned char type) {
    static const struct {
        unsigned char type;
        const vic_element *element;
    } known[] = {{0x08, &vic_element_uint8}, {0x09, &vic_element_int8},    {0x0B, &vic_element_int16},
                 {0x0C, &vic_element_int32}, {0x0D, &vic_element_float32}, {0x0E, &vic_element_float64}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].type == type)
            return known[i].element;
    return NULL;
}

static vic_status refuse_other_kind(vic_stream source, const unsigned char magic[4]) {
    unsigned char head[VIC_FILE_HEAD];
    size_t got;
    memcpy(head, magic, 4);
    VIC_TRY(vic_stream_read(source, head + 4, sizeof head - 4, &got));
    return vic_refuse_other_kind(source.path, "an IDX file", false, head, 4 + got);
}

static vic_status read_magic(vic_stream source, idx_header *header) {
    unsigned char magic[4];
    VIC_TRY(read_all(source, magic, sizeof magic, "header"));
    if (magic[0] != 0 || magic[1] != 0)
        VIC_TRY(refuse_other_kind(source, magic));
    if (magic[0] != 0 || magic[1] != 0)
        return vic_fail(VIC_BAD_FILE,
                        "%s: wrong magic number %02x%02x%02x%02x (bytes 0 to 3), IDX files begin with 0000",
                        source.path, magic[0], magic[1], magic[2], magic[3]);
    header->element = element_of(magic[2]);
    if (header->element == NULL)
        return vic_fail(
            VIC_BAD_FILE,
            "%s: unknown element type 0x%02x (byte 2), expected 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e",
            source.path, magic[2]);
    header->n_dimensions = magic[3];
    return VIC_OK;
}

static vic_status read_dimensions(vic_stream source, idx_header *header) {
    unsigned char bytes[4 * MAX_DIMENSIONS];
    VIC_TRY(read_all(source, bytes, 4 * (size_t)header->n_dimensions, "dimensions"));
    header->bytes = header->element->bytes;
    for (int i = 0; i < header->n_dimensions; i++) {
        const unsigned char *b = bytes + 4 * i;
        size_t n = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
        if (n == 0)
            return vic_fail(VIC_BAD_FILE, "%s: dimension %d is 0 (bytes %d to %d), expected at least 1",
                            source.path, i, 4 + 4 * i, 7 + 4 * i);
        if (!vic_multiply(header->bytes, n, &header->bytes))
            return vic_fail(
                VIC_BAD_FILE,
                "%s: the dimensions promise too many bytes (dimension %d, bytes %d to %d), expected a "
                "product below 2^%zu",
                source.path, i, 4 + 4 * i, 7 + 4 * i, 8 * sizeof(size_t));
        header->dimension[i] = n;
    }
    return VIC_OK;
}

/* What inputs and labels differ in. */
typedef struct idx_role {
    const char *name;
    int least, most; /* dimensions, that of the samples included */
    const char *allowed;
    bool integers;
} idx_role;

static vic_status check_role(const char *path, const idx_header *header, idx_role role) {
    if (header->n_dimensions < role.least || header->n_dimensions > role.most) {
        return vic_fail(VIC_BAD_FILE, "%s: %d dimensions (byte 3), %s have %s, that of the samples included",
                        path, header->n_dimensions, role.name, role.allowed);
    }
    if (role.integers && header->element->whole == NULL)
        return vic_fail(VIC_BAD_FILE, "%s: elements of type %s (byte 2), %s are integers", path,
                        header->element->name, role.name);
    return VIC_OK;
}

static vic_status read_stream(vic_stream source, idx_role role, vic_samples *samples) {
    idx_header header = {0};
    VIC_TRY(read_magic(source, &header));
    VIC_TRY(check_role(source.path, &header, role));
    VIC_TRY(read_dimensions(source, &header));
    VIC_TRY(vic_stream_read_rest(source, header.bytes, &samples->data));
    samples->count = header.dimension[0];
    samples->element = header.element;
    samples->shape.rank = header.n_dimensions - 1;
    for (int i = 1; i < header.n_dimensions; i++)
        samples->shape.dim[i - 1] = header.dimension[i];
    return vic_format(&samples->path, "%s", source.path);
}

static vic_status read_idx(const char *path, idx_role role, vic_samples *samples) {
    memset(samples, 0, sizeof *samples);
    vic_stream source;
    VIC_TRY(vic_stream_open(&source, path));
    vic_status status = read_stream(source, role, samples);
    vic_stream_close(&source);
    if (status != VIC_OK)
        vic_samples_release(samples);
    return status;
}

static vic_status read_inputs(const char *path, vic_data_reading reading, vic_samples *samples) {
    (void)reading;
    return read_idx(path, (idx_role){"inputs", 2, MAX_DIMENSIONS, "2 to 5", false}, samples);
}

static vic_status read_labels(const char *path, vic_data_reading reading, vic_samples *samples) {
    (void)reading;
    return read_idx(path, (idx_role){"labels", 1, 1, "1", true}, samples);
}

const vic_data_format vic_data_format_idx = {
    .name = "idx",
    .help = "the format of the MNIST files, plain or gzipped",
    .read_inputs = read_inputs,
    .read_labels = read_labels,
    .kept_of_inputs = 1,
    .kept_of_labels = 1,
};
