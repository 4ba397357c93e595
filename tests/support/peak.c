/* peak FILE COMMAND...: runs the command and appends its largest resident memory, in bytes, as a line to
 * FILE. */
#define _XOPEN_SOURCE 700

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct rusage usage;
    int state;
    if (argc < 3)
        return 2;
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &state, 0) != child || getrusage(RUSAGE_CHILDREN, &usage) != 0)
        return 2;
    FILE *file = fopen(argv[1], "a");
    if (file == NULL)
        return 2;
    fprintf(file, "%ld\n", usage.ru_maxrss * 1024L);
    fclose(file);
    return WIFEXITED(state) ? WEXITSTATUS(state) : 2;
}
