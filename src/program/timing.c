#include "timing.h"

#include <stdio.h>

static const char *const names[VIC_STEP_PARTS] = {
    [VIC_FEEDING] = "feed",
    [VIC_INFERRING] = "inference",
    [VIC_UPDATING] = "update",
    [VIC_METERING] = "metrics",
};

static void print_row(const char *name, const vic_step_spread *spread, double whole) {
    printf("%-10s %9.3f %12.3f %12.3f %9.3f %7.1f %%\n", name, 1e3 * spread->median,
           1e3 * spread->lower_quartile, 1e3 * spread->upper_quartile, 1e3 * spread->least,
           100 * spread->total / whole);
}

void vic_timing_print(const vic_step_summary *summary) {
    if (summary->steps == 0) {
        puts("no step was timed: the first of a run is not");
        return;
    }
    printf("time of a training step in ms, over %zu steps, of the slowest rank in each\n", summary->steps);
    puts("              median  lower quart.  upper quart.    least     share");
    print_row("whole", &summary->whole, summary->whole.total);
    for (int part = 0; part < VIC_STEP_PARTS; part++)
        print_row(names[part], &summary->part[part], summary->whole.total);
}

static json_t *spread_json(const vic_step_spread *spread) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "median", vic_json_number(spread->median), "lower_quartile",
                     vic_json_number(spread->lower_quartile), "upper_quartile",
                     vic_json_number(spread->upper_quartile), "least", vic_json_number(spread->least),
                     "total", vic_json_number(spread->total));
}

json_t *vic_timing_json(const vic_step_summary *summary) {
    json_t *timing =
        json_pack("{s:I, s:o}", "steps", (json_int_t)summary->steps, "whole", spread_json(&summary->whole));
    for (int part = 0; part < VIC_STEP_PARTS; part++)
        if (timing && json_object_set_new(timing, names[part], spread_json(&summary->part[part])) != 0) {
            json_decref(timing);
            timing = NULL;
        }
    return timing;
}
