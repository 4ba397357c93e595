/* Reads the output of explain on stdin, takes weights, data, target, algorithm and its settings from it,
 * makes the whole inference again in float64, in beliefs as the paper writes it, and compares every printed
 * message and update. Its argument is the tolerance. For one sample, layers of linear and at most one
 * activation, and squared error as a mean. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 1 << 14, LAYERS = 6, WIDE = 8, STEPS = 16 };

typedef double row[WIDE];

/* ---- the output of explain ---- */

static struct {
    char algorithm[32], activation[LAYERS + 1][16];
    double eta, rho, alpha, rate, weight[LAYERS + 1][WIDE][WIDE], bias[LAYERS + 1][WIDE];
    int steps, layers, width[LAYERS + 1];
    row data, target;
} explanation;

static double tolerance;
static int compared, wrong;

static int read_row(const char *text, row to) {
    int n = 0;
    text = strchr(text, '(');
    for (char *end; text && n < WIDE && (*text == '(' || *text == ','); text = end)
        to[n++] = strtod(text + 1, &end);
    return n;
}

static void compare(const char *line, double printed, double here) {
    compared++;
    if (fabs(printed - here) <= tolerance * (1 + fabs(here)))
        return;
    fprintf(stderr, "%.17g, but here it is %.17g: %s", printed, here, line);
    wrong++;
}

static void compare_rows(const char *line, const double *here) {
    row printed;
    int n = read_row(line, printed);
    for (int i = 0; i < n; i++)
        compare(line, printed[i], here[i]);
}

/* ---- the inference, from the equations ---- */

static row vhat[LAYERS + 1], dual[LAYERS + 1], belief[LAYERS + 1], believed[STEPS + 1][LAYERS + 1],
    received[STEPS + 1][LAYERS + 1], error[STEPS + 1][LAYERS + 1];
static double update[STEPS + 1][LAYERS + 1][WIDE][WIDE + 1], learned[STEPS + 1][LAYERS + 1][WIDE][WIDE + 1];

static double squash(int l, double z) {
    const char *f = explanation.activation[l];
    return strcmp(f, "relu") == 0      ? (z > 0 ? z : 0)
           : strcmp(f, "tanh") == 0    ? tanh(z)
           : strcmp(f, "sigmoid") == 0 ? 1 / (1 + exp(-z))
                                       : z;
}

static double slope(int l, double y) {
    const char *f = explanation.activation[l];
    return strcmp(f, "relu") == 0      ? (y > 0)
           : strcmp(f, "tanh") == 0    ? 1 - y * y
           : strcmp(f, "sigmoid") == 0 ? y * (1 - y)
                                       : 1;
}

static void predict(int l, const double *below, double *mu) {
    for (int i = 0; i < explanation.width[l]; i++) {
        double z = explanation.bias[l][i];
        for (int j = 0; j < explanation.width[l - 1]; j++)
            z += explanation.weight[l][i][j] * below[j];
        mu[i] = squash(l, z);
    }
}

static void feed_back(int l, const double *below, const double *above, double *to) {
    row mu;
    predict(l, below, mu);
    for (int j = 0; j < explanation.width[l - 1]; j++) {
        to[j] = 0;
        for (int i = 0; i < explanation.width[l]; i++)
            to[j] += explanation.weight[l][i][j] * slope(l, mu[i]) * above[i];
    }
}

static void form_output_error(const double *mu, double *eps) {
    int L = explanation.layers;
    for (int i = 0; i < explanation.width[L]; i++)
        eps[i] = 2 * (mu[i] - explanation.target[i]) / explanation.width[L];
}

static bool is(const char *algorithm) {
    return strcmp(explanation.algorithm, algorithm) == 0;
}

static bool has_dual(void) {
    return is("augmented-lagrangian");
}

/* Every step updates the synapses. */
static bool learns(void) {
    return is("incremental");
}

/* Predictions follow the beliefs. */
static bool moves(void) {
    return is("strict") || has_dual() || learns();
}

/* s = rho eps + Lambda, where Lambda has taken up eps but in the first and the closing step. */
static void weigh(int step, int l) {
    for (int i = 0; i < explanation.width[l]; i++) {
        if (step > 1 && step < explanation.steps)
            dual[l][i] += explanation.alpha * error[step][l][i];
        error[step][l][i] = explanation.rho * error[step][l][i] + dual[l][i];
    }
}

static void learn(int step);

/* One step of sgd without momentum; weights and biases lie as updates do. */
static void descend(int step) {
    for (int l = 1; l <= explanation.layers; l++)
        for (int i = 0; i < explanation.width[l]; i++) {
            for (int j = 0; j < explanation.width[l - 1]; j++)
                learned[step][l][i][j] = explanation.weight[l][i][j] -=
                    explanation.rate * update[step][l][i][j];
            learned[step][l][i][WIDE] = explanation.bias[l][i] -= explanation.rate * update[step][l][i][WIDE];
        }
}

/* All populations at once: first the errors, from the beliefs before, then the beliefs. */
static void make_step(int step) {
    int L = explanation.layers;
    row feedback[LAYERS + 1];
    for (int l = 1; l <= L; l++)
        predict(l, moves() ? belief[l - 1] : vhat[l - 1], received[step][l]);
    form_output_error(received[step][L], error[step][L]);
    for (int l = L - 1; l > 0; l--) {
        if (is("exact"))
            feed_back(l + 1, vhat[l], error[step][l + 1], error[step][l]);
        for (int i = 0; !is("exact") && i < explanation.width[l]; i++)
            error[step][l][i] = received[step][l][i] - belief[l][i];
        if (has_dual())
            weigh(step, l);
    }
    if (has_dual() && step == explanation.steps)
        return;
    for (int l = 1; l < L; l++)
        feed_back(l + 1, moves() ? belief[l] : vhat[l], error[step][l + 1], feedback[l]);
    if (learns())
        learn(step);
    for (int l = 1; l < L; l++)
        for (int i = 0; i < explanation.width[l]; i++)
            belief[l][i] += explanation.eta * (error[step][l][i] - feedback[l][i]);
    if (learns())
        descend(step);
}

/* The gradients of the errors of a step, at the present beliefs. */
static void learn(int step) {
    for (int l = 1; l <= explanation.layers; l++) {
        const double *below = moves() ? belief[l - 1] : vhat[l - 1];
        row mu;
        predict(l, below, mu);
        for (int i = 0; i < explanation.width[l]; i++) {
            double e = error[step][l][i] * slope(l, mu[i]);
            for (int j = 0; j < explanation.width[l - 1]; j++)
                update[step][l][i][j] = e * below[j];
            update[step][l][i][WIDE] = e;
        }
    }
}

static void make_inference(void) {
    memcpy(vhat[0], explanation.data, sizeof vhat[0]);
    for (int l = 1; l <= explanation.layers; l++)
        predict(l, vhat[l - 1], vhat[l]);
    memcpy(belief, vhat, sizeof belief);
    memcpy(received[0], vhat, sizeof received[0]);
    for (int step = 1; step <= explanation.steps; step++) {
        make_step(step);
        memcpy(believed[step], belief, sizeof belief);
    }
    if (!learns())
        learn(explanation.steps);
}

/* ---- reading ---- */

static void read_definition(const char *line, int *layer) {
    int k;
    static bool begun;
    begun = begun || strncmp(line, "=== step 1", 10) == 0;
    if (begun && strstr(line, "the loss") == NULL)
        return;
    if (sscanf(line, "One inference of %*[^:]: %31[^ ,]", explanation.algorithm) == 1) {
        explanation.steps = 1;
        const char *eta = strstr(line, ", eta ");
        if (eta)
            sscanf(eta, ", eta %lf, %d step", &explanation.eta, &explanation.steps);
        const char *rate = strstr(line, " with rate ");
        if (rate)
            sscanf(rate, " with rate %lf", &explanation.rate);
        const char *closing = strstr(line, " and a closing one, ");
        if (closing)
            explanation.steps += sscanf(closing, " and a closing one, rho %lf, alpha %lf", &explanation.rho,
                                        &explanation.alpha) == 2;
    } else if (strstr(line, "the data: v_0 = ")) {
        explanation.width[0] = read_row(line, explanation.data);
    } else if (sscanf(line, " owns the synapses theta_%d", layer) == 1) {
        const char *comma = strstr(line, ": linear, ");
        explanation.layers = *layer;
        if (comma)
            sscanf(comma, ": linear, %15s", explanation.activation[*layer]);
    } else if (sscanf(line, "      weight[%d] = (", &k) == 1) {
        read_row(line, explanation.weight[*layer][k - 1]);
        explanation.width[*layer] = k;
    } else if (strncmp(line, "      bias = ", 13) == 0) {
        read_row(line, explanation.bias[*layer]);
    } else if (strstr(line, "the loss with its target (")) {
        read_row(strstr(line, "target "), explanation.target);
    }
}

static void check_message(const char *line, int step) {
    int other, l;
    row change;
    if (sscanf(line, "  believes now v_%d = ", &l) == 1)
        compare_rows(line, believed[step][l]);
    else if (sscanf(line, " %*[a-z] %*[a-z] population %d: error %*[a-z]_%d", &other, &l) == 2)
        compare_rows(line, error[step][l]);
    else if (sscanf(line, " %*[a-z] %*[a-z] population %d: prediction mu_%d", &other, &l) == 2)
        compare_rows(line, received[step][l]);
    else if (sscanf(line, " %*[a-z] %*[a-z] population %d: prediction, the change of mu_%d", &other, &l) ==
             2) {
        for (int i = 0; i < WIDE; i++)
            change[i] = received[step][l][i] - vhat[l][i];
        compare_rows(line, change);
    }
}

/* Parameters that a step has left. */
static void check_learned(const char *line, int step, int layer) {
    int i;
    row bias;
    if (sscanf(line, "      weight[%d] = (", &i) == 1)
        compare_rows(line, learned[step][layer][i - 1]);
    for (i = 0; i < WIDE; i++)
        bias[i] = learned[step][layer][i][WIDE];
    if (strncmp(line, "      bias = ", 13) == 0)
        compare_rows(line, bias);
}

static void check_update(const char *line, int step, int *layer) {
    int i, j;
    const char *printed = strrchr(line, '=');
    if (learns() && step > 0)
        check_learned(line, step, *layer);
    if (sscanf(line, " applies d theta_%d", layer) == 1 || sscanf(line, " applies theta_%d", layer) == 1 ||
        printed == NULL || strstr(line, " here, "))
        return;
    if (sscanf(line, "      d weight[%d][%d] = ", &i, &j) == 2)
        compare(line, strtod(printed + 1, NULL), update[step][*layer][i - 1][j - 1]);
    else if (sscanf(line, "      d bias[%d] = ", &i) == 1)
        compare(line, strtod(printed + 1, NULL), update[step][*layer][i - 1][WIDE]);
}

int main(int argc, char **argv) {
    static char lines[4096][LINE];
    int n = 0, layer = 0, step = 0;
    if (argc < 2)
        return 2;
    tolerance = strtod(argv[1], NULL);
    while (n < 4096 && fgets(lines[n], LINE, stdin))
        read_definition(lines[n++], &layer);
    if (explanation.layers == 0 || explanation.layers > LAYERS || explanation.steps > STEPS)
        return 2;
    make_inference();
    for (int i = 0; i < n; i++) {
        sscanf(lines[i], "=== step %d", &step);
        check_message(lines[i], step);
        check_update(lines[i], step, &layer);
    }
    printf("%d\n", compared);
    return wrong > 0 || compared == 0;
}
