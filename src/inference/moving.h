/* What algorithms share whose predictions follow beliefs that move, in belief or error coordinates. In error
 * coordinates a population carries its displacement d_l = v_l - vhat_l, and predictions after the sweep are
 * the changes f_l(vhat + d) - f_l(vhat): no nearly equal numbers are subtracted. */
#ifndef VIC_INFERENCE_MOVING_H
#define VIC_INFERENCE_MOVING_H

#include "inference.h"

bool vic_in_beliefs(vic_inference_options options);
/* Room for what moves. */
vic_status vic_moving_allocate(vic_inference_options options, vic_population *p);
/* What moves: belief or displacement. */
void *vic_moving_place(const vic_inference *x, const vic_population *p);
/* Which messages are sent: see find_first_steps in schedule.c. The input needs the last error alone. */
bool vic_moving_is_sent(const vic_schedule *s, const vic_edge *edge, vic_message_kind kind, int step);
/* Before the first step: at vhat, or at the beliefs that were given. */
void vic_moving_begin(vic_inference *x, vic_local_population *r);
vic_prediction_source vic_moving_source(const vic_inference *x, const vic_population *p);
/* p->error becomes mu_l - v_l of a hidden population. */
void vic_moving_difference(vic_inference *x, vic_population *p);
/* The output's error at its present prediction. */
void vic_moving_output_error(vic_inference *x, vic_local_population *r, int step);
/* eps_l = mu_l - v_l, weighted, of a hidden population, and the output's error: a vic_phase.act. */
void vic_moving_form_error(vic_inference *x, vic_local_population *r, int step, bool arrived);
/* v_l += eta (error - feedback) of a hidden population, in its last step looked at. */
void vic_moving_relax(vic_inference *x, vic_population *p, int step, bool last);
/* Their rules as text: of a hidden population and of the output, when it forms its error, and of a hidden
 * population that moves. */
#define VIC_MOVING_HIDDEN_RULE                                                                               \
    {                                                                                                        \
        .formula = "eps_{p} = {mu} - {v}{where}", .name = "eps",                                             \
        .numbers = "({prediction} - {place-}){weight}", .result = VIC_QUANTITY_ERROR                         \
    }
#define VIC_MOVING_OUTPUT_RULES                                                                              \
    {.output = true,                                                                                         \
     .coordinates = VIC_RULE_IN_BELIEFS,                                                                     \
     .is_loss = true,                                                                                        \
     .result = VIC_QUANTITY_PREDICTION},                                                                     \
    {                                                                                                        \
        .output = true, .coordinates = VIC_RULE_IN_ERRORS, .is_loss = true,                                  \
        .formula = "mu_{p} = vhat_{p} + its change", .name = "mu",                                           \
        .numbers = "{prediction0} + {prediction}", .result = VIC_QUANTITY_DISPLACEMENT                       \
    }
#define VIC_MOVING_RELAX_RULE .numbers = "{place-} + {eta} * ({error} - {feedback})", .moves = true

void vic_moving_belief_after(const vic_inference *x, const vic_local_population *r, int step, void *belief);

#endif
