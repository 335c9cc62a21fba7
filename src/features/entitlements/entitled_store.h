/* entitled_store.h: uses, memberships and savings of persons in the database. */
#ifndef PATRON_FEATURES_ENTITLEMENTS_ENTITLED_STORE_H
#define PATRON_FEATURES_ENTITLEMENTS_ENTITLED_STORE_H

#include "engine/engine.h"
#include "features/entitlements/entitled.h"

/* On a read session, for a person as engine_view gives it; by entitled->parts and entitled->code. */
enum status entitled_read(struct storage_session *session, struct arena *arena, const struct person *person,
                          struct entitled *entitled, struct error *err);

#endif
