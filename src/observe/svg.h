/* Drawing into an SVG file, in points of 1/72 inch. Private to the room. */
#ifndef VIC_OBSERVE_SVG_H
#define VIC_OBSERVE_SVG_H

#include <stdio.h>

/* Where a text is anchored. */
typedef enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END } svg_anchor;

typedef struct svg_point {
    double x, y;
} svg_point;

/* A colour as 0xRRGGBB. */
typedef unsigned svg_colour;

/* A white page. Closed by svg_end. */
void svg_begin(FILE *to, double width, double height);
void svg_end(FILE *to);
/* A filled rectangle from its upper left corner; `about` is shown on pointing at it, or NULL. */
void svg_box(FILE *to, svg_point corner, double width, double height, svg_colour fill, const char *about);
void svg_line(FILE *to, svg_point from, svg_point end, svg_colour colour);
/* `at` is the anchor's point on the base line. */
void svg_text(FILE *to, svg_point at, double size, svg_anchor anchor, const char *text);
/* `share` 0 to 1 of the way from one colour to another. */
svg_colour svg_between(svg_colour from, svg_colour end, double share);

#endif
