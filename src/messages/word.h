/* Waiting for a word of memory that another process writes. For this room alone. */
#ifndef VIC_MESSAGES_WORD_H
#define VIC_MESSAGES_WORD_H

#include "waiting.h"

#include <stdatomic.h>

/* Adds 1 to a word that this process alone writes, and wakes the other one if it sleeps for that. What was
 * written before is seen by whoever sees the new value. */
void vic_word_raise(_Atomic uint32_t *word, const _Atomic uint32_t *is_awaited);

/* Waits until the other process has raised the word to `value`, or further; `awaited` is this process's own.
 * Errors: VIC_NO_PEER past the timeout. */
vic_status vic_word_wait(vic_waiter *waiter, const _Atomic uint32_t *word, uint32_t value,
                         _Atomic uint32_t *awaited);

#endif
