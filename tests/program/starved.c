/* The program on a machine that refuses: the k-th call of one function of the system fails on one rank. The
 * linker puts this between the program and the system. VICINAL_FAIL is FUNCTION:K, VICINAL_FAIL_RANK the
 * rank; with VICINAL_FAIL=count the rank writes at its end how often each function was called. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct function {
    const char *name;
    int error;
    atomic_long calls;
    long fails; /* the call that does; 0: none */
} functions[] = {
    {.name = "aligned_alloc", .error = ENOMEM},
    {.name = "realloc", .error = ENOMEM},
    {.name = "open", .error = EIO},
    {.name = "write", .error = ENOSPC},
    {.name = "pwrite", .error = ENOSPC},
    {.name = "rename", .error = EIO},
    {.name = "fsync", .error = EIO},
    {.name = "close", .error = EIO},
    {.name = "mkdir", .error = ENOSPC},
    {.name = "fopen", .error = EIO},
    {.name = "fclose", .error = ENOSPC},
    {.name = "fflush", .error = ENOSPC},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static bool is_this_rank(void) {
    const char *wanted = getenv("VICINAL_FAIL_RANK"), *rank = getenv("OMPI_COMM_WORLD_RANK");
    rank = rank ? rank : getenv("PMI_RANK");
    return strcmp(wanted ? wanted : "0", rank ? rank : "0") == 0;
}

static void count(void) {
    for (size_t i = 0; i < FUNCTIONS; i++)
        dprintf(STDERR_FILENO, "calls: %s %ld\n", functions[i].name, atomic_load(&functions[i].calls));
}

__attribute__((constructor)) static void begin(void) {
    const char *fail = getenv("VICINAL_FAIL");
    if (fail == NULL || !is_this_rank())
        return;
    if (strcmp(fail, "count") == 0)
        atexit(count);
    for (size_t i = 0; i < FUNCTIONS; i++) {
        size_t length = strlen(functions[i].name);
        if (strncmp(fail, functions[i].name, length) == 0 && fail[length] == ':')
            functions[i].fails = strtol(fail + length + 1, NULL, 10);
    }
}

static bool fails(const char *name) {
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (strcmp(functions[i].name, name) == 0) {
            if (atomic_fetch_add(&functions[i].calls, 1) + 1 != functions[i].fails)
                return false;
            errno = functions[i].error;
            return true;
        }
    abort();
}

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    return fails("aligned_alloc") ? NULL : __real_aligned_alloc(alignment, size);
}

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size) {
    return fails("realloc") ? NULL : __real_realloc(block, size);
}

int __real_open64(const char *path, int flags, mode_t mode);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails("open") ? -1 : __real_open64(path, flags, mode);
}

ssize_t __real_write(int file, const void *data, size_t size);
ssize_t __wrap_write(int file, const void *data, size_t size);
ssize_t __wrap_write(int file, const void *data, size_t size) {
    return fails("write") ? -1 : __real_write(file, data, size);
}

ssize_t __real_pwrite64(int file, const void *data, size_t size, off_t place);
ssize_t __wrap_pwrite64(int file, const void *data, size_t size, off_t place);
ssize_t __wrap_pwrite64(int file, const void *data, size_t size, off_t place) {
    return fails("pwrite") ? -1 : __real_pwrite64(file, data, size, place);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
    return fails("rename") ? -1 : __real_rename(from, to);
}

int __real_fsync(int file);
int __wrap_fsync(int file);
int __wrap_fsync(int file) {
    return fails("fsync") ? -1 : __real_fsync(file);
}

/* What fails to close is closed all the same. */
int __real_close(int file);
int __wrap_close(int file);
int __wrap_close(int file) {
    if (!fails("close"))
        return __real_close(file);
    __real_close(file);
    errno = EIO;
    return -1;
}

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode) {
    return fails("mkdir") ? -1 : __real_mkdir(path, mode);
}

FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode) {
    return fails("fopen") ? NULL : __real_fopen64(path, mode);
}

int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int __wrap_fclose(FILE *file) {
    if (!fails("fclose"))
        return __real_fclose(file);
    __real_fclose(file);
    errno = ENOSPC;
    return EOF;
}

int __real_fflush(FILE *file);
int __wrap_fflush(FILE *file);
int __wrap_fflush(FILE *file) {
    return fails("fflush") ? EOF : __real_fflush(file);
}
