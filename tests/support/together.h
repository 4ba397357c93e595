/* Suites that run on any number of ranks. Every rank makes the same calls; no rank fails alone, because the
 * others would wait for it: they agree on what they saw, then fail together. */
#ifndef VICINAL_TESTS_SUPPORT_TOGETHER_H
#define VICINAL_TESTS_SUPPORT_TOGETHER_H

#include "messages/messages.h"
#include "network/network.h"

#include <check.h>
#include <stdbool.h>

/* The whole of a main: starts MPI, makes the group and the suite, runs it on every rank in this process, and
 * ends MPI. Only rank 0 prints. Returns what main returns. */
int together_main(int argc, char **argv, Suite *(*make_suite)(void));
/* The same once at each instruction level that the processors can run. */
int together_main_at_each_level(int argc, char **argv, Suite *(*make_suite)(void));

/* All ranks; there while the suite runs. */
vic_group *together_group(void);
int together_rank(void);
int together_size(void);

/* Blocks of populations that are balanced for backpropagation: rank_of has an entry for each population. Ends
 * the test where there is no memory. */
void together_place(const vic_network *network, int ranks, int *rank_of);

/* Collective. Was `ok` true on every rank? If not, vic_error_text() is, on every rank, the text of the first
 * rank where it was not. */
bool together_agree(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Collective. Ends the test on every rank, with a printf-style text, unless `ok` holds on every rank. */
#define together_assert_msg(ok, ...)                                                                         \
    do {                                                                                                     \
        if (!together_agree((ok), __VA_ARGS__))                                                              \
            ck_abort_msg("%s", vic_error_text());                                                            \
    } while (0)

#define together_assert(ok) together_assert_msg((ok), "%s does not hold", #ok)

/* Collective. The same for a call that returns a status. */
#define together_assert_ok(call)                                                                             \
    do {                                                                                                     \
        vic_status together_status_ = (call);                                                                \
        together_assert_msg(together_status_ == VIC_OK, "%s: %s: %s", #call,                                 \
                            vic_status_name(together_status_), vic_error_text());                            \
    } while (0)

#endif
