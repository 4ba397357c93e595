/* Damaged configs: every one is read or refused with a text, and what is read survives its resolved form. */
#include "config/config.h"
#include "support/scratch.h"
#include "support/suite.h"

static const char *const whole = "name: example\n"
                                 "precision: float64 # or float32\n"
                                 "seed: 7\n"
                                 "network:\n"
                                 "  input: [1, 4, 6]\n"
                                 "  layers:\n"
                                 "    - [flatten, linear: 50, relu]\n"
                                 "    - [{linear: {out: 20, bias: false}}, tanh]\n"
                                 "    - linear: 10\n"
                                 "  loss: 'cross-entropy'\n"
                                 "inference: {algorithm: \"fixed-prediction\", eta: 0.25, steps: 9}\n"
                                 "channels: {timeout: 2.5}\n"
                                 "learning:\n"
                                 "  optimizer: {adam: {rate: 0.002}}\n"
                                 "  drop_last: true\n"
                                 "data:\n"
                                 "  train: {inputs: a, labels: /b/c}\n";

/* Words that mean something to YAML or to the reader. */
static const char *const words[] = {"\n",
                                    " ",
                                    "  ",
                                    "\t",
                                    ":",
                                    ": ",
                                    "-",
                                    "- ",
                                    "[",
                                    "]",
                                    "{",
                                    "}",
                                    ",",
                                    "#",
                                    "&a ",
                                    "*a",
                                    "!!int ",
                                    "|",
                                    ">",
                                    "'",
                                    "\"",
                                    "%",
                                    "@",
                                    "`",
                                    "?",
                                    "? ",
                                    "---\n",
                                    "...\n",
                                    "null",
                                    "~",
                                    "true",
                                    "0",
                                    "-1",
                                    "1e999",
                                    "0x1",
                                    "nan",
                                    "\\",
                                    "\\u0",
                                    "\r",
                                    "\r\n",
                                    "\xc3",
                                    "\xef\xbb\xbf",
                                    "\xe2\x80\xa8",
                                    "<<: ",
                                    "linear",
                                    "relu",
                                    "network:",
                                    "out",
                                    "99999999999999999999"};

enum { ROUNDS = 3000, PARTS = 4, N_WORDS = sizeof words / sizeof words[0] };

static void check_text(const char *text, size_t size, const char *const *overrides, size_t n) {
    vic_config *config = (vic_config *)&config, *again;
    char *resolved;
    vic_status status = vic_config_parse(&config, "x.yaml", text, size, overrides, n);
    if (status != VIC_OK) {
        ck_assert_int_eq(status, VIC_BAD_CONFIG);
        ck_assert_ptr_null(config);
        const char *start = strncmp(vic_error_text(), "--set ", 6) == 0 ? "--set " : "x.yaml:";
        ck_assert_msg(strncmp(vic_error_text(), start, strlen(start)) == 0, "%s", vic_error_text());
        ck_assert_msg(strstr(vic_error_text(), ": ") != NULL, "%s", vic_error_text());
        return;
    }
    ck_assert_int_eq(vic_config_resolved(config, &resolved), VIC_OK);
    status = vic_config_parse(&again, "x.yaml", resolved, strlen(resolved), NULL, 0);
    ck_assert_msg(status == VIC_OK, "%s\n%s", vic_error_text(), resolved);
    vic_config_destroy(&again);
    vic_release(&resolved);
    vic_config_destroy(&config);
}

/* Puts words over or between what is there; `to` is large enough. Returns the new size. */
static size_t insert_words(const char *from, char *to, uint64_t *state) {
    size_t size = strlen(from);
    memcpy(to, from, size);
    for (uint64_t i = 1 + next_random(state) % 3; i > 0; i--) {
        const char *word = words[next_random(state) % N_WORDS];
        size_t length = strlen(word), place = next_random(state) % size;
        size_t lost = next_random(state) % 2 ? next_random(state) % 5 : 0;
        lost = lost < size - place ? lost : size - place;
        memmove(to + place + length, to + place + lost, size - place - lost);
        memcpy(to + place, word, length);
        size += length - lost;
    }
    return size;
}

START_TEST(bytes_are_damaged) {
    unsigned char text[2048];
    uint64_t state = (uint64_t)_i;
    for (int round = 0; round < ROUNDS / PARTS; round++) {
        size_t size = mutate((const unsigned char *)whole, strlen(whole), text, &state);
        check_text((const char *)text, size, NULL, 0);
    }
}
END_TEST

START_TEST(words_are_damaged) {
    char text[2048];
    uint64_t state = 1000 + (uint64_t)_i;
    for (int round = 0; round < ROUNDS / PARTS; round++)
        check_text(text, insert_words(whole, text, &state), NULL, 0);
}
END_TEST

START_TEST(overrides_are_damaged) {
    static const char *const right[] = {"inference.eta=0.1", "network.layers=[flatten, linear: 5]",
                                        "learning.optimizer={sgd: {rate: 0.1}}", "data.test.inputs='x'"};
    char text[256];
    uint64_t state = 2000 + (uint64_t)_i;
    for (int round = 0; round < ROUNDS / PARTS; round++) {
        size_t size = insert_words(right[round % 4], text, &state);
        text[size] = '\0';
        const char *overrides[] = {text};
        check_text(whole, strlen(whole), overrides, 1);
    }
}
END_TEST

START_TEST(the_end_is_missing) {
    for (size_t size = 0; size <= strlen(whole); size++) {
        char *text; /* of its own, so that a read behind its end is seen */
        ck_assert_ptr_nonnull(text = malloc(size + 1));
        memcpy(text, whole, size);
        text[size] = 'x';
        check_text(text, size, NULL, 0);
        free(text);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("config_fuzz");
    TCase *cases = tcase_create("config_fuzz");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, bytes_are_damaged, 0, PARTS);
    tcase_add_loop_test(cases, words_are_damaged, 0, PARTS);
    tcase_add_loop_test(cases, overrides_are_damaged, 0, PARTS);
    tcase_add_test(cases, the_end_is_missing);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
