/* Recognises files of other kinds by their first bytes. */
#ifndef VIC_BASE_FILE_KIND_H
#define VIC_BASE_FILE_KIND_H

#include "base.h"

enum { VIC_FILE_HEAD = 512 }; /* bytes that are enough to recognise a kind */

/* `head`: the first n bytes of `path`, all of them where it is shorter than VIC_FILE_HEAD. Fails with "PATH:
 * not EXPECTED: it looks like ...: what to do" when they are those of a kind that is known, which has to be
 * another than what is expected; plain text counts unless `expects_text`. Errors: VIC_BAD_FILE. */
vic_status vic_refuse_other_kind(const char *path, const char *expected, bool expects_text,
                                 const unsigned char *head, size_t n);

#endif
