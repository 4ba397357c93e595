#include "verdict.h"
#include "json.h"

#include "base/pool.h"
#include "base/table.h"
#include "functions/level.h"

#include <math.h>

const vic_layer_check *vic_verdict_layers(const vic_verdict *v) {
    return v->checks + (size_t)(v->steps - v->first_steps) * (size_t)v->n_layers;
}

static json_t *ulp_json(double ulp) {
    return isnan(ulp) ? json_null() : json_integer((json_int_t)(ulp < 0x1p62 ? ulp : 0x1p62));
}

json_t *vic_verdict_layer_json(int layer, const vic_layer_check *check) {
    if (!check->has_parameters)
        return json_pack("{s:i, s:n, s:n, s:n, s:n, s:n}", "layer", layer, "relative_error", "angle", "ulp",
                         "scale", "law");
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "layer", layer, "relative_error",
                     vic_json_number(check->relative_error), "angle", vic_json_number(check->angle), "ulp",
                     ulp_json(check->ulp), "scale", vic_json_number(check->scale), "law",
                     vic_json_number(check->law), "law_error", vic_json_number(check->law_error));
}

vic_status vic_verdict_print_json(const vic_verdict *v) {
    json_t *layers = json_array();
    for (int e = 0; e < v->n_layers; e++)
        json_array_append_new(layers, vic_verdict_layer_json(e + 1, &vic_verdict_layers(v)[e]));
    json_t *passed = v->judges ? json_boolean(v->passed) : json_null();
    return vic_json_print(json_pack("{s:o, s:o, s:s, s:s, s:i}", "passed", passed, "layers", layers, "level",
                                    vic_level_name(vic_level()), "kernel", vic_blas_kernel(), "threads",
                                    vic_pool_threads()));
}

static void print_number(const char *format, int width, double value) {
    if (isnan(value))
        printf("%*s", width, "-");
    else
        printf(format, width, value);
}

/* Nine digits where they fit beside an exponent that the column has room for. */
static void print_length(double value) {
    bool wide = value != 0 && (value < 1e-4 || value >= 1e9);
    print_number(wide ? "%*.6g" : "%*.9g", 14, value);
}

static void print_layer(int layer, const vic_layer_check *check) {
    printf("%5d", layer);
    if (!check->has_parameters) {
        printf("   no parameters\n");
        return;
    }
    print_number("%*.3g", 16, check->relative_error);
    print_number("%*.3g", 14, check->angle);
    print_number(check->ulp < 1e9 ? "%*.0f" : "%*.3g", 14, check->ulp);
    print_length(check->scale);
    print_length(check->law);
    printf("\n");
}

void vic_verdict_print_table(const vic_verdict *v) {
    const vic_inference_options *options = &v->session->config->inference;
    const char *precision = vic_precision_name(v->session->config->network->precision);
    char settings[VIC_SETTINGS];
    printf("%s, %s, ", vic_algorithm_name(options->algorithm),
           vic_settings_text(options, v->steps, settings));
    if (options->microbatches > 1)
        printf("%d micro-batches, ", options->microbatches);
    printf("%s: each layer's update against %s\n", precision, v->reference);
    printf("layer  relative error   angle (deg)    ulp (most)        length           law\n");
    for (int e = 0; e < v->n_layers; e++)
        print_layer(e + 1, &vic_verdict_layers(v)[e]);
    if (!v->judges)
        printf("reported: %s\n", v->against_exact ? "these settings promise no agreement with exact"
                                                  : "this comparison is not judged");
    else
        printf("%s\n",
               v->passed ? "passed: every layer is the law times exact" : "FAILED: see the rows above");
}

static vic_status write_rows(const vic_verdict *v, vic_table *table) {
    const vic_layer_check *check = v->checks;
    for (int steps = v->first_steps; steps <= v->steps; steps++)
        for (int e = 0; e < v->n_layers; e++, check++)
            if (check->has_parameters)
                VIC_TRY(vic_table_add(table, "%d,%d,%.17g,%.17g,%.17g,%.17g,%.17g", steps, e + 1,
                                      check->relative_error, check->angle, check->scale, check->law,
                                      fabs(check->norm))); /* a NaN has a sign, which is not printed */
    return VIC_OK;
}

vic_status vic_verdict_write_csv(const vic_verdict *v, const char *path) {
    vic_table *table = NULL;
    VIC_TRY(vic_table_open(&table, path, "steps,layer,relative_error,angle,scale,law,norm", 0));
    vic_status status = write_rows(v, table), closed = vic_table_close(&table);
    return status == VIC_OK ? closed : status;
}
