#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { HEAD = 256, ALIGNMENT = 64 };

_Static_assert(sizeof(vic_segment_words) <= HEAD, "the words of a part fit in front of its slots");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "words are shared between processes");

static vic_status fail(const char *what, int error) {
    return vic_fail(VIC_BAD_FILE, "shared memory: %s: %s", what, strerror(error));
}

static size_t round_up(size_t bytes, size_t unit) {
    return vic_size_product(vic_size_sum(bytes, unit - 1) / unit, unit);
}

static void measure(vic_segment *s, size_t message_bytes) {
    s->slot_bytes = round_up(message_bytes, ALIGNMENT);
    s->part_bytes = round_up(vic_size_sum(HEAD, vic_size_product(VIC_SEGMENT_SLOTS, s->slot_bytes)),
                             (size_t)sysconf(_SC_PAGESIZE));
}

static size_t whole(const vic_segment *s) {
    return vic_size_product(2, s->part_bytes);
}

size_t vic_segment_bytes(size_t message_bytes) {
    vic_segment s;
    measure(&s, message_bytes);
    return whole(&s);
}

vic_status vic_segment_check_room(size_t bytes, size_t reserve) {
    struct statvfs system;
    if (statvfs("/dev/shm", &system) != 0)
        return VIC_OK; /* they are somewhere else: making them will tell */
    size_t room = vic_size_product(system.f_bavail, system.f_frsize);
    if (vic_size_sum(bytes, reserve) <= room)
        return VIC_OK;
    return vic_fail(
        VIC_BAD_FILE,
        "shared memory: /dev/shm has no room for %.1f MB: %.1f MB are free, and MPI may need %.1f",
        1e-6 * (double)bytes, 1e-6 * (double)room, 1e-6 * (double)reserve);
}

/* Without a guess that would be worth trying: who knows the name may open the segment, if it is the same
 * user. */
static vic_status draw_name(char name[VIC_SEGMENT_NAME]) {
    uint64_t number;
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fail("/dev/urandom", errno);
    ssize_t got = read(file, &number, sizeof number);
    close(file);
    if (got != sizeof number)
        return fail("/dev/urandom", EIO);
    snprintf(name, VIC_SEGMENT_NAME, "/vicinal-%016" PRIx64, number);
    return VIC_OK;
}

/* A file beyond the limit (ulimit -f) would end the process by SIGXFSZ. */
static vic_status set_size(int file, size_t bytes) {
    struct rlimit limit;
    if (bytes > PTRDIFF_MAX || (getrlimit(RLIMIT_FSIZE, &limit) == 0 && bytes > limit.rlim_cur))
        return fail("the limit of file sizes", EFBIG);
    return ftruncate(file, (off_t)bytes) == 0 ? VIC_OK : fail("ftruncate", errno);
}

/* Is it what the other rank has made? In another container of this host the name may be that of another run.
 */
static vic_status check(const vic_segment *s, int file) {
    struct stat status;
    if (fstat(file, &status) != 0)
        return fail("fstat", errno);
    if (status.st_uid != geteuid() || (size_t)status.st_size != whole(s))
        return vic_fail(VIC_BAD_FILE, "shared memory: %s is not what the other rank has made", s->name);
    return VIC_OK;
}

static void *map(int file, const vic_segment *s, int part, int protection) {
    void *memory =
        mmap(NULL, s->part_bytes, protection, MAP_SHARED, file, (off_t)((size_t)part * s->part_bytes));
    return memory == MAP_FAILED ? NULL : memory;
}

static vic_status map_both(int file, vic_segment *s, int own) {
    s->own = map(file, s, own, PROT_READ | PROT_WRITE);
    int error = errno;
    s->others = map(file, s, 1 - own, PROT_READ);
    error = s->own ? errno : error;
    return s->own && s->others ? VIC_OK : fail("mmap", error);
}

vic_status vic_segment_make(vic_segment *s, size_t message_bytes) {
    measure(s, message_bytes);
    VIC_TRY(draw_name(s->name));
    s->file = shm_open(s->name, O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    if (s->file < 0)
        return fail("shm_open", errno);
    s->is_made = s->is_named = true;
    VIC_TRY(set_size(s->file, whole(s)));
    return map_both(s->file, s, 0);
}

vic_status vic_segment_open(vic_segment *s, const char *name, size_t message_bytes) {
    measure(s, message_bytes);
    snprintf(s->name, sizeof s->name, "%s", name);
    int file = shm_open(s->name, O_RDWR, 0);
    if (file < 0)
        return fail("shm_open", errno);
    vic_status status = check(s, file);
    if (status == VIC_OK)
        status = map_both(file, s, 1);
    close(file);
    return status;
}

void vic_segment_unlink(vic_segment *s) {
    if (s->is_named)
        shm_unlink(s->name);
    s->is_named = false;
}

static void close_file(vic_segment *s) {
    if (s->is_made)
        close(s->file);
    s->is_made = false;
}

vic_status vic_segment_allocate(vic_segment *s) {
    int error = 0;
    if (s->is_made)
        do
            error = posix_fallocate(s->file, 0, (off_t)whole(s));
        while (error == EINTR);
    close_file(s);
    return error ? fail("posix_fallocate", error) : VIC_OK;
}

void vic_segment_close(vic_segment *s) {
    vic_segment_unlink(s);
    close_file(s);
    if (s->own)
        munmap(s->own, s->part_bytes);
    if (s->others)
        munmap((void *)(uintptr_t)s->others, s->part_bytes);
    *s = (vic_segment){0};
}

void *vic_segment_slot(const vic_segment *s, const vic_segment_words *part, uint32_t round) {
    return (unsigned char *)(uintptr_t)part + HEAD + round % VIC_SEGMENT_SLOTS * s->slot_bytes;
}
