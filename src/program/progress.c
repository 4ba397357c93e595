#include "program.h"

#include <unistd.h>

enum { BAR = 30 };

void vic_progress_start(vic_progress *progress, size_t epochs, uint64_t first_update) {
    *progress = (vic_progress){
        .on_terminal = isatty(STDERR_FILENO),
        .epochs = epochs,
        .started = vic_now(),
        .first_update = first_update,
    };
}

static void clear_line(const vic_progress *progress) {
    if (progress->on_terminal)
        fputs("\r\033[K", stderr);
}

void vic_progress_step(vic_progress *progress, vic_position position, uint64_t steps, vic_metrics so_far) {
    double now = vic_now(), refresh = 0.1;
    if (!progress->on_terminal || (now - progress->shown < refresh && position.step < steps))
        return;
    progress->shown = now;
    uint64_t all = steps * progress->epochs, done = steps * position.epoch + position.step;
    double rate = (double)(position.updates - progress->first_update) / (now - progress->started);
    int filled = (int)(BAR * done / all);
    clear_line(progress);
    fprintf(stderr, "epoch %llu/%zu [", (unsigned long long)position.epoch + 1, progress->epochs);
    for (int i = 0; i < BAR; i++)
        fputc(i < filled ? '#' : '.', stderr);
    fprintf(stderr, "] %llu %%, loss %.4f, %.0f s left", (unsigned long long)(100 * done / all), so_far.loss,
            rate > 0 ? (double)(all - done) / rate : 0);
}

void vic_progress_epoch(vic_progress *progress, uint64_t epoch, vic_metrics learned,
                        const vic_metrics *tested) {
    clear_line(progress);
    fprintf(stderr, "epoch %llu/%zu: train loss %.4f, accuracy %.2f %%", (unsigned long long)epoch,
            progress->epochs, learned.loss, 100 * learned.accuracy);
    if (tested)
        fprintf(stderr, "; test loss %.4f, accuracy %.2f %%", tested->loss, 100 * tested->accuracy);
    fputc('\n', stderr);
}
