/* name_key.h: the keys by which a name is found: without case, accents and spaces; pinyin and initials of Chinese. Pure. */
#ifndef PATRON_FEATURES_CUSTOMERS_NAME_KEY_H
#define PATRON_FEATURES_CUSTOMERS_NAME_KEY_H

#include "foundation/arena.h"
#include "foundation/text.h"

enum { NAME_KEYS_MAX = 24, NAME_SIZE_MAX = 200 };

/* Folds case, accents and width, and drops everything but letters and digits: "Zoë  O'Neil" gives "zoeoneil". */
struct text name_fold(struct arena *arena, struct text name);

/*
 * Writes the distinct search keys of a name into `keys` (room for NAME_KEYS_MAX) and returns their number: the folded whole,
 * each word and the words turned round; of Chinese the name, the given name, full pinyin and initials of both. A surname
 * is read as surnames are (单 shan, 曾 zeng, 尉迟 yuchi).
 */
size_t name_keys(struct arena *arena, struct text name, struct text *keys);

/* How a folded family or given name is read: the pinyin of Chinese, anything else as it is. */
struct text name_reading(struct arena *arena, struct text folded, bool family);

/* Parts a whole name, folded: a Chinese one after its surname, another before its last word. */
void name_split(struct arena *arena, struct text whole, struct text *family, struct text *given);

#endif
