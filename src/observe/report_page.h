/* A report, as one HTML page. */
#ifndef VIC_OBSERVE_REPORT_PAGE_H
#define VIC_OBSERVE_REPORT_PAGE_H

#include "base/base.h"

/* Writes the page around its data, a JSON object. Errors: VIC_BAD_FILE, VIC_NO_MEMORY. */
vic_status vic_report_write(const char *path, const char *data);

#endif
