#include "comparison.h"

#include "base/table.h"
#include "verify/verify.h"

struct vic_comparison {
    vic_session *session;
    vic_table *table; /* on the rank that prints */
    vic_layer_check *layers;
};

static vic_status open_table(vic_comparison *c, const char *folder, vic_position position) {
    char *path;
    if (!vic_session_prints(c->session))
        return VIC_OK;
    VIC_TRY(vic_format(&path, "%s/compare.csv", folder));
    vic_status status =
        vic_table_open(&c->table, path, "updates,epoch,layer,relative_error,angle,scale,law,loss,accuracy",
                       position.updates);
    vic_release(&path);
    return status;
}

vic_status vic_comparison_open(vic_comparison **comparison, vic_session *session, const char *folder,
                               vic_position position) {
    size_t layers = (size_t)session->config->network->n_edges;
    vic_status status = vic_allocate(1, sizeof **comparison, comparison);
    if (status == VIC_OK) {
        (*comparison)->session = session;
        status = vic_allocate(layers, sizeof *(*comparison)->layers, &(*comparison)->layers);
    }
    if (status == VIC_OK)
        status = open_table(*comparison, folder, position);
    return vic_group_agree_on_status(session->group, status);
}

vic_status vic_comparison_close(vic_comparison **comparison) {
    if (*comparison == NULL)
        return VIC_OK;
    vic_status status = vic_table_close(&(*comparison)->table);
    vic_release(&(*comparison)->layers);
    vic_release(comparison);
    return status;
}

enum { LOSS, ACCURACY, METRICS };

/* Collective. Of the batch's feedforward sweep, on rank 0. */
static vic_status gather_metrics(const vic_session *session, const int64_t *classes, size_t batch,
                                 double *metrics) {
    vic_inference *x = session->inference;
    metrics[LOSS] = vic_inference_loss(x);
    metrics[ACCURACY] = (double)vic_inference_correct(x, classes) / (double)batch;
    return vic_group_fetch(session->group, session->rank_of, vic_network_output(session->config->network),
                           METRICS, metrics);
}

static vic_status add_rows(vic_comparison *c, vic_position position, const double *metrics) {
    unsigned long long update = position.updates + 1, epoch = position.epoch + 1;
    for (int e = 0; e < c->session->config->network->n_edges; e++) {
        const vic_layer_check *layer = &c->layers[e];
        if (layer->has_parameters)
            VIC_TRY(vic_table_add(c->table, "%llu,%llu,%d,%.17g,%.17g,%.17g,%.17g,%.9g,%.9g", update, epoch,
                                  e + 1, layer->relative_error, layer->angle, layer->scale, layer->law,
                                  metrics[LOSS], metrics[ACCURACY]));
    }
    return VIC_OK;
}

vic_status vic_comparison_infer(vic_comparison *c, vic_position position, const int64_t *classes,
                                size_t batch) {
    const vic_session *session = c->session;
    const vic_compare_options *options = &session->config->compare;
    double metrics[METRICS];
    if (position.updates % options->every != 0)
        return vic_inference_run(session->inference, batch);
    VIC_TRY(vic_verify_unjudged(session->inference, batch,
                                options->weights_only ? VIC_WEIGHTS_ALONE : VIC_WEIGHTS_AND_BIASES,
                                c->layers));
    VIC_TRY(gather_metrics(session, classes, batch, metrics));
    return vic_group_agree_on_status(session->group,
                                     vic_session_prints(session) ? add_rows(c, position, metrics) : VIC_OK);
}
