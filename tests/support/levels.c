#include "levels.h"

#include "suite.h"

#include "functions/level.h"

int run_at_each_level(int (*run)(Suite *suite), Suite *(*make_suite)(void)) {
    int ran = 0, failed = 0;
    for (int level = 0; level < vic_level_count(); level++) {
        if (!vic_level_runs(level))
            continue;
        vic_level_set(level);
        failed |= run(make_suite());
        ran++;
    }
    return failed || ran == 0;
}

int levels_main(Suite *(*make_suite)(void)) {
    return run_at_each_level(run_suite, make_suite);
}
