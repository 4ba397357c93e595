/* Fixed-prediction, strict and incremental in plain loops, all populations at once, over any graph: written
 * from the equations, in beliefs as the paper has them. */
#ifndef VICINAL_TESTS_SUPPORT_SLOW_INFERENCE_H
#define VICINAL_TESTS_SUPPORT_SLOW_INFERENCE_H

#include "slow_backprop.h"

/* error and gradient after `steps` steps, value: the beliefs; `initial` starts from the beliefs of the data.
 * What the results have of the input and, for values, of the output means nothing. */
slow_result slow_fixed_prediction(const vic_network *network, net_parameters theta, const net_data *data,
                                  double eta, int steps);
slow_result slow_strict(const vic_network *network, net_parameters theta, const net_data *data, double eta,
                        int steps, bool initial);

/* Its gradient is the sum over the steps, each of which takes rate * gradient off the parameters. */
slow_result slow_incremental(const vic_network *network, net_parameters theta, const net_data *data,
                             double eta, int steps, double rate);

#endif
