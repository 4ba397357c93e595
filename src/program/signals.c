#include "program.h"

#include <signal.h>

static volatile sig_atomic_t asked;

static void note(int signal) {
    (void)signal;
    asked = 1;
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};
enum { N_SIGNALS = sizeof signals / sizeof *signals };

/* Under nohup, and in the background of a shell without job control, some are ignored on purpose. */
static bool ignored[N_SIGNALS], is_known;

void vic_inherit_signals(void) {
    struct sigaction inherited;
    for (int i = 0; i < N_SIGNALS && !is_known; i++)
        ignored[i] = sigaction(signals[i], NULL, &inherited) == 0 && !(inherited.sa_flags & SA_SIGINFO) &&
                     inherited.sa_handler == SIG_IGN;
    is_known = true;
}

/* Libraries may take a signal as soon as they are loaded, as UCX takes SIGHUP for its debugger: this comes
 * before them. Sanitizers are not ready for calls then, and SimGrid loads the program as a library, which has
 * no such section. */
#if !defined VICINAL_SANITIZED && !defined VIC_SIMULATED
__attribute__((section(".preinit_array"),
               used)) static void (*const before_libraries)(void) = vic_inherit_signals;
#endif

/* Those that a library has taken although they are ignored are ignored again. */
void vic_catch_signals(void) {
    struct sigaction action = {.sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < N_SIGNALS; i++) {
        action.sa_handler = ignored[i] ? SIG_IGN : note;
        sigaction(signals[i], &action, NULL);
    }
}

bool vic_asked_to_stop(void *unused) {
    (void)unused;
    return asked != 0;
}
