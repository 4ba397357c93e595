/* What memory there is, and amounts of it as text. */
#include "open_file.h"

#include <math.h>
#include <stdio.h>
#include <sys/sysinfo.h>

/* The limit of a container, where there is one. */
static double container_limit(void) {
    static const char *const files[] = {"/sys/fs/cgroup/memory.max",
                                        "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    double least = INFINITY, bytes;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        FILE *file = fopen(files[i], "r");
        if (file == NULL)
            continue;
        if (fscanf(file, "%lf", &bytes) == 1 && bytes > 0 && bytes < least)
            least = bytes;
        fclose(file);
    }
    return least;
}

static double find_memory(void) {
    struct sysinfo system;
    if (sysinfo(&system) != 0)
        return INFINITY;
    double all = ((double)system.totalram + (double)system.totalswap) * system.mem_unit;
    return fmin(all, container_limit());
}

/* Every file that is opened asks for it. */
double vic_machine_memory(void) {
    static _Thread_local double memory;
    if (memory == 0)
        memory = find_memory();
    return memory;
}

const char *vic_amount(double bytes, char text[VIC_AMOUNT_TEXT]) {
    double mebibytes = bytes / (1 << 20);
    if (mebibytes < 1024)
        snprintf(text, VIC_AMOUNT_TEXT, mebibytes < 100 ? "%.1f MiB" : "%.0f MiB", mebibytes);
    else
        snprintf(text, VIC_AMOUNT_TEXT, "%.2f GiB", mebibytes / 1024);
    return text;
}
