/* Numbers as text: the decimal point is a point, whatever the locale. */
#include "base.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* Switches the thread to the C locale, in which the decimal point is a point. */
static vic_status enter_c_locale(locale_t *c, locale_t *before) {
    *c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (*c == (locale_t)0)
        return vic_fail(VIC_NO_MEMORY, "out of memory: no C locale");
    *before = uselocale(*c);
    return VIC_OK;
}

static void leave_c_locale(locale_t c, locale_t before) {
    uselocale(before);
    freelocale(c);
}

static size_t digits(const char **text) {
    size_t n = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++)
        n++;
    return n;
}

static void sign(const char **text) {
    if (**text == '+' || **text == '-')
        (*text)++;
}

/* [sign] digits [. digits] [e [sign] digits], with a digit on one side of the point. */
static bool is_decimal(const char *text) {
    sign(&text);
    size_t mantissa = digits(&text);
    if (*text == '.') {
        text++;
        mantissa += digits(&text);
    }
    if (mantissa == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        sign(&text);
        if (digits(&text) == 0)
            return false;
    }
    return *text == '\0';
}

vic_status vic_number_read(const char *text, bool *is_number, double *value) {
    locale_t c = (locale_t)0, before = (locale_t)0;
    *is_number = is_decimal(text);
    if (!*is_number)
        return VIC_OK;
    VIC_TRY(enter_c_locale(&c, &before));
    *value = strtod(text, NULL);
    leave_c_locale(c, before);
    return VIC_OK;
}

vic_status vic_number_write(double value, char *text) {
    locale_t c = (locale_t)0, before = (locale_t)0;
    VIC_TRY(enter_c_locale(&c, &before));
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, VIC_NUMBER_TEXT, "%.*g", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    leave_c_locale(c, before);
    return VIC_OK;
}
