#include "allocated.h"

#include "together.h"

#include <malloc.h>

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void); /* GCC comes without the header */

double allocated(void) {
    return (double)__sanitizer_get_current_allocated_bytes();
}
#else
double allocated(void) {
    struct mallinfo2 info = mallinfo2();
    return (double)info.uordblks + (double)info.hblkhd;
}
#endif

bool is_near(double forecast, double taken) {
    double apart = forecast > taken ? forecast - taken : taken - forecast;
    return apart <= 0.001 * taken + SMALL_THINGS;
}

void assert_near(double forecast, double taken, const char *what) {
    together_assert_msg(is_near(forecast, taken), "%s: %.0f bytes forecast, %.0f taken", what, forecast,
                        taken);
}
