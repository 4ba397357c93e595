/* Machine files: what is read, what is written reads back the same, and the error texts of wrong ones. */
#include "config/machine_file.h"
#include "base/file.h"
#include "support/scratch.h"
#include "support/suite.h"

#include <check.h>
#include <string.h>

#define HEAD  "nodes: 2\ncores: 4\nmemory: 8e9\n"
#define SPEED "compute: {float32: {products: 5e10, bandwidth: 1e10}}\n"
#define PIECE "{from: 0, latency: 1e-6, gap_per_byte: 1e-10, send: 1e-7, receive: 2e-7}"
#define LINKS "links: {node: [" PIECE "], network: [" PIECE "]}\n"

static vic_machine *parse(const char *text) {
    vic_machine *machine = NULL;
    vic_status status = vic_machine_parse(&machine, "m.yaml", text, strlen(text));
    ck_assert_msg(status == VIC_OK, "%s", vic_error_text());
    return machine;
}

START_TEST(reads_a_machine) {
    vic_machine *m =
        parse("name: two\n" HEAD "compute:\n  float32: {products: 5e10, bandwidth: 1e10, call: 1e-6}\n"
              "  float64: {products: 2.5e10, bandwidth: 9e9}\n"
              "links:\n  node:\n    - " PIECE "\n"
              "    - {from: 4096, latency: 2e-6, gap: 3e-6, gap_per_byte: 2e-10, send: 3e-7,\n"
              "       send_per_byte: 4e-11, listen: 5e-8, receive: 6e-7, receive_per_byte: 7e-11}\n"
              "  network: [" PIECE "]\n");
    ck_assert_str_eq(m->name, "two");
    ck_assert_uint_eq(m->nodes, 2);
    ck_assert_uint_eq(m->cores, 4);
    ck_assert_double_eq(m->memory, 8e9);
    ck_assert_double_eq(m->speed[VIC_FLOAT32].call, 1e-6);
    ck_assert_double_eq(m->speed[VIC_FLOAT64].products, 2.5e10);
    ck_assert_double_eq(m->speed[VIC_FLOAT64].call, 0);
    ck_assert_uint_eq(m->node.n, 2);
    ck_assert_uint_eq(m->network.n, 1);
    /* The smaller protocol up to the last byte below 4096. */
    ck_assert_double_eq_tol(vic_link_send(&m->node, 4095), 1e-7, 1e-18);
    ck_assert_double_eq_tol(vic_link_send(&m->node, 4096), 3e-7 + 4096 * 4e-11, 1e-18);
    ck_assert_double_eq_tol(vic_link_flight(&m->node, 1000), 1e-6 + 1000e-10, 1e-18);
    ck_assert_double_eq_tol(vic_link_receive(&m->node, 10000), 6e-7 + 10000 * 7e-11, 1e-18);
    ck_assert_double_eq_tol(vic_link_post_receive(&m->node, 4096), 5e-8, 1e-18);
    ck_assert_double_eq_tol(vic_link_gap(&m->node, 4096), 3e-6, 1e-18);
    ck_assert_double_eq_tol(vic_link_gap(&m->node, 100000), 2e-5, 1e-18);
    ck_assert_double_eq_tol(vic_link_message(&m->network, 10), 1e-7 + 1e-6 + 10e-10 + 2e-7, 1e-18);
    vic_machine_destroy(&m);
    ck_assert_ptr_null(m);
}
END_TEST

START_TEST(json_is_yaml) {
    vic_machine *m = parse("{\"nodes\": 1, \"cores\": 1, \"memory\": 1e9, \"links\": {},\n"
                           " \"compute\": {\"float64\": {\"products\": 1e9, \"bandwidth\": 1e9}}}\n");
    ck_assert_str_eq(m->name, "m.yaml");
    ck_assert_double_eq(m->speed[VIC_FLOAT32].products, 0);
    ck_assert_uint_eq(m->node.n, 0);
    vic_machine_destroy(&m);
}
END_TEST

static void assert_link_eq(const vic_link *a, const vic_link *b) {
    ck_assert_uint_eq(a->n, b->n);
    ck_assert_mem_eq(a->pieces, b->pieces, a->n * sizeof *a->pieces);
}

START_TEST(what_is_written_reads_back_the_same) {
    const vic_link_piece pieces[] = {
        {.from = 0, .latency = 1.0 / 3e6, .gap = 1e-7, .send = 1.0 / 7e6, .receive = 2e-7},
        {.from = 65536,
         .latency = 1e-5,
         .gap = 1e-6,
         .gap_per_byte = 1.0 / 3e9,
         .send = 2e-6,
         .send_per_byte = 1e-11,
         .post_receive = 3e-8,
         .rendezvous = true,
         .receive = 4e-6,
         .receive_per_byte = 1.0 / 7e9},
    };
    vic_machine *m = parse("name: it's \"mine\"\n" HEAD SPEED LINKS), *again;
    vic_release(&m->network.pieces);
    ck_assert_int_eq(vic_allocate(2, sizeof *pieces, &m->network.pieces), VIC_OK);
    memcpy(m->network.pieces, pieces, sizeof pieces);
    m->network.n = 2;
    ck_assert_uint_eq(m->threads, 1);
    m->threads = 3;
    scratch s;
    scratch_open(&s);
    const char *path = scratch_path(&s, "out.yaml");
    ck_assert_int_eq(vic_machine_write(m, path, "made by a test"), VIC_OK);
    char *text;
    size_t size;
    ck_assert_int_eq(vic_read_file(path, VIC_BAD_FILE, &text, &size), VIC_OK);
    again = parse(text);
    ck_assert_str_eq(again->name, m->name);
    ck_assert_mem_eq(again->speed, m->speed, sizeof m->speed);
    ck_assert_double_eq(again->memory, m->memory);
    ck_assert_uint_eq(again->threads, 3);
    assert_link_eq(&again->node, &m->node);
    assert_link_eq(&again->network, &m->network);
    vic_release(&text);
    scratch_close(&s);
    vic_machine_destroy(&m);
    vic_machine_destroy(&again);
}
END_TEST

typedef struct wrong {
    const char *text, *contains;
} wrong;

static const wrong texts[] = {
    /* clang-format off */
    {"", "m.yaml:1:1: the machine file is empty"},
    {"- 1\n", "m.yaml:1:1: a machine file is a mapping with the keys"},
    {"nodes: [\n", "m.yaml:2:1: not valid YAML"},
    {"nodse: 1\n", "m.yaml:1:1: unknown key 'nodse'; did you mean 'nodes'?"},
    {"cores: 1\n", "m.yaml:1:1: nodes is missing"},
    {"nodes: 0\n", "m.yaml:1:8: nodes must be a whole number from 1 to 10000000, in digits, not '0'"},
    {"nodes: -2\n", "m.yaml:1:8: nodes must be a whole number from 1"},
    {"nodes: 1\ncores: 1.5\n", "m.yaml:2:8: cores must be a whole number from 1"},
    {"nodes: 1\ncores: 999999\n", "m.yaml:2:8: cores must be a whole number from 1 to 100000"},
    {"nodes: 1\ncores: 2\n", "m.yaml:1:1: memory is missing"},
    {"nodes: 1\ncores: 2\nthreads: 0\n", "m.yaml:3:10: threads must be a whole number from 1 to 2"},
    {"nodes: 1\ncores: 2\nthreads: 3\n", "m.yaml:3:10: threads must be a whole number from 1 to 2"},
    {"nodes: 1\ncores: 2\nmemory: -8e9\n", "m.yaml:3:9: memory must be a number of at least 1048576"},
    {"nodes: 1\ncores: 2\nmemory: .nan\n", "m.yaml:3:9: memory must be a number"},
    {"nodes: 1\ncores: 2\nmemory: 1e30\n", "m.yaml:3:9: memory must be a number of at least 1048576 and below 1e+18"},
    {HEAD, "m.yaml:1:1: compute is missing"},
    {HEAD "compute: {}\n" LINKS, "m.yaml:4:10: compute must be the speed of a rank in float32, float64 or both"},
    {HEAD "compute: {float16: {}}\n", "m.yaml:4:11: unknown key 'float16' in compute"},
    {HEAD "compute: {float32: {bandwidth: 1e9}}\n", "m.yaml:4:20: compute.float32.products is missing"},
    {HEAD "compute: {float32: {products: 1e9}}\n", "m.yaml:4:20: compute.float32.bandwidth is missing"},
    {HEAD "compute: {float32: {products: 0, bandwidth: 1e9}}\n", "m.yaml:4:31: compute.float32.products must be a number"},
    {HEAD "compute: {float32: {products: 1e25, bandwidth: 1e9}}\n", "m.yaml:4:31: compute.float32.products must"},
    {HEAD "compute: {float32: {products: 1e9, bandwidth: fast}}\n", "m.yaml:4:47: compute.float32.bandwidth must"},
    {HEAD "compute: {float32: {products: 1e9, bandwidth: 1e9, call: -1}}\n", "m.yaml:4:58: compute.float32.call must"},
    {HEAD SPEED, "m.yaml:1:1: links is missing"},
    {HEAD SPEED "links: {}\n", "m.yaml:5:8: links.node is missing: a node has 4 cores"},
    {HEAD SPEED "links: {node: [" PIECE "]}\n", "m.yaml:5:8: links.network is missing: there are 2 nodes"},
    {HEAD SPEED "links: {node: 5}\n", "m.yaml:5:15: links.node must be a list of pieces"},
    {HEAD SPEED "links: {nodes: 5}\n", "m.yaml:5:9: unknown key 'nodes' in links; did you mean 'node'?"},
    {HEAD SPEED "links: {node: [{from: 0}]}\n", "m.yaml:5:16: links.node[0].latency is missing; it is a number"},
    {HEAD SPEED "links: {node: [{latency: 0}]}\n", "m.yaml:5:16: links.node[0].from is missing"},
    {HEAD SPEED "links: {node: [{from: 8}]}\n", "m.yaml:5:23: links.node[0].from must be 0 in the first piece"},
    {HEAD SPEED "links: {node: [{from: -1}]}\n", "m.yaml:5:23: links.node[0].from must be a whole number"},
    {HEAD SPEED "links: {node: [{from: 0, latency: -1e-6}]}\n", "m.yaml:5:35: links.node[0].latency must be a number of at least 0 and below 3600, not '-1e-6'"},
    {HEAD SPEED "links: {node: [{from: 0, latency: 1e9}]}\n", "m.yaml:5:35: links.node[0].latency must be a number of at least 0 and below 3600, not '1e9'"},
    {HEAD SPEED "links: {node: [{from: 0, latency: 0, gap_per_byte: 5}]}\n", "m.yaml:5:52: links.node[0].gap_per_byte must be a number of at least 0 and below 1, not '5'"},
    {HEAD SPEED "links: {node: [{from: 0, latency: 0, gap_per_byte: 0}]}\n", "m.yaml:5:16: links.node[0].send is missing"},
    {HEAD SPEED "links: {node: [{from: 0, latency: 0, gap_per_byte: 0, send: 0}]}\n", "m.yaml:5:16: links.node[0].receive is missing"},
    {HEAD SPEED "links: {node: [" PIECE ",\n  " PIECE "]}\n", "m.yaml:6:10: links.node[1].from must be larger than in the piece before"},
    {HEAD SPEED "links: {node: [{from: 0, rendezvous: 1}]}\n", "m.yaml:5:38: links.node[0].rendezvous must be true or false, not '1'"},
    {HEAD SPEED "links: \377\n", "m.yaml:5:8: byte 0xff is not UTF-8 text; expected YAML in UTF-8"},
    {HEAD SPEED "---\nname: m\n", "m.yaml:5:1: a second document begins (---); one is expected"},
    {HEAD SPEED "links: {node: [{from: 0, latncy: 0}]}\n", "m.yaml:5:26: unknown key 'latncy' in links.node[0]; did you mean 'latency'?"},
    /* clang-format on */
};

START_TEST(reports_what_is_wrong_and_where) {
    vic_machine *machine = NULL;
    const wrong *w = &texts[_i];
    ck_assert_int_eq(vic_machine_parse(&machine, "m.yaml", w->text, strlen(w->text)), VIC_BAD_CONFIG);
    ck_assert_ptr_null(machine);
    ck_assert_msg(strncmp(vic_error_text(), w->contains, strlen(w->contains)) == 0, "%s\nand not\n%s",
                  vic_error_text(), w->contains);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("machine files");
    TCase *tests = tcase_create("reading");
    tcase_add_test(tests, reads_a_machine);
    tcase_add_test(tests, json_is_yaml);
    tcase_add_test(tests, what_is_written_reads_back_the_same);
    tcase_add_loop_test(tests, reports_what_is_wrong_and_where, 0, sizeof texts / sizeof *texts);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
