/* phone_shim.h: libphonenumber for C. */
#ifndef PATRON_FEATURES_CUSTOMERS_PHONE_SHIM_H
#define PATRON_FEATURES_CUSTOMERS_PHONE_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PHONE_SIZE = 32 };

/* Writes the E.164 form of a possible number, NUL-terminated. `region` is two capital letters. */
bool phone_normalise(const char *text, size_t size, const char *region, char out[PHONE_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
