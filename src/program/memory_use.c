#include "memory_use.h"

#include <string.h>
#include <unistd.h>

double vic_memory_resident(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* The bytes of a line "NAME: N kB" of a file of /proc; -1 where there is none. */
static double line_of(const char *path, const char *name) {
    char line[256];
    double kilobytes = -1;
    size_t length = strlen(name);
    FILE *file = fopen(path, "r");
    while (file && kilobytes < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            kilobytes = strtod(line + length + 1, NULL);
    if (file)
        fclose(file);
    return kilobytes < 0 ? -1 : 1024 * kilobytes;
}

/* A neighbour's half of a segment is resident here as well, as soon as it has been read. Both halves stay
 * until the end, so that their proportional share then is that of the peak. */
static double peak(void) {
    double most = line_of("/proc/self/status", "VmHWM");
    double shared = line_of("/proc/self/status", "RssShmem");
    double share = line_of("/proc/self/smaps_rollup", "Pss_Shmem");
    if (most < 0)
        return 0;
    return shared < 0 || share < 0 ? most : most - shared + share;
}

void vic_memory_use_begin(vic_memory_use *use) {
    use->bare = vic_memory_resident();
}

vic_status vic_memory_use_forecast(vic_memory_use *use, const vic_session *session,
                                   const vic_demand *demand) {
    return vic_forecast_own(session, demand, use->bare, &use->forecast);
}

vic_status vic_memory_use_gather(vic_memory_use use, vic_group *group, vic_memory_use **all) {
    size_t size;
    *all = NULL;
    if (vic_time_is_simulated())
        return VIC_OK;
    use.peak = peak();
    return vic_group_gather(group, &use, sizeof use, all, &size);
}

void vic_memory_use_print(const vic_memory_use *all, int ranks) {
    printf("memory in MiB, taken of forecast%s:", ranks > 1 ? ", from rank 0 on" : "");
    for (int rank = 0; rank < ranks; rank++)
        printf("%s %.1f of %.1f", rank > 0 ? "," : "", all[rank].peak / (1 << 20),
               all[rank].forecast / (1 << 20));
    putchar('\n');
}

json_t *vic_memory_use_json(const vic_memory_use *all, int ranks) {
    json_t *bare = json_array(), *forecast = json_array(), *peaks = json_array();
    for (int rank = 0; rank < ranks; rank++) {
        json_array_append_new(bare, vic_json_number(all[rank].bare));
        json_array_append_new(forecast, vic_json_number(all[rank].forecast));
        json_array_append_new(peaks, vic_json_number(all[rank].peak));
    }
    return json_pack("{s:o, s:o, s:o}", "bare", bare, "forecast", forecast, "peak", peaks);
}
