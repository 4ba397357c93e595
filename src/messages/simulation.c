/* The speed of a simulated host is configured, never measured while it runs: by the environment, or by the
 * platform file, where `speed` is operations a second of products and the property `bandwidth` bytes a second
 * of all the rest. */
#include "simulation.h"

#include <simgrid/actor.h>
#include <simgrid/host.h>
#include <smpi/smpi.h>
#include <stdlib.h>

/* As in a machine file: operations a second, bytes a second, and seconds that each task takes besides. */
typedef struct speed {
    double products, bandwidth, call;
} speed;

enum { OPERATIONS_PER_BYTE = 4 }; /* of a host whose platform file has no bandwidth */

static double host_property(const char *variable, const char *property, double otherwise) {
    const char *text = getenv(variable);
    if (text == NULL && property != NULL)
        text = sg_host_get_property_value(sg_host_self(), property);
    double value = text ? strtod(text, NULL) : 0;
    return value > 0 ? value : otherwise;
}

static speed speed_of_host(void) {
    double products = host_property("VICINAL_PRODUCTS", NULL, sg_host_get_speed(sg_host_self()));
    return (speed){
        .products = products,
        .bandwidth = host_property("VICINAL_BANDWIDTH", "bandwidth", products / OPERATIONS_PER_BYTE),
        .call = host_property("VICINAL_CALL", "call", 0),
    };
}

void vic_advance_time(vic_cost *cost) {
    if (cost == NULL || cost->tasks == 0)
        return;
    speed s = speed_of_host();
    double seconds = cost->products / s.products + cost->bytes / s.bandwidth + (double)cost->tasks * s.call;
    *cost = (vic_cost){0};
    smpi_execute_flops(seconds * sg_host_get_speed(sg_host_self()));
}

void vic_sleep_until(double moment) {
    double seconds = moment - vic_now();
    if (seconds > 0)
        sg_actor_sleep_for(seconds);
}
