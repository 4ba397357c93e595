#define _GNU_SOURCE /* memmem */

#include "file_kind.h"

#include <ctype.h>
#include <string.h>

typedef struct file_kind {
    const char *magic;
    size_t length;
    const char *name, *remedy;
} file_kind;

#define KIND(magic, name, remedy)                                                                            \
    { magic, sizeof magic - 1, name, remedy }

static const char to_safetensors[] =
    "write its tensors in Python with safetensors.torch.save_file(tensors, path), for "
    "a model's weights its state_dict()",
                  to_unpack[] = "unpack it", to_npy[] = "write its pixels with numpy.save",
                  to_csv[] = "write it as CSV", to_download[] = "download the file itself";

static const file_kind kinds[] = {
    KIND("\x80\2", "a Python pickle, as older torch.save writes it", to_safetensors),
    KIND("\x80\3", "a Python pickle", to_safetensors),
    KIND("\x80\4", "a Python pickle", to_safetensors),
    KIND("\x80\5", "a Python pickle", to_safetensors),
    KIND("\x89HDF\r\n\x1a\n", "HDF5, as Keras (.h5) writes it", to_safetensors),
    KIND("\x93NUMPY", "a numpy array (.npy)",
         "such files are read as --batch, as --target, and with data.format: npy"),
    KIND("version https://git-lfs", "a git-lfs pointer, which stands for the file",
         "fetch the file: git lfs pull"),
    KIND("\x1f\x8b", "gzip", to_unpack),
    KIND("BZh", "bzip2", to_unpack),
    KIND("\xfd"
         "7zXZ",
         "xz", to_unpack),
    KIND("\x28\xb5\x2f\xfd", "zstandard", to_unpack),
    KIND("GGUF", "GGUF, as llama.cpp reads it", to_safetensors),
    KIND("\xd0\xcf\x11\xe0", "an old spreadsheet or document (.xls, .doc)", to_csv),
    KIND("SQLite format 3", "an SQLite database", to_csv),
    KIND("%PDF-", "a PDF document", to_download),
    KIND("\x89PNG", "a PNG picture", to_npy),
    KIND("\xff\xd8\xff", "a JPEG picture", to_npy),
    KIND("PAR1", "Parquet", to_csv),
    KIND("\xff\xfe", "text in UTF-16", "save it as UTF-8"),
    KIND("\xfe\xff", "text in UTF-16", "save it as UTF-8"),
};

static const file_kind empty = {.name = "an empty file", .remedy = "was it written, or fetched, to its end?"},
                       page = {.name = "an HTML or XML page", .remedy = to_download},
                       tensors = {.name = "a safetensors file",
                                  .remedy = "such files are read as --weights and --batch"},
                       onnx = {.name = "ONNX", .remedy = to_safetensors},
                       idx = {.name = "an IDX file, as MNIST has them",
                              .remedy = "set data.format: idx to read it as data"},
                       tar = {.name = "a tar archive", .remedy = to_unpack},
                       text = {.name = "text",
                               .remedy = "is it the right file? Rows of numbers are read as data with "
                                         "data.format: csv"};

/* A zip archive is known by the names of its files; this is of those whose names are elsewhere. */
static const file_kind archives[] = {
    KIND("[Content_Types].xml", "a spreadsheet or document (.xlsx, .docx)", to_csv),
    KIND("data.pkl", "a zip archive, as torch.save (.pt, .pth) writes it", to_safetensors),
    KIND(".npy", "a zip archive, as numpy.savez (.npz) writes it",
         "write each array with numpy.save, or all with safetensors.numpy.save_file"),
    KIND("", "a zip archive, as torch.save (.pt, .pth) and numpy.savez (.npz) write them", to_safetensors),
};

static const file_kind *kind_of_archive(const unsigned char *head, size_t n) {
    size_t k = 0;
    while (memmem(head, n, archives[k].magic, archives[k].length) == NULL)
        k++;
    return &archives[k];
}

/* A version, then the name of the producer. */
static bool is_onnx(const unsigned char *head, size_t n) {
    return n > 4 && head[0] == 0x08 && head[1] < 32 && head[2] == 0x12 && isalpha(head[4]);
}

static bool is_page(const unsigned char *head, size_t n) {
    size_t i = n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < n && isspace(head[i]))
        i++;
    return i + 1 < n && head[i] == '<' && (head[i + 1] == '!' || head[i + 1] == '?' || isalpha(head[i + 1]));
}

/* A length below 2^32, then JSON. */
static bool is_safetensors(const unsigned char *head, size_t n) {
    return n > 8 && memcmp(head + 4, "\0\0\0\0", 4) == 0 && head[8] == '{';
}

static bool is_idx(const unsigned char *head, size_t n) {
    return n > 4 && head[0] == 0 && head[1] == 0 && head[2] >= 0x08 && head[2] <= 0x0e && head[3] >= 1 &&
           head[3] <= 5;
}

/* The head of its first file has no magic number at its beginning. */
static bool is_tar(const unsigned char *head, size_t n) {
    enum { MAGIC = 257 };
    return n >= MAGIC + 5 && memcmp(head + MAGIC, "ustar", 5) == 0;
}

static bool is_text(const unsigned char *head, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isprint(head[i]) && !isspace(head[i]) && head[i] < 0x80)
            return false;
    return n > 0 && head[0] < 0x80;
}

static const file_kind *kind_of(const unsigned char *head, size_t n, bool expects_text) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n >= kinds[i].length && memcmp(head, kinds[i].magic, kinds[i].length) == 0)
            return &kinds[i];
    return n == 0                                    ? &empty
           : is_tar(head, n)                         ? &tar
           : n > 4 && memcmp(head, "PK\3\4", 4) == 0 ? kind_of_archive(head, n)
           : is_onnx(head, n)                        ? &onnx
           : is_page(head, n)                        ? &page
           : is_safetensors(head, n)                 ? &tensors
           : is_idx(head, n)                         ? &idx
           : is_text(head, n) && !expects_text       ? &text
                                                     : NULL;
}

vic_status vic_refuse_other_kind(const char *path, const char *expected, bool expects_text,
                                 const unsigned char *head, size_t n) {
    const file_kind *kind = kind_of(head, n, expects_text);
    if (kind == NULL)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: not %s: it looks like %s: %s", path, expected, kind->name,
                    kind->remedy);
}
