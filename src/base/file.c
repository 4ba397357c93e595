#include "file.h"
#include "bytes.h"
#include "open_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static vic_status too_long(const vic_open *file, size_t most) {
    return vic_fail(file->on_error, "%s: has more than %zu bytes, expected a text that is shorter",
                    file->path, most);
}

/* Until the end, whatever size the system reports: pipes have none. One byte stays for the closing zero. */
static vic_status read_all(vic_open *file, size_t most, unsigned char **data, size_t *size) {
    size_t capacity = 0, got;
    if ((uint64_t)file->first.st_size > most)
        return too_long(file, most);
    do {
        if (*size + 1 >= capacity)
            VIC_TRY(vic_bytes_grow(data, &capacity, 2 * most + 1));
        VIC_TRY(vic_open_read(file, *data + *size, capacity - *size - 1, &got));
        *size += got;
        if (*size > most)
            return too_long(file, most);
    } while (got > 0);
    (*data)[*size] = '\0';
    return VIC_OK;
}

vic_status vic_read_text(const char *path, vic_status on_error, size_t most, char **data, size_t *size) {
    vic_open file;
    unsigned char *bytes = NULL;
    *data = NULL;
    *size = 0;
    VIC_TRY(vic_open_file(&file, path, on_error));
    vic_status status = read_all(&file, most, &bytes, size);
    vic_close_file(&file);
    if (status != VIC_OK) {
        vic_release(&bytes);
        *size = 0;
    }
    *data = (char *)bytes;
    return status;
}

vic_status vic_read_file(const char *path, vic_status on_error, char **data, size_t *size) {
    return vic_read_text(path, on_error, VIC_LARGEST_TEXT, data, size);
}

bool vic_is_same_file(const char *a, const char *b) {
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && S_ISREG(one.st_mode) && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

enum { TO_THE_END = 0 };

/* `bytes` from where the file stands, or TO_THE_END. */
static vic_status add_up(vic_open *file, uint64_t bytes, uLong *sum) {
    unsigned char some[1 << 16];
    size_t got;
    for (uint64_t done = 0; bytes == TO_THE_END || done < bytes; done += got) {
        size_t wanted = bytes && bytes - done < sizeof some ? (size_t)(bytes - done) : sizeof some;
        VIC_TRY(vic_open_read(file, some, wanted, &got));
        if (got == 0 && bytes != TO_THE_END)
            return vic_fail(VIC_BAD_FILE, "%s: truncated", file->path);
        if (got == 0)
            return VIC_OK;
        *sum = crc32_z(*sum, some, got);
    }
    return VIC_OK;
}

static vic_status checksum_from(const char *path, uint64_t first, uint64_t bytes, uint32_t *checksum) {
    uLong sum = crc32_z(0, Z_NULL, 0);
    vic_open file;
    VIC_TRY(vic_open_file(&file, path, VIC_BAD_FILE));
    vic_status status = VIC_OK;
    if (first > 0 && lseek(file.fd, (off_t)first, SEEK_SET) < 0)
        status = vic_fail(VIC_BAD_FILE, "%s: cannot read: %s", path, strerror(errno));
    if (status == VIC_OK)
        status = add_up(&file, bytes, &sum);
    vic_close_file(&file);
    *checksum = (uint32_t)sum;
    return status;
}

vic_status vic_file_checksum(const char *path, uint32_t *checksum) {
    return checksum_from(path, 0, TO_THE_END, checksum);
}

vic_status vic_file_checksum_part(const char *path, uint64_t first, uint64_t bytes, uint32_t *checksum) {
    *checksum = (uint32_t)crc32_z(0, Z_NULL, 0);
    return bytes == 0 ? VIC_OK : checksum_from(path, first, bytes, checksum);
}

vic_status vic_file_bytes(const char *path, uint64_t *bytes) {
    struct stat about;
    if (stat(path, &about) != 0)
        return vic_fail(VIC_BAD_FILE, "%s: cannot open: %s", path, strerror(errno));
    *bytes = (uint64_t)about.st_size;
    return VIC_OK;
}
