/* The colours of report and figures: name, on white, on black. c1 to c8 tell series apart, also for
 * the colour-blind (after Okabe and Ito, made lighter or darker for contrast). */
#ifndef SVI_PALETTE_H
#define SVI_PALETTE_H

#define SVI_COLORS(X)                                                                              \
    X(paper, "#ffffff", "#14171a")                                                                 \
    X(ink, "#1b1f23", "#e6e8ea")                                                                   \
    X(muted, "#5c6670", "#9aa4ad")                                                                 \
    X(line, "#e1e5e9", "#2c3238")                                                                  \
    X(faint, "#ccd2d8", "#444c54")                                                                 \
    X(c1, "#0072b2", "#56b4e9")                                                                    \
    X(c2, "#c25400", "#f0a33c")                                                                    \
    X(c3, "#008a65", "#2cc79b")                                                                    \
    X(c4, "#b0578d", "#e59ac6")                                                                    \
    X(c5, "#8a6d00", "#f0e442")                                                                    \
    X(c6, "#4b4fc4", "#9fa4ff")                                                                    \
    X(c7, "#3d8fb8", "#8fd3d1")                                                                    \
    X(c8, "#6b6b6b", "#b8b8b8")

#endif
