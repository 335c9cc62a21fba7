#include "features/exchange/mapping.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum { ALIASES_MAX = 16 };
enum {
    P = 1 << IMPORT_PURCHASES,
    M = 1 << IMPORT_MEMBERS,
    I = 1 << IMPORT_ITEMS,
    R = 1 << IMPORT_REASONS,
    B = 1 << IMPORT_BALANCES,
    T = 1 << IMPORT_TIERS,
    C = 1 << IMPORT_COUPONS,
    A = 1 << IMPORT_ANSWERS,
    N = 1 << IMPORT_CONSENTS,
    S = 1 << IMPORT_STAYS,
    TAKEN_OVER = B | T | C | A | N,
};

static const char *const kind_names[IMPORT_KINDS] = {"purchases", "members", "items",   "reasons",  "balances",
                                                     "tiers",     "coupons", "answers", "consents", "stays"};

/* What may be mapped, for which kinds, and the headers (letters and digits only, lower case) that mean it. */
static const struct target {
    const char *name;
    unsigned kinds;
    const char *about;
    const char *aliases[ALIASES_MAX];
} targets[IMPORT_FIELDS] = {
    [IMPORT_EXTERNAL] = {"external",
                         P | M | R | TAKEN_OVER | S,
                         "the customer's number in the system that the file comes from",
                         {"external", "externalid", "customer", "customerid", "customernumber", "household",
                          "householdid", "member", "memberid", "会员", "会员号", "会员编号", "會員編號", "客户编号",
                          "客戶編號", "顾客编号"}},
    [IMPORT_PHONE] = {"phone",
                      P | M | R | TAKEN_OVER | S,
                      "phone number",
                      {"phone", "phonenumber", "mobile", "mobilephone", "telephone", "tel", "手机", "手机号", "手機",
                       "手機號碼", "电话", "電話"}},
    [IMPORT_EMAIL] = {"email",
                      P | M | R | TAKEN_OVER | S,
                      "e-mail address",
                      {"email", "mail", "emailaddress", "邮箱", "电子邮箱", "電子郵件"}},
    [IMPORT_CARD] = {"card",
                     P | M | R | TAKEN_OVER | S,
                     "number of the member's card",
                     {"card", "cardnumber", "cardno", "loyaltycard", "卡号", "会员卡号", "卡號", "會員卡號"}},
    [IMPORT_OPENID] = {"openid", P | M | R | TAKEN_OVER | S, "WeChat openid", {"openid", "wechatopenid", "微信openid"}},
    [IMPORT_AT] = {"at",
                   P | R | A | N,
                   "day, or day and time, of the purchase, answer or consent; of a reason: now when absent",
                   {"at", "date", "datetime", "timestamp", "transactiontimestamp", "orderdate", "purchasedate",
                    "invoicedate", "日期", "时间", "交易时间", "下单时间", "日期时间", "交易日期", "交易時間",
                    "購買日期"}},
    [IMPORT_TIME] = {"time",
                     P | R | A | N,
                     "time of day, when the day stands alone",
                     {"time", "transtime", "timeofday", "时刻"}},
    [IMPORT_RECEIPT] = {"receipt",
                        P,
                        "number of the receipt: rows with the same one are lines of one purchase",
                        {"receipt", "receiptnumber", "receiptno", "basket", "basketid", "order", "orderid",
                         "ordernumber", "invoice", "invoiceno", "transactionid", "小票号", "订单号", "单号", "訂單編號",
                         "流水号"}},
    [IMPORT_TILL] = {"till", P, "till or terminal", {"till", "register", "terminal", "pos", "收银机", "款台", "機台"}},
    [IMPORT_STORE] = {"store",
                      P | M | B | A | S,
                      "code of the store; of a member: where they joined; of points: the one that issued them",
                      {"store", "storeid", "storecode", "shop", "shopid", "branch", "outlet", "门店", "店铺",
                       "门店编号", "門市", "分店"}},
    [IMPORT_CHANNEL] = {"channel",
                        P | A | N | S,
                        "channel, such as pos or web; of a consent: email, sms ...",
                        {"channel", "saleschannel", "渠道", "通路"}},
    [IMPORT_CURRENCY] = {"currency",
                         P | I,
                         "currency code, when it is not the programme's",
                         {"currency", "currencycode", "币种", "幣別"}},
    [IMPORT_AMOUNT] = {"amount",
                       P | S,
                       "what the purchase or line costs after discounts; of a stay: the whole bill",
                       {"amount", "total", "salesvalue", "sales", "dollars", "dollarvalue", "revenue", "value", "net",
                        "金额", "实付金额", "总额", "消费金额", "實付金額", "金額"}},
    [IMPORT_SKU] = {"sku",
                    P | I,
                    "number of the item",
                    {"sku", "product", "productid", "item", "itemid", "itemnumber", "article", "stockcode", "商品编号",
                     "商品编码", "货号", "商品編號"}},
    [IMPORT_CATEGORY] = {"category",
                         P | I,
                         "category of the item",
                         {"category", "productcategory", "department", "itemcategory", "group", "类别", "品类", "分类",
                          "類別"}},
    [IMPORT_QUANTITY] = {"quantity",
                         P,
                         "how many; 0 is valid",
                         {"quantity", "qty", "units", "count", "pieces", "numberofcds", "cds", "数量", "件数", "數量"}},
    [IMPORT_DISCOUNT] = {"discount",
                         P,
                         "discount already taken from the amount",
                         {"discount", "discountamount", "优惠", "折扣", "优惠金额", "折扣金額"}},
    [IMPORT_NAME] = {"name",
                     M | I,
                     "display name, or name of the item",
                     {"name", "fullname", "displayname", "productname", "itemname", "description", "producttype",
                      "姓名", "名称", "商品名称", "名稱", "商品名稱"}},
    [IMPORT_GIVEN_NAME] = {"given_name", M, "given name", {"givenname", "firstname", "forename", "名"}},
    [IMPORT_FAMILY_NAME] = {"family_name", M, "family name", {"familyname", "lastname", "surname", "姓"}},
    [IMPORT_GENDER] = {"gender", M, "female, male or other", {"gender", "sex", "性别", "性別"}},
    [IMPORT_BIRTHDAY] = {"birthday",
                         M,
                         "birthday",
                         {"birthday", "birthdate", "dateofbirth", "dob", "生日", "出生日期"}},
    [IMPORT_LANGUAGE] = {"language",
                         M,
                         "language code, such as zh-Hans",
                         {"language", "locale", "lang", "语言", "語言"}},
    [IMPORT_TAGS] = {"tags", M, "tags, separated by ; or |", {"tags", "labels", "标签", "標籤"}},
    [IMPORT_REGISTERED] = {"registered_at",
                           M,
                           "when the member joined",
                           {"registeredat", "registered", "joined", "joindate", "memberSince", "入会日期", "注册时间",
                            "入會日期"}},
    [IMPORT_REASON] = {"reason",
                       R,
                       "why the member left, in words; the cause is read from them unless it is given",
                       {"reason", "churnreason", "leavingreason", "why", "comment", "原因", "流失原因", "离开原因",
                        "流失原因说明"}},
    [IMPORT_CAUSE] = {"cause",
                      R,
                      "competition, incident, product, passive_service, ethics, price, moved or other",
                      {"cause", "churncause", "churncategory", "流失类别", "原因类别"}},
    [IMPORT_NOTE] = {"note", R, "more about it", {"note", "notes", "remark", "备注", "備註", "说明"}},
    [IMPORT_SOURCE] = {"source", R | N, "where it is known from: call, survey, case, form", {"source", "来源", "來源"}},
    [IMPORT_ID] = {"id",
                   (TAKEN_OVER & ~C) | S,
                   "number of the row in the system before: it is taken over once",
                   {"id", "lotid", "lot", "recordid", "rowid", "batch", "number", "编号", "批次", "批次号", "編號"}},
    [IMPORT_WALLET] = {"wallet",
                       B,
                       "points account; the programme's first spendable one when absent",
                       {"wallet", "account", "pointsaccount", "积分账户", "账户", "點數帳戶"}},
    [IMPORT_POINTS] = {"points",
                       B,
                       "points left; below 0: owed by the member",
                       {"points", "balance", "remaining", "amount", "pointsleft", "积分", "余额", "积分余额", "點數",
                        "餘額"}},
    [IMPORT_EARNED] = {"earned_at",
                       B,
                       "when they were earned; now when absent",
                       {"earnedat", "earned", "issuedat", "issued", "earneddate", "date", "获得日期", "入账日期",
                        "取得日期"}},
    [IMPORT_ACTIVE] = {"active_at", B, "from when on they may be spent", {"activeat", "activefrom", "生效日期"}},
    [IMPORT_EXPIRES] =
        {"expires_at",
         B,
         "the last day with them, or the first instant without; never; by the account's rule when absent",
         {"expiresat", "expires", "expiry", "expirydate", "expiration", "validuntil", "到期日", "有效期", "过期日期",
          "失效日期", "到期日期"}},
    [IMPORT_TIER] = {"tier",
                     T,
                     "code of the tier",
                     {"tier", "level", "status", "会员等级", "等级", "會員等級", "等級"}},
    [IMPORT_SINCE] = {"since",
                      T,
                      "when the member got it; now when absent",
                      {"since", "tiersince", "from", "start", "startdate", "升级日期", "开始日期", "開始日期"}},
    [IMPORT_FROM] = {"valid_from",
                     C,
                     "the first day on which it may be used",
                     {"validfrom", "from", "start", "startdate", "开始日期", "生效日期", "開始日期"}},
    [IMPORT_UNTIL] = {"until",
                      T | C,
                      "the last day with it, or the first instant without; never",
                      {"until", "validuntil", "tieruntil", "end", "enddate", "expires", "expiry", "到期日", "有效期至",
                       "到期日期", "结束日期", "結束日期"}},
    [IMPORT_PROGRESS] = {"progress",
                         T,
                         "qualifying so far in the period, in the unit of the tiers",
                         {"progress", "qualifying", "qualifyingpoints", "成长值", "升等點數"}},
    [IMPORT_TRIAL] = {"trial", T, "yes: given to try; it ends without a grace", {"trial", "istrial", "体验", "體驗"}},
    [IMPORT_GRACE] = {"grace", T, "yes: it is in its grace, until the end", {"grace", "isgrace", "宽限", "寬限"}},
    [IMPORT_CODE] = {"code",
                     C,
                     "code of the coupon",
                     {"code", "coupon", "couponcode", "voucher", "vouchercode", "券码", "优惠券", "優惠券", "券號"}},
    [IMPORT_VALUE] = {"value",
                      C | A,
                      "what the coupon gives, in words; what was answered, a number",
                      {"value", "answer", "score", "rating", "description", "benefit", "面值", "分数", "评分", "評分"}},
    [IMPORT_STATE] = {"state",
                      C | N,
                      "of a coupon: active, used or void; of a consent: granted or withdrawn",
                      {"state", "status", "consent", "状态", "狀態"}},
    [IMPORT_USES] = {"uses_left",
                     C,
                     "how often it may still be used; 1 when absent",
                     {"usesleft", "uses", "remaininguses", "剩余次数", "剩餘次數"}},
    [IMPORT_QUESTION] = {"question",
                         A,
                         "code of the question, such as nps",
                         {"question", "survey", "questioncode", "题目", "題目"}},
    [IMPORT_SCALE] = {"scale", A, "answers that could be given: 0-10, 1-5", {"scale", "range", "量表"}},
    [IMPORT_DIRECTION] = {"direction",
                          A,
                          "high or low: which end of the scale is best; high when absent",
                          {"direction", "best", "方向"}},
    [IMPORT_COMMENT] = {"comment",
                        A,
                        "what was said with it",
                        {"comment", "comments", "text", "remark", "评论", "留言", "評論"}},
    [IMPORT_PURPOSE] = {"purpose", N, "what for, such as marketing", {"purpose", "topic", "用途", "目的"}},
    [IMPORT_WORDING] = {"wording",
                        N,
                        "the words that were agreed to",
                        {"wording", "text", "consenttext", "文本", "條款"}},
    [IMPORT_PAYER] = {"payer",
                      S,
                      "who pays, when it is not the guest: an external number, or as card:4711",
                      {"payer", "payerid", "billto", "付款人"}},
    [IMPORT_ARRIVAL] = {"arrival",
                        S,
                        "day of arrival",
                        {"arrival", "arrivaldate", "checkin", "checkindate", "入住日期", "入住"}},
    [IMPORT_DEPARTURE] = {"departure",
                          S,
                          "day, or day and time, of departure; by the nights when absent",
                          {"departure", "departuredate", "checkout", "checkoutdate", "离店日期", "退房日期"}},
    [IMPORT_NIGHTS] = {"nights", S, "nights, when the departure is absent", {"nights", "roomnights", "晚数", "間夜"}},
    [IMPORT_RATE] = {"rate", S, "rate code", {"rate", "ratecode", "rateplan", "房价码", "房價碼"}},
    [IMPORT_PRICE] = {"price", I, "price", {"price", "listprice", "unitprice", "价格", "单价", "售价", "價格", "單價"}},
    [IMPORT_BRAND] = {"brand", I, "brand of the item", {"brand", "brandname", "品牌"}},
    [IMPORT_COST] = {"unit_cost",
                     P | I,
                     "what one costs the shop",
                     {"unitcost", "costprice", "成本", "成本价", "单位成本", "成本價", "單位成本"}},
    [IMPORT_TAX] = {"tax_rate",
                    P | I,
                    "rate of the tax that prices hold, such as 0.13 or 13%",
                    {"taxrate", "vatrate", "税率", "稅率"}},
};

const char *import_kind_name(enum import_kind kind)
{
    assert(kind < IMPORT_KINDS);

    return kind_names[kind];
}

bool import_kind_taken_over(enum import_kind kind)
{
    return (TAKEN_OVER & 1 << kind) != 0;
}

bool import_kind_from(struct text name, enum import_kind *out)
{
    for (int i = 0; i < IMPORT_KINDS; i++)
        if (text_equals(name, kind_names[i])) {
            *out = (enum import_kind)i;
            return true;
        }
    return false;
}

const char *import_field_name(enum import_field field)
{
    assert(field < IMPORT_FIELDS);

    return targets[field].name;
}

void mapping_describe(enum import_kind kind, struct builder *out)
{
    for (int i = 0; i < IMPORT_FIELDS; i++)
        if ((targets[i].kinds & 1U << kind) != 0)
            builder_format(out, "  %-14s %s\n", targets[i].name, targets[i].about);
}

void mapping_start(struct mapping *mapping, enum import_kind kind)
{
    *mapping = (struct mapping){.kind = kind};
    for (int i = 0; i < IMPORT_FIELDS; i++)
        mapping->columns[i] = -1;
}

static enum status find_target(const struct mapping *mapping, struct text name, int *out, struct error *err)
{
    for (int i = 0; i < IMPORT_FIELDS; i++)
        if (text_equals(name, targets[i].name) && (targets[i].kinds & 1U << mapping->kind) != 0) {
            *out = i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_INVALID, "mapping.field", "map", "%s have no field '%.*s'", kind_names[mapping->kind],
                     (int)name.size, name.bytes);
}

static enum status split_option(struct text option, struct text *name, struct text *value, struct error *err)
{
    const char *equals = option.size == 0 ? NULL : memchr(option.bytes, '=', option.size);
    if (equals == NULL || equals == option.bytes || option.size > MAPPING_OPTION_MAX)
        return error_set(err, STATUS_INVALID, "mapping.syntax", "map", "'%.*s' is not of the form field=value",
                         (int)option.size, option.bytes == NULL ? "" : option.bytes);
    size_t size = (size_t)(equals - option.bytes);
    *name = text_trim((struct text){option.bytes, size});
    *value = text_trim((struct text){equals + 1, option.size - size - 1});
    return STATUS_OK;
}

enum status mapping_set_column(struct mapping *mapping, struct arena *arena, struct text option, struct error *err)
{
    struct text name, value;
    int target = 0;
    enum status status = split_option(option, &name, &value, err);
    if (status == STATUS_OK)
        status = find_target(mapping, name, &target, err);
    if (status != STATUS_OK)
        return status;
    mapping->names[target] = text_copy(arena, value);
    mapping->named[target] = true;
    return STATUS_OK;
}

enum status mapping_set_constant(struct mapping *mapping, struct arena *arena, struct text option, struct error *err)
{
    struct text name, value;
    int target = 0;
    enum status status = split_option(option, &name, &value, err);
    if (status == STATUS_OK)
        status = find_target(mapping, name, &target, err);
    if (status != STATUS_OK)
        return status;
    mapping->constants[target] = text_copy(arena, value);
    return STATUS_OK;
}

/* Equal when punctuation and the case of ASCII letters are left out: "Basket ID" is "basket_id". */
static bool means(struct text header, const char *alias)
{
    size_t at = 0;
    for (size_t i = 0; i < header.size; i++) {
        unsigned char byte = (unsigned char)header.bytes[i];
        if (byte < 0x80 && !isalnum(byte))
            continue;
        if (alias[at] == '\0' || tolower(byte) != tolower((unsigned char)alias[at]))
            return false;
        at++;
    }
    return alias[at] == '\0';
}

static int find_column(struct text name, const struct text *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(columns[i], name))
            return (int)i;
    int64_t number = 0;
    if (text_to_integer(name, &number) && number >= 1 && number <= (int64_t)count)
        return (int)number - 1;
    return -1;
}

/* The first alias that any column has wins, so that "customer" comes before a mere "member". */
static int find_alias(const struct mapping *mapping, int field, const struct text *columns, size_t count)
{
    for (size_t a = 0; a < ALIASES_MAX && targets[field].aliases[a] != NULL; a++)
        for (size_t c = 0; c < count; c++) {
            bool taken = false;
            for (int other = 0; other < IMPORT_FIELDS; other++)
                taken |= mapping->columns[other] == (int)c;
            if (!taken && means(columns[c], targets[field].aliases[a]))
                return (int)c;
        }
    return -1;
}

static bool given(const struct mapping *mapping, enum import_field field)
{
    return mapping->columns[field] >= 0 || mapping->constants[field].size > 0;
}

static enum status check_required(const struct mapping *mapping, struct error *err)
{
    static const struct {
        enum import_kind kind;
        enum import_field field;
    } required[] = {
        {IMPORT_PURCHASES, IMPORT_AT},     {IMPORT_PURCHASES, IMPORT_AMOUNT}, {IMPORT_ITEMS, IMPORT_SKU},
        {IMPORT_BALANCES, IMPORT_POINTS},  {IMPORT_TIERS, IMPORT_TIER},       {IMPORT_COUPONS, IMPORT_CODE},
        {IMPORT_ANSWERS, IMPORT_QUESTION}, {IMPORT_ANSWERS, IMPORT_SCALE},    {IMPORT_ANSWERS, IMPORT_VALUE},
        {IMPORT_ANSWERS, IMPORT_AT},       {IMPORT_CONSENTS, IMPORT_CHANNEL}, {IMPORT_CONSENTS, IMPORT_PURPOSE},
        {IMPORT_CONSENTS, IMPORT_STATE},   {IMPORT_CONSENTS, IMPORT_AT},      {IMPORT_STAYS, IMPORT_ID},
        {IMPORT_STAYS, IMPORT_ARRIVAL}};
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (required[i].kind == mapping->kind && !given(mapping, required[i].field))
            return error_set(err, STATUS_INVALID, "mapping.required", "map",
                             "no column gives '%s': say --map %s=COLUMN", targets[required[i].field].name,
                             targets[required[i].field].name);
    if (mapping->kind == IMPORT_REASONS && !given(mapping, IMPORT_REASON) && !given(mapping, IMPORT_CAUSE))
        return error_set(err, STATUS_INVALID, "mapping.required", "map",
                         "no column gives the reason or its cause: say --map reason=COLUMN");
    bool of_members = mapping->kind == IMPORT_MEMBERS || mapping->kind == IMPORT_REASONS ||
                      mapping->kind == IMPORT_STAYS ||
                      (import_kind_taken_over(mapping->kind) && mapping->kind != IMPORT_COUPONS);
    if (!of_members)
        return STATUS_OK;
    for (int i = IMPORT_EXTERNAL; i <= IMPORT_OPENID; i++)
        if (given(mapping, (enum import_field)i))
            return STATUS_OK;
    return error_set(err, STATUS_INVALID, "mapping.required", "map",
                     "no column tells members apart: say --map external=COLUMN, phone, email, card or openid");
}

enum status mapping_resolve(struct mapping *mapping, const struct text *columns, size_t count, bool complete,
                            struct error *err)
{
    for (int i = 0; i < IMPORT_FIELDS; i++) {
        if (mapping->names[i].size == 0)
            continue;
        mapping->columns[i] = find_column(mapping->names[i], columns, count);
        if (mapping->columns[i] < 0 && complete)
            return error_set(err, STATUS_INVALID, "mapping.column", "map", "the file has no column '%.*s' for '%s'",
                             (int)mapping->names[i].size, mapping->names[i].bytes, targets[i].name);
    }
    for (int i = 0; i < IMPORT_FIELDS; i++)
        if (!mapping->named[i] && mapping->columns[i] < 0 && mapping->constants[i].size == 0 &&
            (targets[i].kinds & 1U << mapping->kind) != 0)
            mapping->columns[i] = find_alias(mapping, i, columns, count);
    return complete ? check_required(mapping, err) : STATUS_OK;
}

struct text mapping_value(const struct mapping *mapping, enum import_field field, const struct text *fields,
                          size_t field_count)
{
    static const char *const nothing[] = {"NA", "N/A", "NULL", "\\N"};
    int column = mapping->columns[field];
    if (column < 0)
        return mapping->constants[field];
    struct text value = (size_t)column < field_count ? text_trim(fields[column]) : (struct text){NULL, 0};
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        if (text_equals(value, nothing[i]))
            value = (struct text){NULL, 0};
    /* The apostrophe that our own exports put before what a spreadsheet would run. */
    if (value.size > 1 && value.bytes[0] == '\'' && strchr("=+-@", value.bytes[1]) != NULL)
        value = (struct text){value.bytes + 1, value.size - 1};
    return value.size > 0 ? value : mapping->constants[field];
}
