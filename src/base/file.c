#include "file.h"
#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Until the end, whatever size the system reports: pipes have none. One byte stays for the closing zero. */
static vic_status read_all(int fd, const char *path, vic_status on_error, unsigned char **data,
                           size_t *size) {
    size_t capacity = 0;
    for (;;) {
        if (*size + 1 >= capacity)
            VIC_TRY(vic_bytes_grow(data, &capacity, SIZE_MAX / 2));
        ssize_t got = read(fd, *data + *size, capacity - *size - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return vic_fail(on_error, "%s: cannot read: %s", path, strerror(errno));
        if (got == 0)
            break;
        *size += (size_t)got;
    }
    (*data)[*size] = '\0';
    return VIC_OK;
}

vic_status vic_read_file(const char *path, vic_status on_error, char **data, size_t *size) {
    *data = NULL;
    *size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return vic_fail(on_error, "%s: cannot open: %s", path, strerror(errno));
    unsigned char *bytes = NULL;
    vic_status status = read_all(fd, path, on_error, &bytes, size);
    close(fd);
    if (status != VIC_OK) {
        vic_release(&bytes);
        *size = 0;
    }
    *data = (char *)bytes;
    return status;
}

bool vic_is_same_file(const char *a, const char *b) {
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && S_ISREG(one.st_mode) && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

enum { TO_THE_END = 0 };

/* `bytes` from where the file stands, or TO_THE_END. */
static vic_status add_up(int fd, const char *path, uint64_t bytes, uLong *sum) {
    unsigned char some[1 << 16];
    for (uint64_t done = 0; bytes == TO_THE_END || done < bytes;) {
        size_t wanted = bytes && bytes - done < sizeof some ? (size_t)(bytes - done) : sizeof some;
        ssize_t got = read(fd, some, wanted);
        if (got == 0 && bytes != TO_THE_END)
            return vic_fail(VIC_BAD_FILE, "%s: truncated", path);
        if (got == 0)
            return VIC_OK;
        if (got < 0 && errno != EINTR)
            return vic_fail(VIC_BAD_FILE, "%s: cannot read: %s", path, strerror(errno));
        if (got > 0) {
            *sum = crc32_z(*sum, some, (size_t)got);
            done += (uint64_t)got;
        }
    }
    return VIC_OK;
}

static vic_status checksum_from(const char *path, uint64_t first, uint64_t bytes, uint32_t *checksum) {
    uLong sum = crc32_z(0, Z_NULL, 0);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return vic_fail(VIC_BAD_FILE, "%s: cannot open: %s", path, strerror(errno));
    vic_status status = VIC_OK;
    if (first > 0 && lseek(fd, (off_t)first, SEEK_SET) < 0)
        status = vic_fail(VIC_BAD_FILE, "%s: cannot read: %s", path, strerror(errno));
    if (status == VIC_OK)
        status = add_up(fd, path, bytes, &sum);
    close(fd);
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
