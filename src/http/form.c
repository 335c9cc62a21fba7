/* form.c: a body that is a form (multipart/form-data): its field `file` becomes the body. */
#include <string.h>
#include <strings.h>

#include "http/internal.h"

static const char multipart[] = "multipart/form-data";

static enum MHD_Result receive_field(void *context, enum MHD_ValueKind kind, const char *key, const char *filename,
                                     const char *content_type, const char *encoding, const char *data, uint64_t offset,
                                     size_t size)
{
    struct exchange *exchange = context;
    (void)kind, (void)filename, (void)content_type, (void)encoding;
    if (key == NULL || strcmp(key, "file") != 0) {
        exchange->file_ended = exchange->file_begun;
        return MHD_YES;
    }
    if (exchange->file_ended || (exchange->file_begun && offset == 0 && exchange->public.body_size > 0))
        exchange_refuse(exchange, STATUS_INVALID, "http.form", "the form has more than one field 'file'");
    else if (size > 0)
        exchange_keep(exchange, data, size);
    exchange->file_begun = true;
    return exchange->refused ? MHD_NO : MHD_YES;
}

void form_begin(struct exchange *exchange)
{
    struct text type = http_header(&exchange->public, "Content-Type");
    if (exchange->refused || type.size < sizeof multipart - 1 ||
        strncasecmp(type.bytes, multipart, sizeof multipart - 1) != 0)
        return;
    exchange->form = MHD_create_post_processor(exchange->connection, HTTP_FORM_BUFFER, receive_field, exchange);
    if (exchange->form == NULL)
        exchange_refuse(exchange, STATUS_INVALID, "http.form", "the form does not say its boundary");
}

void form_receive(struct exchange *exchange, const char *data, size_t size)
{
    if (MHD_post_process(exchange->form, data, size) == MHD_NO && !exchange->refused)
        exchange_refuse(exchange, STATUS_INVALID, "http.form", "the body is not the form that its header says");
}

void form_end(struct exchange *exchange)
{
    if (exchange->form == NULL)
        return;
    bool whole = MHD_destroy_post_processor(exchange->form) == MHD_YES;
    exchange->form = NULL;
    if (exchange->refused)
        return;
    if (!whole)
        exchange_refuse(exchange, STATUS_INVALID, "http.form", "the form ends before its last boundary");
    else if (!exchange->file_begun)
        exchange_refuse(exchange, STATUS_INVALID, "http.form", "the form has no field 'file'");
}

void form_release(struct exchange *exchange)
{
    if (exchange->form != NULL)
        (void)MHD_destroy_post_processor(exchange->form);
    exchange->form = NULL;
}
