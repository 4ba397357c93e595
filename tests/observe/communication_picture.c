/* Pictures of what messages cost are well-formed SVG, and show what was measured. */
#include "observe/communication_picture.h"
#include "base/file.h"
#include "support/graph.h"
#include "support/scratch.h"
#include "support/suite.h"

#include <ctype.h>

enum { MOST_EDGES = 24, MOST_STEPS = 80, MOST_RANKS = 25 };

static scratch folder;
static char *text;
static size_t size;

/* ---- a reader of tags: each that is opened is closed in turn, and texts hold no loose characters ---- */

static const char *read_text(const char *at) {
    static const char *const names[] = {"&lt;", "&gt;", "&amp;", "&quot;"};
    while (*at != '<' && *at != '\0') {
        bool known = *at != '&';
        for (size_t i = 0; i < 4; i++)
            known = known || strncmp(at, names[i], strlen(names[i])) == 0;
        if (!known || *at == '>')
            ck_abort_msg("a loose character: %.30s", at);
        at++;
    }
    return at;
}

/* Past the attributes of a tag; each is name="value". */
static const char *read_attributes(const char *at) {
    while (*at == ' ') {
        at++;
        while (isalnum((unsigned char)*at) || *at == '-')
            at++;
        if (at[0] != '=' || at[1] != '"')
            ck_abort_msg("no value: %.30s", at);
        for (at += 2; *at != '"'; at++)
            if (*at == '<' || *at == '\0')
                ck_abort_msg("a value does not end: %.30s", at);
        at++;
    }
    return at;
}

static void assert_well_formed(void) {
    char open[16][16];
    int depth = 0;
    const char *at = strstr(text, "?>\n") + 3;
    ck_assert_int_eq(strncmp(text, "<?xml version=\"1.0\"", 19), 0);
    do {
        bool closes = at[1] == '/';
        char name[16] = "";
        if (*at != '<')
            ck_abort_msg("no tag: %.30s", at);
        at += 1 + closes;
        for (size_t i = 0; i < sizeof name - 1 && islower((unsigned char)*at); i++)
            name[i] = *at++;
        at = read_attributes(at);
        bool empty = *at == '/';
        if (closes && (depth == 0 || strcmp(open[--depth], name) != 0))
            ck_abort_msg("</%s> closes nothing", name);
        if (!closes && !empty)
            strcpy(open[depth++], name);
        at += empty;
        if (*at != '>' || depth == 16)
            ck_abort_msg("a tag does not end: %.30s", at);
        at = read_text(at + 1);
    } while (depth > 0);
    ck_assert_ptr_eq(at, text + size);
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strstr(text, "inf\""));
}

static int count(const char *word) {
    int n = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
        n++;
    return n;
}

/* ---- made-up measurements ---- */

static vic_ledger_entry entries[MOST_EDGES * VIC_MESSAGE_KINDS * (MOST_STEPS + 1)];
static vic_rank_time ranks[MOST_RANKS];

/* Every kind is sent in every other step of every edge. */
static vic_communication make(int edges, int steps, int n_ranks) {
    uint64_t state = 7;
    for (int i = 0; i < edges * VIC_MESSAGE_KINDS * (steps + 1); i++) {
        bool sent = i % (steps + 1) % 2 == 0;
        entries[i] = (vic_ledger_entry){
            .messages = sent, .bytes = sent ? 4 + (uint64_t)(i % 9) * 100 : 0, .seconds_waiting = 1e-6};
    }
    for (int r = 0; r < n_ranks; r++)
        ranks[r] = (vic_rank_time){.computing = 1e-6 * (double)(next_random(&state) % 100 + 1),
                                   .posting = 1e-6,
                                   .late = 2e-6,
                                   .wire = 3e-6};
    return (vic_communication){.n_edges = edges,
                               .steps = steps,
                               .n_ranks = n_ranks,
                               .entries = entries,
                               .ranks = ranks,
                               .seconds = 2e-4,
                               .path = 1e-4,
                               .free_path = 5e-5};
}

static void draw(const char *title, bool maps, size_t n, const vic_communication_view *views) {
    vic_release(&text);
    const char *path = scratch_path(&folder, "picture.svg");
    ck_assert_msg(vic_communication_draw(path, title, maps, n, views) == VIC_OK, "%s", vic_error_text());
    ck_assert_int_eq(vic_read_file(path, VIC_BAD_FILE, &text, &size), VIC_OK);
    assert_well_formed();
}

static const struct {
    int edges, steps, ranks;
} sizes[] = {{1, 1, 1}, {4, 10, 5}, {4, 1, 2}, {MOST_EDGES, MOST_STEPS, MOST_RANKS}};

START_TEST(every_message_is_a_box) {
    int edges = sizes[_i].edges, steps = sizes[_i].steps;
    vic_network *network = graph_any_chain(VIC_FLOAT32, edges);
    vic_communication cost = make(edges, steps, sizes[_i].ranks);
    const vic_communication_view view = {"strict, always", network, &cost};
    draw("a net", true, 1, &view);
    ck_assert_int_eq(count(" bytes each</title>"), edges * VIC_MESSAGE_KINDS * (steps / 2 + 1));
    ck_assert_int_eq(count("<title>computing: "), sizes[_i].ranks);
    ck_assert_int_eq(count("<title>waiting: not said yet: 2 us<"), sizes[_i].ranks);
    ck_assert_int_eq(count(">strict, always<"), 1);
    ck_assert_int_eq(count(">a net<"), 1);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(a_sweep_is_one_bar_each) {
    enum { VIEWS = 30 };
    vic_network *network = graph_any_chain(VIC_FLOAT32, 4);
    vic_communication cost = make(4, 10, 5);
    vic_communication_view views[VIEWS];
    for (int i = 0; i < VIEWS; i++)
        views[i] = (vic_communication_view){"eta 1", network, &cost};
    draw("a net", false, VIEWS, views);
    ck_assert_int_eq(count("<title>computing: "), VIEWS);
    ck_assert_int_eq(count(" bytes each"), 0);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(titles_may_hold_anything) {
    vic_network *network = graph_any_chain(VIC_FLOAT32, 2);
    vic_communication cost = make(2, 3, 1);
    const vic_communication_view view = {"<b> & \"c\" \n", network, &cost};
    draw("</svg>", true, 1, &view);
    ck_assert_int_eq(count(">&lt;b&gt; &amp; &quot;c&quot; <"), 1);
    ck_assert_int_eq(count(">&lt;/svg&gt;<"), 1);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(a_picture_that_cannot_be_written) {
    vic_network *network = graph_any_chain(VIC_FLOAT32, 2);
    vic_communication cost = make(2, 3, 1);
    const vic_communication_view view = {"exact", network, &cost};
    const char *path = scratch_path(&folder, "nowhere/picture.svg");
    assert_refused(vic_communication_draw(path, "a net", true, 1, &view), VIC_BAD_FILE, path, "No such file");
    vic_network_destroy(&network);
}
END_TEST

static void setup(void) {
    scratch_open(&folder);
}

static void teardown(void) {
    vic_release(&text);
    scratch_close(&folder);
}

int main(void) {
    Suite *suite = suite_create("observe/communication_picture");
    TCase *test = tcase_create("pictures");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_set_timeout(test, 20);
    tcase_add_loop_test(test, every_message_is_a_box, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(test, a_sweep_is_one_bar_each);
    tcase_add_test(test, titles_may_hold_anything);
    tcase_add_test(test, a_picture_that_cannot_be_written);
    suite_add_tcase(suite, test);
    return run_suite(suite);
}
