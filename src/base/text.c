#include "base.h"

#include <string.h>

enum { LONGEST_WORD = 40 };

static size_t least(size_t a, size_t b, size_t c) {
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Levenshtein's distance between words of at most LONGEST_WORD letters, row by row. */
static size_t edit_distance(const char *a, const char *b) {
    size_t row[LONGEST_WORD + 1];
    size_t n = strlen(b);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t above = row[j + 1];
            row[j + 1] = least(above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
            diagonal = above;
        }
    }
    return row[n];
}

const char *vic_nearest(const char *word, const char *const *names, size_t count) {
    const char *best = NULL;
    size_t length = strlen(word);
    if (length > LONGEST_WORD)
        return NULL;
    size_t best_distance = length / 2 < 3 ? length / 2 + 1 : 4;
    for (size_t i = 0; i < count; i++) {
        if (names[i] == NULL || strlen(names[i]) > LONGEST_WORD)
            continue;
        size_t distance = edit_distance(word, names[i]);
        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
    }
    return best;
}
