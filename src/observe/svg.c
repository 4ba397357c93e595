#include "svg.h"

static void escape(FILE *to, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '<')
            fputs("&lt;", to);
        else if (*text == '>')
            fputs("&gt;", to);
        else if (*text == '&')
            fputs("&amp;", to);
        else if (*text == '"')
            fputs("&quot;", to);
        else if ((unsigned char)*text >= ' ')
            fputc(*text, to);
    }
}

void svg_begin(FILE *to, double width, double height) {
    fprintf(
        to,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.6g\" height=\"%.6g\" viewBox=\"0 0 %.6g %.6g\" "
        "font-family=\"Helvetica, Arial, sans-serif\" fill=\"#222222\">\n",
        width, height, width, height);
    svg_box(to, (svg_point){0, 0}, width, height, 0xffffff, NULL);
}

void svg_end(FILE *to) {
    fputs("</svg>\n", to);
}

void svg_box(FILE *to, svg_point corner, double width, double height, svg_colour fill, const char *about) {
    fprintf(to, "<rect x=\"%.6g\" y=\"%.6g\" width=\"%.6g\" height=\"%.6g\" fill=\"#%06x\"", corner.x,
            corner.y, width, height, fill);
    if (about == NULL) {
        fputs("/>\n", to);
        return;
    }
    fputs("><title>", to);
    escape(to, about);
    fputs("</title></rect>\n", to);
}

void svg_line(FILE *to, svg_point from, svg_point end, svg_colour colour) {
    fprintf(to, "<line x1=\"%.6g\" y1=\"%.6g\" x2=\"%.6g\" y2=\"%.6g\" stroke=\"#%06x\"/>\n", from.x, from.y,
            end.x, end.y, colour);
}

void svg_text(FILE *to, svg_point at, double size, svg_anchor anchor, const char *text) {
    static const char *const anchors[] = {[SVG_START] = "start", [SVG_MIDDLE] = "middle", [SVG_END] = "end"};
    fprintf(to, "<text x=\"%.6g\" y=\"%.6g\" font-size=\"%.6g\" text-anchor=\"%s\">", at.x, at.y, size,
            anchors[anchor]);
    escape(to, text);
    fputs("</text>\n", to);
}

svg_colour svg_between(svg_colour from, svg_colour end, double share) {
    svg_colour mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        double a = from >> shift & 0xff, b = end >> shift & 0xff;
        mixed |= (svg_colour)(a + (b - a) * share + 0.5) << shift;
    }
    return mixed;
}
