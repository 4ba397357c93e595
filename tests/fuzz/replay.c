/* replay TARGET FOLDER: gives every file of the folder to the target. */
#include "fuzz.h"

#include <dirent.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

static void replay(fuzz_reader *reader, const char *folder, const char *name) {
    char *path, *data;
    size_t size;
    fuzz_demand(vic_format(&path, "%s/%s", folder, name) == VIC_OK);
    fprintf(stderr, "%s\n", path);
    fuzz_demand(vic_read_file(path, VIC_BAD_FILE, &data, &size) == VIC_OK);
    reader((const unsigned char *)data, size);
    vic_release(&data);
    vic_release(&path);
}

int main(int argc, char **argv) {
    int n = 0, started;
    fuzz_reader *reader = argc == 3 ? fuzz_find(argv[1]) : NULL;
    DIR *entries = reader ? opendir(argv[2]) : NULL;
    if (entries == NULL)
        return 2;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (entry->d_name[0] != '.') {
            replay(reader, argv[2], entry->d_name);
            n++;
        }
    closedir(entries);
    printf("%d inputs\n", n);
    MPI_Initialized(&started);
    if (started)
        MPI_Finalize();
    return n == 0;
}
