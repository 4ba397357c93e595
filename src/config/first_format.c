/* Such a text is "float32, seed 7, cross-entropy mean; ALGORITHM, eta 0.5, steps 6, coordinates 0; ", the
 * functions of each layer with the shapes of their outputs and a |, settings of channels and the like that
 * are not the default, and the optimiser with its settings, " batch 64, drop_last 0". */
#include "first_format.h"

#include <stdlib.h>
#include <string.h>

static const char layers_key[] = "layers with the shapes of their outputs", others_key[] = "other settings";

/* ---- of a config ---- */

static void write_layers(FILE *to, const vic_network *network) {
    char shape[VIC_SHAPE_TEXT];
    for (int e = 0; e < network->n_edges; e++) {
        const vic_edge *edge = &network->edges[e];
        for (size_t f = 0; f < edge->n_functions; f++)
            fprintf(to, "%s %s ", edge->functions[f].kind->name,
                    vic_shape_text(edge->functions[f].out, shape));
        fputs("| ", to);
    }
}

static void write_precisions(FILE *to, const vic_config *config) {
    for (int p = 1; config->error_weights && p < vic_network_output(config->network); p++)
        for (size_t i = 0; i < config->error_weights[p].count; i++)
            fprintf(to, "P%d %.17g ", p, config->error_weights[p].values[i]);
}

static void write_wires(FILE *to, const vic_config *config) {
    for (size_t i = 0; config->inference.wires && i < config->wires.count; i++) {
        const vic_wire *w = &config->wires.of[i];
        if (!vic_wire_is_perfect(w, config->network->precision))
            fprintf(to, "wire %zu delay %d drop %.17g noise %.17g keep %.17g %s ", i, w->delay, w->drop,
                    w->noise, w->keep, w->encoding->name);
    }
}

static void write_others(FILE *to, const vic_config *config) {
    if (config->grain > 0)
        fprintf(to, "grain %.17g ", config->grain);
    write_precisions(to, config);
    if (config->inference.microbatches > 1)
        fprintf(to, "microbatches %d ", config->inference.microbatches);
    write_wires(to, config);
}

vic_status vic_first_format_add(vic_identity *identity, const vic_config *config) {
    char *layers = NULL, *others = NULL;
    size_t sizes[2];
    FILE *to_layers = open_memstream(&layers, &sizes[0]), *to_others = open_memstream(&others, &sizes[1]);
    bool written = to_layers && to_others;
    if (written) {
        write_layers(to_layers, config->network);
        write_others(to_others, config);
    }
    written = to_layers && fclose(to_layers) == 0 && written;
    written = to_others && fclose(to_others) == 0 && written;
    vic_status status = written ? VIC_OK : vic_fail(VIC_NO_MEMORY, "out of memory");
    if (status == VIC_OK)
        status = vic_identity_add(identity, layers_key, false, "%s", layers);
    if (status == VIC_OK)
        status = vic_identity_add(identity, others_key, false, "%s", others);
    vic_release(&layers);
    vic_release(&others);
    return status;
}

/* ---- of a text ---- */

/* What is read, piece by piece; `rest` is NULL where something else was found than should be there. */
typedef struct reading {
    vic_identity *identity;
    char *rest;
} reading;

/* The piece up to `end`, which is passed over. */
static char *take(reading *r, const char *end) {
    char *piece = r->rest, *found = piece ? strstr(piece, end) : NULL;
    r->rest = found ? found + strlen(end) : NULL;
    if (found)
        *found = '\0';
    return found ? piece : NULL;
}

static vic_status take_word(reading *r, const char *key, const char *end) {
    const char *word = take(r, end);
    return word ? vic_identity_set(r->identity, key, false, word) : VIC_OK;
}

/* As identities have numbers: in their shortest form. */
static vic_status set_number(reading *r, const char *key, bool may_change, const char *number) {
    char text[VIC_NUMBER_TEXT];
    bool is_number = false;
    double value;
    if (number)
        VIC_TRY(vic_number_read(number, &is_number, &value));
    if (!is_number) {
        r->rest = NULL;
        return VIC_OK;
    }
    VIC_TRY(vic_number_write(value, text));
    return vic_identity_set(r->identity, key, may_change, text);
}

/* A number that stands for one of two words. */
static vic_status take_choice(reading *r, const char *key, const char *end, const char *zero,
                              const char *one) {
    const char *number = take(r, end);
    return number ? vic_identity_set(r->identity, key, false, strcmp(number, "0") == 0 ? zero : one) : VIC_OK;
}

static vic_status take_head(reading *r) {
    VIC_TRY(take_word(r, "precision", ", seed "));
    VIC_TRY(take_word(r, "seed", ", "));
    VIC_TRY(take_word(r, "network.loss", " "));
    VIC_TRY(take_word(r, "network.reduction", "; "));
    VIC_TRY(take_word(r, "inference.algorithm", ", eta "));
    VIC_TRY(set_number(r, "inference.eta", false, take(r, ", steps ")));
    VIC_TRY(take_word(r, "inference.steps", ", coordinates "));
    return take_choice(r, "inference.coordinates", "; ", "error", "belief");
}

/* Every layer ends with "| ". */
static vic_status take_layers(reading *r) {
    char *last = r->rest ? strrchr(r->rest, '|') : NULL;
    if (last == NULL || last[1] != ' ') {
        r->rest = NULL;
        return VIC_OK;
    }
    char first_after = last[2];
    last[2] = '\0';
    VIC_TRY(vic_identity_set(r->identity, layers_key, false, r->rest));
    last[2] = first_after;
    r->rest = last + 2;
    return VIC_OK;
}

/* What stands before the optimiser's name, which is a word of its own. */
static vic_status take_others(reading *r, vic_precision precision, const vic_optimizer_kind **optimizer) {
    const char *start = r->rest;
    for (char *word = r->rest; word; word = strchr(word, ' ') ? strchr(word, ' ') + 1 : NULL) {
        size_t length = strcspn(word, " "), count;
        const vic_optimizer_kind *const *kinds = vic_optimizer_kinds(precision, &count);
        for (size_t k = 0; k < count; k++)
            if (strlen(kinds[k]->name) == length && strncmp(kinds[k]->name, word, length) == 0) {
                *optimizer = kinds[k];
                r->rest = word + length + 1;
                *word = '\0';
                return vic_identity_set(r->identity, others_key, false, start);
            }
    }
    r->rest = NULL;
    return VIC_OK;
}

static vic_status take_optimizer(reading *r, const vic_optimizer_kind *optimizer) {
    char *key;
    VIC_TRY(vic_identity_set(r->identity, "learning.optimizer", false, optimizer->name));
    for (size_t i = 0; i < optimizer->n_settings && r->rest; i++) {
        const vic_setting *setting = &optimizer->settings[i];
        VIC_TRY(vic_format(&key, "learning.optimizer.%s.%s", optimizer->name, setting->name));
        vic_status status = set_number(r, key, setting->may_change, take(r, " "));
        vic_release(&key);
        VIC_TRY(status);
    }
    return VIC_OK;
}

static vic_status take_all(reading *r, vic_precision precision) {
    const vic_optimizer_kind *optimizer = NULL;
    VIC_TRY(take_head(r));
    VIC_TRY(take_layers(r));
    VIC_TRY(take_others(r, precision, &optimizer));
    if (optimizer)
        VIC_TRY(take_optimizer(r, optimizer));
    const char *batch = take(r, "batch ");
    if (batch == NULL || batch[0] != '\0')
        r->rest = NULL;
    VIC_TRY(take_word(r, "learning.batch", ", drop_last "));
    return r->rest ? vic_identity_set(r->identity, "learning.drop_last", false,
                                      strcmp(r->rest, "0") == 0 ? "false" : "true")
                   : VIC_OK;
}

vic_status vic_first_format_take(vic_identity *identity, vic_precision precision, const char *text,
                                 const char *path) {
    char *copy;
    VIC_TRY(vic_format(&copy, "%s", text));
    reading r = {identity, copy};
    vic_status status = take_all(&r, precision);
    if (status == VIC_OK && r.rest == NULL)
        status = vic_fail(VIC_BAD_FILE,
                          "%s: what the checkpoint says of its settings is damaged: \"%.200s\"; train "
                          "--weights %s starts from its weights",
                          path, text, path);
    vic_release(&copy);
    return status;
}
