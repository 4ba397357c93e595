/* What an inference on one rank costs beside the bare matrix products that it contains, measured in turns.
 * Prints a ratio per algorithm; ends with 1 when one is above the bound given as the argument. */
#include "wide_network.h"

#include <cblas.h>

enum { PAIRS = 61 };

/* The arrays of the bare products: as many and as large as the inference's, and as little in the cache. */
typedef struct bare {
    float *value[LAYERS + 1], *error[LAYERS + 1], *weight[LAYERS + 1], *gradient[LAYERS + 1];
} bare;

static void fill_array(float **array, size_t count, uint64_t stream) {
    must(vic_allocate(count, sizeof **array, array));
    vic_arithmetic_of(VIC_FLOAT32)->fill_uniform(count, 2, stream, 0.03, *array);
}

static void prepare(bare *b) {
    for (size_t l = 0; l <= LAYERS; l++) {
        fill_array(&b->value[l], widths[l] * BATCH, 4 * l);
        fill_array(&b->error[l], widths[l] * BATCH, 4 * l + 1);
        fill_array(&b->weight[l], widths[l] * (l ? widths[l - 1] : 0), 4 * l + 2);
        fill_array(&b->gradient[l], widths[l] * (l ? widths[l - 1] : 0), 4 * l + 3);
    }
}

static void release(bare *b) {
    for (int l = 0; l <= LAYERS; l++) {
        vic_release(&b->value[l]);
        vic_release(&b->error[l]);
        vic_release(&b->weight[l]);
        vic_release(&b->gradient[l]);
    }
}

static void multiply_all(const bare *b) {
    for (int l = 1; l <= LAYERS; l++) {
        int out = (int)widths[l], in = (int)widths[l - 1];
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, out, BATCH, in, 1, b->weight[l], in,
                    b->value[l - 1], BATCH, 0, b->value[l], BATCH);
    }
    for (int l = LAYERS; l > 1; l--) {
        int out = (int)widths[l], in = (int)widths[l - 1];
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, in, BATCH, out, 1, b->weight[l], in, b->error[l],
                    BATCH, 0, b->error[l - 1], BATCH);
    }
    for (int l = 1; l <= LAYERS; l++) {
        int out = (int)widths[l], in = (int)widths[l - 1];
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, out, in, BATCH, 1, b->error[l], BATCH,
                    b->value[l - 1], BATCH, 0, b->gradient[l], in);
    }
}

static double time_products(const bare *b) {
    double start = vic_now();
    multiply_all(b);
    return vic_now() - start;
}

static double time_inference(vic_inference *inference) {
    double start = vic_now();
    must(vic_inference_run(inference, BATCH));
    return vic_now() - start;
}

/* Every run of the inference is set against the mean of the products before and after it. */
static double compare(vic_inference *inference, const bare *b, double *products) {
    double ratio[PAIRS], bare_time[PAIRS];
    time_products(b);
    time_inference(inference);
    double before = time_products(b);
    for (int i = 0; i < PAIRS; i++) {
        double whole = time_inference(inference), after = time_products(b);
        bare_time[i] = (before + after) / 2;
        ratio[i] = whole / bare_time[i];
        before = after;
    }
    *products = median(bare_time, PAIRS);
    return median(ratio, PAIRS);
}

static bool measure(vic_group *group, const char *algorithm, double bound) {
    vic_network *network = make_wide();
    int rank_of[LAYERS + 1] = {0};
    vic_inference *inference;
    bare b;
    double products;
    must(vic_inference_create(&inference, group, network, rank_of, BATCH, true, options_of(algorithm)));
    fill(inference);
    prepare(&b);
    double ratio = compare(inference, &b, &products);
    bool good = ratio <= bound;
    printf("%s %s on one rank: %.3f times its matrix products (%.1f ms), at most %.2f\n",
           good ? "ok    " : "FAILED", algorithm, ratio, 1e3 * products, bound);
    release(&b);
    vic_inference_destroy(&inference);
    vic_network_destroy(&network);
    return good;
}

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    double bound = argc > 1 ? atof(argv[1]) : 1.15;
    vic_group *group;
    must(vic_group_create(&group, MPI_COMM_WORLD));
    bool exact = measure(group, "exact", bound), fixed = measure(group, "fixed-prediction", bound);
    vic_group_destroy(&group);
    MPI_Finalize();
    return exact && fixed ? EXIT_SUCCESS : EXIT_FAILURE;
}
