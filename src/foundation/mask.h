/* mask.h: phones and e-mails as those see them who may not know them. */
#ifndef PATRON_FOUNDATION_MASK_H
#define PATRON_FOUNDATION_MASK_H

#include "foundation/arena.h"
#include "foundation/text.h"

/*
 * A phone in international form keeps its last four digits ("***8000"), an e-mail its first letter and domain
 * ("a***@example.com"); before either may stand what it is ("phone:+861..."). Any other text comes back as it is.
 */
struct text mask_contact(struct arena *arena, struct text value);

/* The same for every string of a JSON text. */
struct text mask_contacts_in_json(struct arena *arena, struct text json);

#endif
