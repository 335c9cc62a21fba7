/* session.h: how a session of a person begins, however they showed who they are. */
#ifndef PATRON_API_SESSION_H
#define PATRON_API_SESSION_H

#include "api/call.h"
#include "api/user.h"

struct begun_session {
    char token[TOKEN_TEXT_SIZE];
    int64_t expires_at;
};

/* Keeps a new session of the user, who is the actor of the call from now on, and sets its cookie. */
enum status session_begin(struct call *call, const struct user *user, struct begun_session *out, struct error *err);

#endif
