/* qr.h: a text as a QR code, drawn as SVG or PNG. Pure. */
#ifndef PATRON_FEATURES_COUPONS_QR_H
#define PATRON_FEATURES_COUPONS_QR_H

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum { QR_TEXT_MAX = 500, QR_SCALE_MAX = 40 };

/* With a quiet zone of four modules; error correction M. STATUS_LIMIT `qr.size` for a text that is too long. */
enum status qr_svg(struct arena *arena, struct text text, struct text *out, struct error *err);
/* Black on white, `scale` (1 .. QR_SCALE_MAX) pixels a module. */
enum status qr_png(struct arena *arena, struct text text, int scale, struct text *out, struct error *err);

#endif
