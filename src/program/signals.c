#include "program.h"

#include <signal.h>

static volatile sig_atomic_t asked;

static void note(int signal) {
    (void)signal;
    asked = 1;
}

/* Under nohup, and in the background of a shell without job control, some are ignored on purpose. */
static bool is_ignored(int signal) {
    struct sigaction inherited;
    return sigaction(signal, NULL, &inherited) == 0 && !(inherited.sa_flags & SA_SIGINFO) &&
           inherited.sa_handler == SIG_IGN;
}

void vic_catch_signals(void) {
    static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!is_ignored(all[i]))
            sigaction(all[i], &action, NULL);
}

bool vic_asked_to_stop(void *unused) {
    (void)unused;
    return asked != 0;
}
