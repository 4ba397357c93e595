/* Writing safetensors by all ranks at once: a file beside the final place, renamed when it is whole. */
#include "tensor.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct vic_tensor_writer {
    vic_group *group;
    char *path, *part; /* the final place, and where the file grows */
    bool created;      /* this rank has made it */
    int fd;
    vic_tensor_plan plan; /* a copy; metadata are left out */
    char *header;
    size_t header_bytes;
    uint64_t data_bytes;
    vic_status status; /* of the first put that failed, with its text */
    char text[1024];
};

static vic_status prepare(vic_tensor_writer *writer, vic_group *group, const char *path,
                          const vic_tensor_plan *plan) {
    writer->group = group;
    writer->fd = -1;
    VIC_TRY(vic_format(&writer->path, "%s", path));
    for (size_t i = 0; i < plan->n; i++) {
        const vic_tensor *tensor = &plan->tensors[i];
        VIC_TRY(vic_tensor_plan_add(&writer->plan, tensor->name, tensor->dtype, tensor->rank, tensor->dim));
    }
    vic_status status =
        vic_tensor_plan_header(plan, &writer->header, &writer->header_bytes, &writer->data_bytes);
    return status == VIC_BAD_FILE ? vic_fail(status, "%s: %s", path, vic_error_text()) : status;
}

/* Allocates the space on the disk now, so that a full disk is found before anything is written. */
static vic_status reserve(vic_tensor_writer *writer) {
    off_t size = (off_t)(writer->header_bytes + writer->data_bytes);
    int error;
    do {
        error = posix_fallocate(writer->fd, 0, size);
    } while (error == EINTR);
    if (error == EOPNOTSUPP || error == EINVAL) /* not every file system can */
        error = ftruncate(writer->fd, size) == 0 ? 0 : errno;
    if (error != 0)
        return vic_fail(VIC_BAD_FILE, "%s: no room for %lld bytes: %s", writer->path, (long long)size,
                        strerror(error));
    return VIC_OK;
}

static vic_status create_part(vic_tensor_writer *writer) {
    struct stat there;
    if (stat(writer->path, &there) == 0 && !S_ISREG(there.st_mode)) /* a rename could replace a device */
        return vic_fail(VIC_BAD_FILE, "%s: is there and not a regular file, expected a file's name",
                        writer->path);
    VIC_TRY(vic_temporary_create(writer->path, &writer->part, &writer->fd));
    writer->created = true;
    VIC_TRY(reserve(writer));
    return vic_write_at(writer->fd, writer->path, writer->header, writer->header_bytes, 0);
}

/* Collective. The other ranks write into the file that rank 0 has created. */
static vic_status open_part(vic_tensor_writer *writer) {
    size_t size = writer->created ? strlen(writer->part) : 0;
    VIC_TRY(vic_group_broadcast(writer->group, &writer->part, &size));
    vic_status mine = VIC_OK;
    if (!writer->created)
        writer->fd = open(writer->part, O_WRONLY | O_CLOEXEC);
    if (writer->fd < 0)
        mine = vic_fail(VIC_BAD_FILE, "%s: cannot be opened by rank %d: %s", writer->part,
                        vic_group_rank(writer->group), strerror(errno));
    return vic_group_agree_on_status(writer->group, mine);
}

/* Leaves the text of the last error as it is. */
static void discard(vic_tensor_writer **writer) {
    if (*writer == NULL)
        return;
    if ((*writer)->fd >= 0)
        close((*writer)->fd);
    if ((*writer)->created)
        unlink((*writer)->part);
    vic_tensor_plan_release(&(*writer)->plan);
    vic_release(&(*writer)->header);
    vic_release(&(*writer)->part);
    vic_release(&(*writer)->path);
    vic_release(writer);
}

vic_status vic_tensor_writer_create(vic_tensor_writer **writer, vic_group *group, const char *path,
                                    const vic_tensor_plan *plan) {
    vic_status mine = vic_allocate(1, sizeof **writer, writer);
    if (mine == VIC_OK)
        mine = prepare(*writer, group, path, plan);
    if (mine == VIC_OK && vic_group_rank(group) == 0)
        mine = create_part(*writer);
    vic_status all = vic_group_agree_on_status(group, mine);
    if (all == VIC_OK)
        all = open_part(*writer);
    if (all != VIC_OK)
        discard(writer);
    return all;
}

/* The `n` numbers at `values` of a tensor that holds such as these. */
static bool is_finite(const vic_tensor *tensor, size_t n, const void *values) {
    bool single = strcmp(tensor->dtype, "F32") == 0, twice = strcmp(tensor->dtype, "F64") == 0;
    if (!single && !twice)
        return true;
    return vic_arithmetic_of(single ? VIC_FLOAT32 : VIC_FLOAT64)->all_finite(n, values);
}

/* Numbers [first, first + n), or all from `first` on when n is SIZE_MAX. */
static vic_status put(vic_tensor_writer *writer, const char *name, size_t first, size_t n,
                      const void *values) {
    const vic_tensor *tensor = vic_tensor_plan_find(&writer->plan, name);
    if (tensor == NULL)
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"%.100s\" is not planned, expected one that is",
                        writer->path, name);
    n = n == SIZE_MAX && first <= tensor->count ? tensor->count - first : n;
    if (first > tensor->count || n > tensor->count - first)
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"%.100s\": %zu elements from element %zu on, it has %zu",
                        writer->path, name, n, first, tensor->count);
    if (!is_finite(tensor, n, values))
        return vic_fail(VIC_NOT_FINITE, "%s: tensor \"%.100s\" would hold numbers that are not finite",
                        writer->path, name);
    size_t bytes = vic_dtype_bytes(tensor->dtype);
    return vic_write_at(writer->fd, writer->path, values, n * bytes,
                        writer->header_bytes + tensor->offset + first * bytes);
}

static vic_status keep_failure(vic_tensor_writer *writer, vic_status status) {
    if (status != VIC_OK && writer->status == VIC_OK) {
        writer->status = status;
        snprintf(writer->text, sizeof writer->text, "%s", vic_error_text());
    }
    return status;
}

vic_status vic_tensor_writer_put(vic_tensor_writer *writer, const char *name, const void *values) {
    return keep_failure(writer, put(writer, name, 0, SIZE_MAX, values));
}

vic_status vic_tensor_writer_put_part(vic_tensor_writer *writer, const char *name, size_t first, size_t n,
                                      const void *values) {
    return keep_failure(writer, put(writer, name, first, n, values));
}

/* Until the bytes are on the disk the system may still find that it cannot write them. */
static vic_status complete(vic_tensor_writer *writer) {
    int error = fsync(writer->fd) == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : errno;
    if (close(writer->fd) != 0 && error == 0)
        error = errno;
    writer->fd = -1;
    if (error != 0)
        return vic_fail(VIC_BAD_FILE, "%s: cannot write: %s", writer->path, strerror(error));
    return VIC_OK;
}

static vic_status put_in_place(vic_tensor_writer *writer) {
    if (vic_temporary_put(writer->part, writer->path) != 0)
        return vic_fail(VIC_BAD_FILE, "%s: cannot rename %s to it: %s", writer->path, writer->part,
                        strerror(errno));
    writer->created = false;
    vic_sync_beside(writer->part);
    return VIC_OK;
}

vic_status vic_tensor_writer_finish(vic_tensor_writer **writer, vic_status mine) {
    vic_tensor_writer *w = *writer;
    if (mine == VIC_OK && w->status != VIC_OK)
        mine = vic_fail(w->status, "%s", w->text);
    if (mine == VIC_OK)
        mine = complete(w);
    vic_status all = vic_group_agree_on_status(w->group, mine);
    if (all == VIC_OK) {
        mine = w->created ? put_in_place(w) : VIC_OK;
        all = vic_group_agree_on_status(w->group, mine);
    }
    discard(writer);
    return all;
}

void vic_tensor_writer_abandon(vic_tensor_writer **writer) {
    discard(writer);
}
