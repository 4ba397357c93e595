#include "program.h"

#include <signal.h>

static volatile sig_atomic_t asked;

static void note(int signal) {
    (void)signal;
    asked = 1;
}

void vic_catch_signals(void) {
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

bool vic_asked_to_stop(void *unused) {
    (void)unused;
    return asked != 0;
}
