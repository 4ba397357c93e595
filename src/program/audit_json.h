/* An audit as data. The keys are stable: audit.json and the key `audit` of --json are read by other programs.
 */
#ifndef VIC_PROGRAM_AUDIT_JSON_H
#define VIC_PROGRAM_AUDIT_JSON_H

#include "json.h"

#include "observe/audit/audit.h"

/*  passed, faults: [text], ranks, inferences
 *  messages, bytes: inside inferences, a row per sending rank with a column per receiving rank
 *  wired: [[from, to]], the ranks that an edge joins
 *  collectives_inside: calls that are more than a message between two ranks; calls_inside: [{rank, name,
 * calls, bytes}] ledger_agrees, ledger: {messages, bytes} between ranks, within_ranks: {messages, bytes} in
 * memory outside: {messages, bytes (matrices again), calls: [{name, calls, bytes}] over all ranks}
 *  inventory_agrees, parameters: {arrays, bytes, held_bytes}
 *  populations: [{population, rank, bytes, holdings: [{kind, name, shape, bytes}]}]
 *  overhead: {share, seconds_per_call, seconds_per_inference}
 * Returns NULL where memory runs out. */
json_t *vic_audit_json(const vic_audit_report *report);

#endif
