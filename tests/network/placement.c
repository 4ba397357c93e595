/* Placement is a pure function: blocks in order, none empty, the largest cost the smallest possible. */
#include "network/network.h"
#include "support/suite.h"

#include <check.h>
#include <float.h>
#include <stdint.h>
#include <string.h>

enum { MOST = 70 };

static uint64_t state;

static uint64_t next(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

static void grow(vic_network *network, size_t width) {
    const size_t option[VIC_MAX_OPTIONS] = {width, 1};
    int top = vic_network_output(network);
    vic_function linear;
    ck_assert_int_eq(
        vic_function_place(&linear, vic_function_find(VIC_FLOAT32, "linear"), network->shapes[top], option),
        VIC_OK);
    ck_assert_int_eq(vic_network_grow(network, top, 1, &linear), VIC_OK);
}

/* Over six orders of magnitude. */
static void draw_costs(int populations, double *costs) {
    for (int p = 0; p < populations; p++)
        costs[p] = (double)(1 + next() % 1000) * (double)(1 + next() % (next() % 2 ? 1000 : 20));
}

static void even_costs(int populations, double *costs) {
    for (int p = 0; p < populations; p++)
        costs[p] = 50;
}

static double largest_cost(int populations, const double *costs, const int *rank_of) {
    double load[MOST + 1] = {0}, largest = 0;
    for (int p = 0; p < populations; p++) {
        load[rank_of[p]] += costs[p];
        largest = load[rank_of[p]] > largest ? load[rank_of[p]] : largest;
    }
    return largest;
}

/* The best that any cut of populations first.. into `blocks` blocks can do, by trying all. */
static double best_cost(int populations, const double *costs, int first, int blocks) {
    double best = DBL_MAX, load = 0;
    if (blocks == 0)
        return first == populations ? 0 : DBL_MAX;
    for (int p = first; p < populations; p++) {
        load += costs[p];
        double rest = best_cost(populations, costs, p + 1, blocks - 1), worse = rest > load ? rest : load;
        best = worse < best ? worse : best;
    }
    return best;
}

static void assert_blocks(int populations, int ranks, const int *rank_of) {
    int blocks = ranks < populations ? ranks : populations;
    ck_assert_int_eq(rank_of[0], 0);
    ck_assert_int_eq(rank_of[populations - 1], blocks - 1);
    for (int p = 1; p < populations; p++)
        ck_assert(rank_of[p] == rank_of[p - 1] || rank_of[p] == rank_of[p - 1] + 1);
}

START_TEST(blocks_are_contiguous_and_none_is_empty) {
    static const int sizes[] = {1, 2, 3, 5, 6, 33, 64};
    double costs[MOST];
    int rank_of[MOST];
    state = 1;
    for (int s = 0; s < 7; s++)
        for (int even = 0; even < 2; even++) {
            (even ? even_costs : draw_costs)(sizes[s], costs);
            for (int ranks = 1; ranks <= MOST; ranks++) {
                vic_place(sizes[s], costs, ranks, rank_of);
                assert_blocks(sizes[s], ranks, rank_of);
            }
        }
}
END_TEST

START_TEST(the_largest_cost_is_the_smallest_possible) {
    double costs[9];
    int rank_of[9];
    state = (uint64_t)_i;
    for (int populations = 1; populations <= 9; populations++) {
        draw_costs(populations, costs);
        for (int ranks = 1; ranks <= populations; ranks++) {
            vic_place(populations, costs, ranks, rank_of);
            double cost = largest_cost(populations, costs, rank_of);
            double best = best_cost(populations, costs, 0, ranks);
            ck_assert_msg(cost <= best * (1 + 1e-12), "%d populations on %d ranks: %g, but %g is possible",
                          populations, ranks, cost, best);
        }
    }
}
END_TEST

START_TEST(it_is_a_pure_function) {
    double costs[20];
    state = 5;
    draw_costs(20, costs);
    for (int ranks = 1; ranks <= 25; ranks++) {
        int first[MOST + 1], second[MOST + 1], other[MOST + 1];
        memset(first, 0x55, sizeof first);
        memset(second, 0xAA, sizeof second);
        vic_place(20, costs, ranks, first);
        vic_place(20, costs, 26 - ranks, other);
        vic_place(20, costs, ranks, second);
        ck_assert_mem_eq(first, second, 20 * sizeof(int));
        ck_assert_int_eq(first[20], 0x55555555);
    }
}
END_TEST

START_TEST(a_rank_each_where_there_are_enough) {
    double costs[6];
    even_costs(6, costs);
    for (int ranks = 6; ranks <= MOST; ranks++) {
        int rank_of[6];
        vic_place(6, costs, ranks, rank_of);
        for (int p = 0; p < 6; p++)
            ck_assert_int_eq(rank_of[p], p);
    }
}
END_TEST

/* So many that time which grows with their square shows as a test that does not end. */
START_TEST(a_hundred_thousand_populations) {
    enum { MANY = 100001 };
    static int rank_of[MANY], shortest[MANY], longest[MANY];
    static double costs[MANY];
    vic_network *network;
    ck_assert_int_eq(vic_network_create(&network, VIC_FLOAT32, (vic_shape){1, {1}}), VIC_OK);
    for (int p = 1; p < MANY; p++)
        grow(network, 1);
    even_costs(MANY, costs);
    vic_place(MANY, costs, 7, rank_of);
    ck_assert_int_eq(vic_network_heights(network, shortest, longest), VIC_OK);
    for (int p = 0; p < MANY; p++) {
        ck_assert(p == 0 || rank_of[p] == rank_of[p - 1] || rank_of[p] == rank_of[p - 1] + 1);
        ck_assert(shortest[p] == MANY - 1 - p && longest[p] == MANY - 1 - p);
    }
    ck_assert_int_eq(rank_of[MANY - 1], 6);
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("network/placement");
    TCase *tests = tcase_create("placement");
    tcase_add_test(tests, blocks_are_contiguous_and_none_is_empty);
    tcase_add_loop_test(tests, the_largest_cost_is_the_smallest_possible, 0, 40);
    tcase_add_test(tests, it_is_a_pure_function);
    tcase_add_test(tests, a_hundred_thousand_populations);
    tcase_add_test(tests, a_rank_each_where_there_are_enough);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return run_suite(make_suite());
}
