/* Reads the output of explain on stdin and computes every sum in it again, from the numbers that stand in the
 * line: what follows the last " = " has to be what the expression before it comes to, up to the rounding of
 * the precision given as argument, float32 or float64. Prints how many lines were checked. */
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 1 << 16, SLACK = 64 };

/* A value, and how large its parts were: rounding errors grow with them. */
typedef struct term {
    double value, size;
} term;

typedef struct reader {
    const char *at;
    bool failed;
} reader;

static term sum_of(reader *r);

static bool takes(reader *r, const char *word) {
    while (*r->at == ' ')
        r->at++;
    if (strncmp(r->at, word, strlen(word)) != 0)
        return false;
    r->at += strlen(word);
    return true;
}

static term in_brackets(reader *r) {
    term inside = sum_of(r);
    r->failed |= !takes(r, ")");
    return inside;
}

static term number(reader *r) {
    char *end;
    double value = strtod(r->at, &end);
    r->failed |= end == r->at || isalpha((unsigned char)*r->at);
    r->at = end;
    return (term){value, fabs(value)};
}

static term applied(double value, double slope, term x) {
    return (term){value, fabs(value) + fabs(slope) * x.size};
}

static term factor(reader *r) {
    if (takes(r, "-")) {
        term x = factor(r);
        return (term){-x.value, x.size};
    }
    if (takes(r, "relu(")) {
        term x = in_brackets(r);
        return applied(x.value > 0 ? x.value : 0, 1, x);
    }
    if (takes(r, "tanh(")) {
        term x = in_brackets(r);
        return applied(tanh(x.value), 1, x);
    }
    if (takes(r, "sigmoid(")) {
        term x = in_brackets(r);
        return applied(1 / (1 + exp(-x.value)), 0.25, x);
    }
    if (takes(r, "exp(")) {
        term x = in_brackets(r);
        return applied(exp(x.value), exp(x.value), x);
    }
    return takes(r, "(") ? in_brackets(r) : number(r);
}

static term power(reader *r) {
    term x = factor(r);
    if (!takes(r, "^"))
        return x;
    double exponent = factor(r).value;
    return applied(pow(x.value, exponent), exponent == 0 ? 0 : exponent * pow(x.value, exponent - 1), x);
}

static term product_of(reader *r) {
    term x = power(r);
    for (;;) {
        bool times = takes(r, "* ");
        if (!times && !takes(r, "/ "))
            return x;
        term y = power(r);
        double scale = times ? y.value : 1 / y.value, relative = y.value != 0 ? y.size / fabs(y.value) : 0;
        x = (term){x.value * scale, x.size * (times ? y.size : fabs(scale) * (1 + relative))};
    }
}

static term sum_of(reader *r) {
    term x = product_of(r);
    for (;;) {
        bool plus = takes(r, "+ ");
        if (!plus && !takes(r, "- "))
            return x;
        term y = product_of(r);
        x = (term){plus ? x.value + y.value : x.value - y.value, x.size + y.size};
    }
}

/* The expression of a line "... = EXPRESSION = VALUE", "NAME <- EXPRESSION = VALUE" or "...: EXPRESSION =
 * VALUE"; NULL when it has none. */
static char *expression_of(char *line, char **value) {
    char *last = NULL, *begin = NULL;
    for (char *at = strstr(line, " = "); at; at = strstr(at + 1, " = ")) {
        begin = last ? last + 3 : NULL;
        last = at;
    }
    if (last == NULL)
        return NULL;
    *last = '\0';
    *value = last + 3;
    char *arrow = strstr(line, " <- "), *colon = strstr(line, " there: ");
    if (arrow)
        begin = arrow + 4;
    return colon ? colon + 8 : begin;
}

/* Lines of quotients and of the law have 9 digits. */
static bool is_rounded(const char *line) {
    return strstr(line, " there: ") || strstr(line, "the law predicts");
}

static bool agrees(term x, double printed, double epsilon, bool rounded) {
    double bound = SLACK * epsilon * x.size + (epsilon > 1e-10 ? FLT_MIN : DBL_MIN);
    if (rounded)
        bound += 1e-8 * fabs(printed);
    return fabs(x.value - printed) <= bound;
}

int main(int argc, char **argv) {
    static char line[LINE], copy[LINE];
    double epsilon = argc > 1 && strcmp(argv[1], "float32") == 0 ? FLT_EPSILON : DBL_EPSILON;
    int checked = 0, wrong = 0;
    while (fgets(line, sizeof line, stdin)) {
        char *value;
        line[strcspn(line, "\n")] = '\0';
        strcpy(copy, line);
        bool printed_in_full = strncmp(line, "      ", 6) == 0 && strstr(line, "...") == NULL;
        char *expression = printed_in_full ? expression_of(copy, &value) : NULL;
        if (expression == NULL) {
            if (printed_in_full && strstr(line, " * ")) {
                fprintf(stderr, "no result: %s\n", line);
                wrong++;
            }
            continue;
        }
        reader r = {expression, false}, result = {value, false};
        term x = sum_of(&r), printed = number(&result);
        checked++;
        if (r.failed || result.failed || *r.at || *result.at ||
            !agrees(x, printed.value, epsilon, is_rounded(line))) {
            fprintf(stderr, "it comes to %.17g: %s\n", x.value, line);
            wrong++;
        }
    }
    printf("%d\n", checked);
    return wrong > 0 || checked == 0;
}
