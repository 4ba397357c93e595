#include "wires_stage.h"

#include "support/learner.h"
#include "support/numbers.h"
#include "support/together.h"

static const char layers[] = "linear 9, tanh | linear 8, sigmoid | linear 7, tanh | linear 5";

vic_network *stage_chain(vic_precision precision) {
    return net_chain(precision, (vic_shape){1, {11}}, layers, "cross-entropy", VIC_MEAN);
}

stage stage_of(vic_precision precision, size_t batch, vic_wire wire) {
    stage s = {.network = stage_chain(precision), .batch = batch};
    together_assert_ok(vic_wires_create(&s.wires, WIRES, 5));
    for (int i = 0; i < WIRES; i++)
        s.wires.of[i] = wire;
    return s;
}

int stage_alone(int p) {
    (void)p;
    return 0;
}

int stage_dealt(int p) {
    return p % together_size();
}

int stage_in_blocks(int p) {
    return p * (together_size() < L + 1 ? together_size() : L + 1) / (L + 1);
}

void stage_place(stage *s, int (*rank)(int), vic_inference_options options) {
    for (int p = 0; p <= L; p++)
        s->rank_of[p] = rank(p);
    together_assert_ok(
        vic_inference_create(&s->x, together_group(), s->network, s->rank_of, s->batch, true, options));
    learner_attach(s->x, "sgd", true);
    net_give(s->x, net_draw(s->network, 1));
    net_data data = net_data_of(s->network, s->batch, 3);
    net_feed(s->x, &data);
}

void stage_strike(stage *s) {
    vic_inference_destroy(&s->x);
    vic_wires_release(&s->wires);
    vic_network_destroy(&s->network);
}

digest stage_run(stage *s, uint64_t batch_index) {
    digest d = digest_new(s->network);
    vic_inference_set_batch_index(s->x, batch_index);
    vic_status status = vic_inference_run(s->x, s->batch);
    together_assert_ok(status == VIC_OK ? vic_inference_check(s->x) : status);
    digest_add(d, s->x, s->batch);
    digest_collect(d, s->x);
    return d;
}

vic_projection *stage_projection(vic_inference *x, int edge) {
    vic_population *p = vic_inference_population(x, edge);
    return p ? &p->out[0] : NULL;
}
