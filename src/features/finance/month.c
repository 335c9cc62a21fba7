#include "features/finance/month.h"

#include <assert.h>
#include <stdio.h>

#include "foundation/instant.h"

const char *const finance_entry_names[FINANCE_ENTRY_COUNT] = {
    [0] = "",
    [FINANCE_ISSUED] = "issued",
    [FINANCE_REDEEMED] = "redeemed",
    [FINANCE_EXPIRED] = "expired",
    [FINANCE_CLAWED_BACK] = "clawed_back",
    [FINANCE_WRITTEN_OFF] = "written_off",
    [FINANCE_ADJUSTED] = "adjusted",
    [FINANCE_TAKEN_OVER] = "taken_over",
    [FINANCE_TRANSFERRED] = "transferred",
    [FINANCE_PAID_IN] = "paid_in",
    [FINANCE_PAID_OUT] = "paid_out",
};

int32_t month_of_day(int32_t day)
{
    struct date date = date_from_day(day);

    return (int32_t)(date.year * 12 + date.month - 1);
}

int32_t month_start(int32_t month)
{
    return day_from_date((struct date){.year = month / 12, .month = month % 12 + 1, .day = 1});
}

bool month_parse(struct text text, int32_t *month)
{
    int64_t year, number;

    if (text.size != MONTH_TEXT_SIZE - 1 || text.bytes[4] != '-' || text.bytes[0] == '-' || text.bytes[5] == '-')
        return false;
    if (!text_to_integer((struct text){text.bytes, 4}, &year) ||
        !text_to_integer((struct text){text.bytes + 5, 2}, &number) || year < 1900 || number < 1 || number > 12)
        return false;
    *month = (int32_t)(year * 12 + number - 1);
    return true;
}

char *month_format(int32_t month, char out[MONTH_TEXT_SIZE])
{
    assert(month >= MONTH_FIRST && month <= MONTH_LAST);
    unsigned year = (unsigned)month / 12 % 10000, number = (unsigned)month % 12 + 1;

    snprintf(out, MONTH_TEXT_SIZE, "%04u-%02u", year, number);
    return out;
}

enum finance_entry finance_entry_of(enum account account)
{
    switch (account) {
    case ACCOUNT_ACTIVE:
    case ACCOUNT_PENDING:
    case ACCOUNT_HELD:
    case ACCOUNT_DEBT:
        return (enum finance_entry)0;
    case ACCOUNT_ISSUED:
        return FINANCE_ISSUED;
    case ACCOUNT_REDEEMED:
        return FINANCE_REDEEMED;
    case ACCOUNT_EXPIRED:
        return FINANCE_EXPIRED;
    case ACCOUNT_CLAWED_BACK:
        return FINANCE_CLAWED_BACK;
    case ACCOUNT_WRITTEN_OFF:
        return FINANCE_WRITTEN_OFF;
    case ACCOUNT_ADJUSTED:
        return FINANCE_ADJUSTED;
    case ACCOUNT_TRANSIT:
        return FINANCE_TRANSFERRED;
    case ACCOUNT_PAID_IN:
        return FINANCE_PAID_IN;
    case ACCOUNT_PAID_OUT:
        return FINANCE_PAID_OUT;
    case ACCOUNT_TAKEN_OVER:
        return FINANCE_TAKEN_OVER;
    }
    assert(false); /* not an account */
    return (enum finance_entry)0;
}

struct text finance_cut_text(struct arena *arena, const struct finance_cut *cut)
{
    struct builder out = {.arena = arena};

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (bucket > 0)
            builder_char(&out, ' ');
        builder_integer(&out, cut->seqs[bucket]);
    }
    return builder_done(&out);
}

bool finance_cut_parse(struct text text, struct finance_cut *out)
{
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        size_t size = 0;
        while (size < text.size && text.bytes[size] != ' ')
            size++;
        if (!text_to_integer((struct text){text.bytes, size}, &out->seqs[bucket]))
            return false;
        size += size < text.size;
        text = (struct text){text.bytes + size, text.size - size};
    }
    return text.size == 0;
}

int32_t finance_month_of(const struct finance_close *closes, size_t count, int64_t id, int32_t day)
{
    int32_t month = month_of_day(day);

    for (size_t i = 0; i < count; i++)
        if (closes[i].month >= month) {
            if (id_seq(id) <= closes[i].cut.seqs[id_bucket(id)])
                return month;
            month = closes[i].month + 1;
        }
    return month;
}
