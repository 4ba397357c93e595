/* The time of a training step of the paper's network for MNIST with `exact`, set against what the machine
 * makes of a bare matrix product in the same moments: a step feeds a batch, infers (sweep, errors, gradients)
 * and updates the synapses. Arguments: CONFIG IMAGES LABELS MILLISECONDS, the bound where the product reaches
 * 100 GF/s. Prints what was measured; ends with 1 when a step takes longer. */
#include "measure.h"

#include "config/config.h"
#include "data/dataset.h"

#include <cblas.h>
#include <string.h>

enum { ROUNDS = 41, STEPS = 8, SIDE = 1024 };

typedef struct trained {
    vic_config *config;
    int *rank_of;
    vic_dataset *dataset;
    vic_inference *inference;
    vic_trainer *trainer;
    size_t *order;
    int64_t *classes;
    size_t at; /* the first sample of the next batch */
} trained;

static void configure(trained *p, char **argv) {
    char *text, *images, *labels;
    size_t size;
    must(vic_format(&images, "data.train.inputs=%s", argv[2]));
    must(vic_format(&labels, "data.train.labels=%s", argv[3]));
    const char *const overrides[] = {images, labels, "inference.algorithm=exact"};
    must(vic_read_file(argv[1], VIC_BAD_CONFIG, &text, &size));
    must(vic_config_parse(&p->config, argv[1], text, size, overrides, 3));
    vic_release(&text);
    vic_release(&images);
    vic_release(&labels);
}

static void create_trained(trained *p, vic_group *group) {
    const vic_config *config = p->config;
    const vic_network *network = config->network;
    size_t batch = config->learning.batch;
    must(vic_allocate((size_t)network->n_populations, sizeof *p->rank_of, &p->rank_of));
    must(vic_inference_create(&p->inference, group, network, p->rank_of, batch, true, config->inference));
    for (int id = 0; id < network->n_populations; id++)
        vic_population_initialise(vic_inference_population(p->inference, id), config->seed);
    must(vic_trainer_create(&p->trainer, p->inference, config->learning, config->seed));
    must(vic_dataset_open(&p->dataset, group, network, p->rank_of, config->data.format, config->data.reading,
                          config->data.train_inputs, config->data.train_labels, config->data.scale));
    size_t samples = vic_dataset_source(p->dataset)->count;
    must(vic_allocate(samples, sizeof *p->order, &p->order));
    must(vic_allocate(batch, sizeof *p->classes, &p->classes));
    vic_shuffle(samples, config->seed, 0, p->order);
}

static void destroy_trained(trained *p) {
    vic_trainer_destroy(&p->trainer);
    vic_inference_destroy(&p->inference);
    vic_dataset_close(&p->dataset);
    vic_release(&p->order);
    vic_release(&p->classes);
    vic_release(&p->rank_of);
    vic_config_destroy(&p->config);
}

static double time_step(trained *p) {
    const vic_source *data = vic_dataset_source(p->dataset);
    size_t batch = p->config->learning.batch;
    if (p->at + batch > data->count)
        p->at = 0;
    double start = vic_now();
    must(vic_feed(p->inference, data, p->order + p->at, batch, p->classes));
    must(vic_inference_run(p->inference, batch));
    vic_trainer_update(p->trainer);
    double seconds = vic_now() - start;
    p->at += batch;
    return seconds;
}

/* Of (SIDE, SIDE) matrices, in billions of operations a second. */
static double time_product(float *const matrix[3]) {
    double start = vic_now();
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIDE, SIDE, SIDE, 1, matrix[0], SIDE, matrix[1],
                SIDE, 0, matrix[2], SIDE);
    return 2e-9 * SIDE * SIDE * SIDE / (vic_now() - start);
}

/* Steps and products take turns, and each round is judged by its own product. */
static bool measure(trained *p, float *const matrix[3], double bound) {
    double step[ROUNDS], product[ROUNDS], scaled[ROUNDS];
    for (int i = -1; i < ROUNDS; i++) {
        double time[STEPS], speed = time_product(matrix);
        for (int k = 0; k < STEPS; k++)
            time[k] = 1e3 * time_step(p);
        if (i < 0)
            continue; /* to warm up */
        step[i] = median(time, STEPS);
        product[i] = speed;
        scaled[i] = step[i] * speed / 100;
    }
    double result = median(scaled, ROUNDS);
    bool good = result <= bound;
    printf(
        "%s %s, exact, batch %zu, one core: %.2f ms a step beside a product of %.0f GF/s; at 100 GF/s that "
        "is %.2f ms, at most %.2f\n",
        good ? "ok    " : "FAILED", p->config->name, p->config->learning.batch, median(step, ROUNDS),
        median(product, ROUNDS), result, bound);
    return good;
}

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    if (argc != 5) {
        fprintf(stderr, "usage: %s CONFIG IMAGES LABELS MILLISECONDS\n", argv[0]);
        return EXIT_FAILURE;
    }
    vic_group *group;
    trained p = {0};
    float *matrix[3];
    must(vic_group_create(&group, MPI_COMM_WORLD));
    configure(&p, argv);
    create_trained(&p, group);
    for (uint64_t i = 0; i < 3; i++) {
        must(vic_allocate((size_t)SIDE * SIDE, sizeof *matrix[i], &matrix[i]));
        vic_arithmetic_of(VIC_FLOAT32)->fill_uniform((size_t)SIDE * SIDE, 1, i, 1, matrix[i]);
    }
    bool good = measure(&p, matrix, atof(argv[4]));
    for (int i = 0; i < 3; i++)
        vic_release(&matrix[i]);
    destroy_trained(&p);
    vic_group_destroy(&group);
    MPI_Finalize();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
