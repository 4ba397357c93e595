/* Times what a conv2d computes, as a run calls it: block of samples by block, with the threads of a pool.
 * Usage: convolutions THREADS CHANNELS SIDE OUT PADDING BATCH FOLDER; kernels are 3 x 3, numbers float32.
 * Each line of stdin is answered with a line of JSON:
 *   save        results are computed, and they, the data and the parameters written into FOLDER, as PyTorch
 *               shapes them; returns the samples of a block
 *   NAME TIMES  forward, vjp or gradient; returns the seconds of each call */
#include "base/file.h"
#include "base/pool.h"
#include "functions/level.h"
#include "network/boundaries.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 1, CHANNELS, SIDE, OUT, PADDING, BATCH, FOLDER, N_WORDS };
enum { KERNEL = 3, SEED = 1, MOST_CALLS = 10000 };

/* Arrays lie block by block. */
typedef struct layer {
    vic_function f;
    size_t batch, block, in_count, out_count;
    float *theta[VIC_MAX_PARAMETERS], *gradient[VIC_MAX_PARAMETERS];
    float *in, *out, *error, *feedback, *scratch;
} layer;

/* ---- what is timed ---- */

static void forward(const layer *l, size_t first, size_t samples) {
    vic_function_forward(&l->f, samples, (const void *const *)l->theta, l->in + first * l->in_count,
                         l->out + first * l->out_count, l->scratch);
}

static void vjp(const layer *l, size_t first, size_t samples) {
    vic_function_vjp(&l->f, samples, (const void *const *)l->theta, l->in + first * l->in_count,
                     l->out + first * l->out_count, l->error + first * l->out_count,
                     l->feedback + first * l->in_count, l->scratch);
}

static void gradient(const layer *l, size_t first, size_t samples) {
    l->f.kind->gradient(&l->f, samples, l->in + first * l->in_count, l->error + first * l->out_count,
                        (void *const *)l->gradient, first > 0, l->scratch);
}

static const struct call {
    const char *name;
    void (*of_block)(const layer *l, size_t first, size_t samples);
} calls[] = {{"forward", forward}, {"vjp", vjp}, {"gradient", gradient}};
enum { N_CALLS = sizeof calls / sizeof *calls };

static size_t samples_at(const layer *l, size_t first) {
    return l->batch - first < l->block ? l->batch - first : l->block;
}

static void run(const layer *l, const struct call *call) {
    for (size_t first = 0; first < l->batch; first += l->block)
        call->of_block(l, first, samples_at(l, first));
}

/* ---- making and writing ---- */

static vic_status fill(size_t count, uint64_t stream, double bound, float **array) {
    VIC_TRY(vic_allocate(count, sizeof **array, array));
    vic_arithmetic_of(VIC_FLOAT32)->fill_uniform(count, SEED, stream, bound, *array);
    return VIC_OK;
}

static vic_status allocate(layer *l) {
    const vic_function *f = &l->f;
    for (size_t i = 0; i < f->n_parameters; i++) {
        const vic_parameter *p = &f->parameter[i];
        VIC_TRY(fill(p->count, i, 1 / sqrt((double)p->fan_in), &l->theta[i]));
        VIC_TRY(vic_allocate(p->count, sizeof(float), &l->gradient[i]));
    }
    VIC_TRY(fill(l->in_count * l->batch, VIC_MAX_PARAMETERS, 1, &l->in));
    VIC_TRY(fill(l->out_count * l->batch, VIC_MAX_PARAMETERS + 1, 1, &l->error));
    VIC_TRY(vic_allocate(l->out_count * l->batch, sizeof(float), &l->out));
    VIC_TRY(vic_allocate(l->in_count * l->batch, sizeof(float), &l->feedback));
    return vic_allocate(f->kind->scratch_count(f, l->block), sizeof(float), &l->scratch);
}

static void release(layer *l) {
    for (size_t i = 0; i < VIC_MAX_PARAMETERS; i++) {
        vic_release(&l->theta[i]);
        vic_release(&l->gradient[i]);
    }
    float **arrays[] = {&l->in, &l->out, &l->error, &l->feedback, &l->scratch};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        vic_release(arrays[i]);
}

/* A relu follows, as in the networks: how many samples a run takes at a time depends on what lies between. */
static vic_status choose_block(layer *l) {
    vic_function functions[2] = {l->f};
    VIC_TRY(vic_function_place(&functions[1], vic_function_find(VIC_FLOAT32, "relu"), l->f.out, NULL));
    vic_edge edge = {.n_functions = 2, .functions = functions, .computed = functions};
    l->block = vic_block_size(&edge, VIC_FLOAT32, l->batch);
    return VIC_OK;
}

/* Options are in the order of the kind's: out, kernel, stride, padding, bias. */
static vic_status place(layer *l, const size_t *word) {
    const size_t option[VIC_MAX_OPTIONS] = {word[OUT], KERNEL, 1, word[PADDING], 1};
    vic_shape in = {3, {word[CHANNELS], word[SIDE], word[SIDE]}};
    VIC_TRY(vic_function_place(&l->f, vic_function_find(VIC_FLOAT32, "conv2d"), in, option));
    l->batch = word[BATCH];
    l->in_count = vic_shape_count(l->f.in);
    l->out_count = vic_shape_count(l->f.out);
    VIC_TRY(choose_block(l));
    return allocate(l);
}

static vic_status write_numbers(const char *folder, const char *name, size_t count, const float *numbers) {
    char *path;
    VIC_TRY(vic_format(&path, "%s/%s", folder, name));
    vic_status status = vic_write_file(path, (const char *)numbers, count * sizeof *numbers);
    vic_release(&path);
    return status;
}

/* An array of (count, batch) numbers, written as (batch, count). */
static vic_status write_samples(const layer *l, const char *folder, const char *name, size_t count,
                                const float *array) {
    float *rows;
    VIC_TRY(vic_allocate(count * l->batch, sizeof *rows, &rows));
    for (size_t first = 0; first < l->batch; first += l->block)
        vic_arithmetic_of(VIC_FLOAT32)
            ->samples_outward(count, samples_at(l, first), array + first * count, rows + first * count);
    vic_status status = write_numbers(folder, name, count * l->batch, rows);
    vic_release(&rows);
    return status;
}

static vic_status save(const layer *l, const char *folder) {
    static const char *const results[] = {"gradient.weight", "gradient.bias"};
    for (size_t i = 0; i < N_CALLS; i++)
        run(l, &calls[i]);
    for (size_t i = 0; i < l->f.n_parameters; i++) {
        const vic_parameter *p = &l->f.parameter[i];
        VIC_TRY(write_numbers(folder, p->name, p->count, l->theta[i]));
        VIC_TRY(write_numbers(folder, results[i], p->count, l->gradient[i]));
    }
    VIC_TRY(write_samples(l, folder, "in", l->in_count, l->in));
    VIC_TRY(write_samples(l, folder, "error", l->out_count, l->error));
    VIC_TRY(write_samples(l, folder, "forward", l->out_count, l->out));
    VIC_TRY(write_samples(l, folder, "vjp", l->in_count, l->feedback));
    printf("{\"block\": %zu}\n", l->block);
    return VIC_OK;
}

/* ---- requests ---- */

static void time_calls(const layer *l, const struct call *call, int times) {
    static double seconds[MOST_CALLS];
    for (int i = 0; i < times; i++) {
        double begun = vic_now();
        run(l, call);
        seconds[i] = vic_now() - begun;
    }
    printf("{\"seconds\": [");
    for (int i = 0; i < times; i++)
        printf("%s%.9g", i ? ", " : "", seconds[i]);
    printf("]}\n");
}

static vic_status answer(const layer *l, const char *folder, const char *line) {
    char name[16] = "";
    int times = 0, n = sscanf(line, "%15s %d", name, &times);
    if (n == 1 && strcmp(name, "save") == 0)
        return save(l, folder);
    for (size_t i = 0; i < N_CALLS; i++)
        if (n == 2 && strcmp(name, calls[i].name) == 0 && times > 0 && times <= MOST_CALLS) {
            time_calls(l, &calls[i], times);
            return VIC_OK;
        }
    return vic_fail(VIC_BAD_CONFIG, "unknown request: %s", line);
}

static vic_status serve(const size_t *word, const char *folder) {
    layer l = {0};
    char line[64];
    vic_status status = place(&l, word);
    while (status == VIC_OK && fgets(line, sizeof line, stdin)) {
        status = answer(&l, folder, line);
        fflush(stdout);
    }
    release(&l);
    return status;
}

static vic_status serve_with_threads(const size_t *word, const char *folder) {
    vic_blas_use_one_thread();
    VIC_TRY(vic_blas_reserve());
    VIC_TRY(vic_pool_start((int)word[THREADS], true, vic_blas_use_one_thread));
    vic_status status = serve(word, folder);
    vic_pool_stop();
    return status;
}

int main(int argc, char **argv) {
    size_t word[N_WORDS] = {0};
    for (int i = 1; argc == N_WORDS && i < FOLDER; i++)
        word[i] = strtoul(argv[i], NULL, 10);
    if (word[THREADS] == 0 || word[BATCH] == 0) {
        fprintf(stderr, "usage: convolutions THREADS CHANNELS SIDE OUT PADDING BATCH FOLDER\n");
        return VIC_BAD_CONFIG;
    }
    vic_status status = serve_with_threads(word, argv[FOLDER]);
    if (status != VIC_OK)
        fprintf(stderr, "convolutions: %s\n", vic_error_text());
    return (int)status;
}
