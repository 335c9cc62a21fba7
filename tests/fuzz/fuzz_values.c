/* Bytes of any kind as the values that clients write: what is read is written and read again, and stays the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/id.h"
#include "foundation/instant.h"
#include "foundation/money.h"
#include "foundation/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_money(struct text text, int exponent)
{
    int64_t minor, again;
    bool rounded;
    char out[MONEY_TEXT_SIZE];
    if (money_parse(text, exponent, &minor, NULL) == STATUS_OK) {
        enum status lenient = money_parse_import(text, exponent, &again, &rounded, NULL);
        assert(lenient == STATUS_OK);
        assert(again == minor);
        assert(!rounded);
        enum status status = money_parse(text_from(money_format(minor, exponent, out)), exponent, &again, NULL);
        assert(status == STATUS_OK);
        assert(again == minor);
    }
    (void)money_parse_import(text, exponent, &minor, &rounded, NULL);
}

static void try_times(struct text text)
{
    int64_t instant, instant_again;
    int32_t day, day_again;
    char instant_text[INSTANT_TEXT_SIZE], day_text[DAY_TEXT_SIZE];
    if (instant_parse(text, &instant) && instant > -2208988800 * INSTANT_SECOND &&
        instant < 253402300800 * INSTANT_SECOND) {
        bool read = instant_parse(text_from(instant_format(instant, instant_text)), &instant_again);
        assert(read);
        assert(instant_again == instant);
    }
    if (day_parse(text, &day)) {
        bool read = day_parse(text_from(day_format(day, day_text)), &day_again);
        assert(read);
        assert(day_again == day);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct text text = {(const char *)data + 1, size - 1};
    int64_t number, again;
    char out[ID_TEXT_SIZE];
    try_money(text, data[0] % 5);
    try_times(text);
    if (id_parse("mbr", text, &number)) {
        bool read = id_parse("mbr", text_from(id_format("mbr", number, out)), &again);
        assert(read);
        assert(again == number);
    }
    if (text_is_utf8(text))
        assert(text_code_points(text) <= text.size);
    (void)text_to_integer(text, &number);
    return 0;
}
