#include "epoch_fixture.h"

#include "support/numbers.h"
#include "support/together.h"

plan usual(void) {
    return (plan){VIC_FLOAT64, "cross-entropy", VIC_MEAN, net_options("exact", 1, 1), false, false, 0.1};
}

void open_fixture(fixture *s, plan p) {
    vic_learning_options learning = {
        .optimizer = vic_optimizer_find(p.precision, "sgd"),
        .settings = {p.rate, 0.5},
        .batch = BATCH,
        .drop_last = p.drop_last,
    };
    *s = (fixture){0};
    s->network = net_chain(p.precision, (vic_shape){1, {7}}, "linear 6, tanh | linear 5, sigmoid | linear 4",
                           p.loss, p.reduction);
    together_place(s->network, p.alone ? 1 : together_size(), s->rank_of);
    made_data_open(&s->data, s->network, COUNT);
    together_assert_ok(
        vic_inference_create(&s->x, together_group(), s->network, s->rank_of, BATCH, true, p.inference));
    net_give(s->x, net_draw(s->network, 1));
    together_assert_ok(vic_trainer_create(&s->trainer, s->x, learning, SEED));
}

digest digest_of(const fixture *s) {
    digest d = digest_new(s->network);
    digest_add(d, s->x, COUNT % BATCH);
    digest_collect(d, s->x);
    return d;
}

void close_fixture(fixture *s) {
    vic_trainer_destroy(&s->trainer);
    vic_inference_destroy(&s->x);
    vic_network_destroy(&s->network);
}
