#include "features/definitions/definition_read.h"

#include <string.h>

enum { NAME_SIZE_MAX = 200 };

enum status definition_read(const struct definition_input *input,
                            enum status (*read)(const struct object *document, void *out), void *out, struct error *err)
{
    struct error ignored = {0};
    struct programme programme = *input->programme;
    json_error_t problem;
    json_t *root = json_loadb(input->document.bytes, input->document.size, JSON_REJECT_DUPLICATES, &problem);

    if (root == NULL)
        return error_set(err, STATUS_INVALID, "programme.syntax", "", "line %d, column %d: %s", problem.line,
                         problem.column, problem.text);
    struct object document = {
        .arena = input->arena, .json = root, .path = "", .programme = &programme, .err = err != NULL ? err : &ignored};
    enum status status = read(&document, out);
    json_decref(root);
    return status;
}

struct text definition_name(struct arena *arena, struct text document)
{
    json_t *root = json_loadb(document.bytes, document.size, 0, NULL);
    const json_t *name = json_object_get(root, "name");
    struct text found = {json_string_value(name), json_string_length(name)};

    if (found.size > NAME_SIZE_MAX)
        for (found.size = NAME_SIZE_MAX; ((unsigned char)found.bytes[found.size] & 0xc0) == 0x80;)
            found.size--;
    found = text_copy(arena, found);
    json_decref(root);
    return found;
}
