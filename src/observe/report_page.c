/* The page of a report: what src/observe/report/ holds, built into the program, around the data. */
#include "report_page.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Made by report/embed.cmake: the page before the data, and after it. */
extern const unsigned char vic_report_head[], vic_report_tail[];
extern const size_t vic_report_head_size, vic_report_tail_size;

/* Within a script element no text may begin a tag. JSON has another way to write it. */
static void write_data(FILE *to, const char *data) {
    for (const char *c = data; *c != '\0'; c++)
        if (*c == '<')
            fputs("\\u003c", to);
        else
            fputc(*c, to);
}

vic_status vic_report_write(const char *path, const char *data) {
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    if (to == NULL)
        return vic_fail(VIC_NO_MEMORY, "%s: out of memory", path);
    fwrite(vic_report_head, 1, vic_report_head_size, to);
    write_data(to, data);
    fwrite(vic_report_tail, 1, vic_report_tail_size, to);
    bool failed = ferror(to);
    vic_status status = fclose(to) != 0 || failed ? vic_fail(VIC_NO_MEMORY, "%s: out of memory", path)
                                                  : vic_write_file(path, text, size);
    free(text);
    return status;
}
