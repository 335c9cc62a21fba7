#include "features/customers/name_key.h"

#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "features/customers/pinyin_table.h"

enum { NAME_UNITS_MAX = 4 * NAME_SIZE_MAX, NAME_WORDS_MAX = 8 };

/* Surnames that are not read as the word is. Two characters first: 单于 is not 单. */
static const struct {
    const char *surname, *reading;
} surname_readings[] = {
    {"尉迟", "yu chi"},    {"尉遲", "yu chi"},    {"单于", "chan yu"},   {"單于", "chan yu"},  {"万俟", "mo qi"},
    {"萬俟", "mo qi"},     {"长孙", "zhang sun"}, {"長孫", "zhang sun"}, {"澹台", "tan tai"},  {"澹臺", "tan tai"},
    {"欧阳", "ou yang"},   {"歐陽", "ou yang"},   {"司马", "si ma"},     {"司馬", "si ma"},    {"上官", "shang guan"},
    {"诸葛", "zhu ge"},    {"諸葛", "zhu ge"},    {"令狐", "ling hu"},   {"皇甫", "huang fu"}, {"东方", "dong fang"},
    {"東方", "dong fang"}, {"慕容", "mu rong"},   {"司徒", "si tu"},     {"公孙", "gong sun"}, {"公孫", "gong sun"},
    {"夏侯", "xia hou"},   {"轩辕", "xuan yuan"}, {"軒轅", "xuan yuan"}, {"宇文", "yu wen"},   {"独孤", "du gu"},
    {"獨孤", "du gu"},     {"南宫", "nan gong"},  {"南宮", "nan gong"},  {"西门", "xi men"},   {"西門", "xi men"},
    {"单", "shan"},        {"單", "shan"},        {"曾", "zeng"},        {"仇", "qiu"},        {"解", "xie"},
    {"区", "ou"},          {"區", "ou"},          {"朴", "piao"},        {"查", "zha"},        {"任", "ren"},
    {"盖", "ge"},          {"蓋", "ge"},          {"华", "hua"},         {"華", "hua"},        {"覃", "qin"},
    {"乐", "yue"},         {"樂", "yue"},         {"冼", "xian"},        {"洗", "xian"},       {"翟", "zhai"},
    {"繁", "po"},          {"员", "yun"},         {"員", "yun"},         {"种", "chong"},      {"种", "chong"},
    {"祭", "zhai"},        {"缪", "miao"},        {"繆", "miao"},        {"黑", "he"},         {"折", "she"},
    {"秘", "bi"},          {"召", "shao"},        {"莘", "shen"},        {"隗", "wei"},        {"牟", "mu"},
    {"句", "gou"},         {"谌", "chen"},        {"諶", "chen"},        {"尹", "yin"},        {"柏", "bai"},
    {"贾", "jia"},         {"賈", "jia"},         {"葛", "ge"},          {"宓", "mi"},         {"逄", "pang"},
    {"燕", "yan"},         {"宁", "ning"},        {"寧", "ning"},        {"叶", "ye"},         {"石", "shi"},
    {"车", "che"},         {"車", "che"},         {"那", "na"},          {"佴", "nai"},        {"重", "chong"},
};

/* Letters that no decomposition makes plain. */
static const struct {
    UChar letter;
    const char *plain;
} plain_letters[] = {{0xf8, "o"},   {0x142, "l"}, {0x111, "d"}, {0xf0, "d"},  {0xe6, "ae"},
                     {0x153, "oe"}, {0xfe, "th"}, {0x131, "i"}, {0x127, "h"}, {0x167, "t"}};

static struct text from_utf16(struct arena *arena, const UChar *units, int32_t count)
{
    char *bytes = arena_alloc(arena, (size_t)count * 3 + 1);
    int32_t size = 0;
    UErrorCode error = U_ZERO_ERROR;

    u_strToUTF8(bytes, count * 3 + 1, &size, units, count, &error);
    return U_SUCCESS(error) ? (struct text){bytes, (size_t)size} : (struct text){NULL, 0};
}

/* Case-folded, compatibility forms resolved, then decomposed, so that accents are characters of their own. */
static int32_t decompose(struct text name, UChar *out, int32_t capacity)
{
    UChar units[NAME_UNITS_MAX], folded[NAME_UNITS_MAX];
    int32_t count = 0;
    UErrorCode error = U_ZERO_ERROR;

    if (name.size > NAME_SIZE_MAX)
        name.size = NAME_SIZE_MAX;
    u_strFromUTF8WithSub(units, NAME_UNITS_MAX, &count, name.bytes, (int32_t)name.size, 0xfffd, NULL, &error);
    const UNormalizer2 *fold = unorm2_getNFKCCasefoldInstance(&error), *split = unorm2_getNFDInstance(&error);
    if (U_FAILURE(error))
        return 0;
    count = unorm2_normalize(fold, units, count, folded, NAME_UNITS_MAX, &error);
    count = U_SUCCESS(error) ? unorm2_normalize(split, folded, count, out, capacity, &error) : 0;
    return U_SUCCESS(error) ? count : 0;
}

static int32_t add_plain(UChar *out, int32_t size, UChar unit)
{
    for (size_t i = 0; i < sizeof plain_letters / sizeof plain_letters[0]; i++)
        if (plain_letters[i].letter == unit) {
            for (const char *c = plain_letters[i].plain; *c != '\0'; c++)
                out[size++] = (UChar)*c;
            return size;
        }
    out[size++] = unit;
    return size;
}

/* The words of a name, folded; returns how many. Words end at white space, hyphens, commas and middle dots. */
static size_t fold_words(struct arena *arena, struct text name, struct text words[NAME_WORDS_MAX])
{
    UChar units[2 * NAME_UNITS_MAX], word[4 * NAME_UNITS_MAX];
    int32_t count = decompose(name, units, 2 * NAME_UNITS_MAX), size = 0;
    size_t word_count = 0;

    for (int32_t i = 0; i <= count; i++) {
        UChar unit = i < count ? units[i] : ' ';
        bool ends =
            u_isUWhiteSpace(unit) || unit == '-' || unit == ',' || unit == 0xb7 || unit == 0x30fb || unit == 0x2010;
        if (ends && size > 0 && word_count < NAME_WORDS_MAX) {
            words[word_count++] = from_utf16(arena, word, size);
            size = 0;
        } else if (U16_IS_SURROGATE(unit) || u_isalnum(unit)) {
            size = add_plain(word, size, unit);
        }
    }
    return word_count;
}

static struct text join(struct arena *arena, const struct text *words, size_t count)
{
    struct builder builder = {.arena = arena};

    for (size_t i = 0; i < count; i++)
        builder_text(&builder, words[i]);
    return builder_done(&builder);
}

struct text name_fold(struct arena *arena, struct text name)
{
    struct text words[NAME_WORDS_MAX];

    return join(arena, words, fold_words(arena, name, words));
}

/* ---- Chinese ---- */

/* The character at `*position`, which moves on. Folded names are valid UTF-8. */
static uint32_t next_character(struct text text, size_t *position)
{
    unsigned char lead = (unsigned char)text.bytes[(*position)++];
    uint32_t character = lead < 0x80 ? lead : lead < 0xe0 ? lead & 0x1fu : lead < 0xf0 ? lead & 0x0fu : lead & 0x07u;

    while (*position < text.size && ((unsigned char)text.bytes[*position] & 0xc0) == 0x80)
        character = character << 6 | ((unsigned char)text.bytes[(*position)++] & 0x3fu);
    return character;
}

static const char *reading_of(uint32_t character)
{
    return character >= PINYIN_FIRST && character <= PINYIN_LAST ? pinyin_readings[character - PINYIN_FIRST] : "";
}

static bool has_chinese(struct text text)
{
    for (size_t i = 0; i < text.size;)
        if (reading_of(next_character(text, &i))[0] != '\0')
            return true;
    return false;
}

/* The bytes of the surname that `name` begins with, and its special reading or NULL. */
static size_t surname_of(struct text name, const char **reading)
{
    size_t first = 0;

    for (size_t i = 0; i < sizeof surname_readings / sizeof surname_readings[0]; i++)
        if (text_starts_with(name, text_from(surname_readings[i].surname))) {
            *reading = surname_readings[i].reading;
            return strlen(surname_readings[i].surname);
        }
    *reading = NULL;
    next_character(name, &first);
    return first;
}

static void add_syllables(const char *reading, struct builder *full, struct builder *initials)
{
    for (const char *c = reading; *c != '\0'; c++) {
        if (*c == ' ')
            continue;
        if (c == reading || c[-1] == ' ')
            builder_char(initials, *c);
        builder_char(full, *c);
    }
}

static void add_readings(struct text name, struct builder *full, struct builder *initials)
{
    for (size_t i = 0; i < name.size;) {
        size_t start = i;
        const char *reading = reading_of(next_character(name, &i));
        if (reading[0] != '\0') {
            add_syllables(reading, full, initials);
        } else {
            builder_bytes(full, name.bytes + start, i - start);
            builder_bytes(initials, name.bytes + start, i - start);
        }
    }
}

/* ---- all keys ---- */

struct key_list {
    struct text *keys;
    size_t count;
};

static void add_key(struct key_list *list, struct text key)
{
    if (key.size == 0 || list->count == NAME_KEYS_MAX)
        return;
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->keys[i], key))
            return;
    list->keys[list->count++] = key;
}

static void add_chinese(struct arena *arena, struct text name, struct key_list *list)
{
    const char *reading;
    size_t surname_size = surname_of(name, &reading);
    struct text surname = {name.bytes, surname_size};
    struct text given = {name.bytes + surname_size, name.size - surname_size};
    struct builder full = {.arena = arena}, initials = {.arena = arena};
    struct builder given_full = {.arena = arena}, given_initials = {.arena = arena};

    if (reading != NULL)
        add_syllables(reading, &full, &initials);
    else
        add_readings(surname, &full, &initials);
    add_readings(given, &given_full, &given_initials);
    builder_text(&full, builder_done(&given_full));
    builder_text(&initials, builder_done(&given_initials));
    add_key(list, builder_done(&full));
    add_key(list, builder_done(&initials));
    add_key(list, given);
    add_key(list, builder_done(&given_full));
    if (given_initials.size > 1)
        add_key(list, builder_done(&given_initials));
}

size_t name_keys(struct arena *arena, struct text name, struct text *keys)
{
    struct text words[NAME_WORDS_MAX];
    struct key_list list = {keys, 0};
    size_t count = fold_words(arena, name, words);
    struct text whole = join(arena, words, count);

    add_key(&list, whole);
    if (has_chinese(whole)) {
        add_chinese(arena, whole, &list);
        return list.count;
    }
    for (size_t i = 0; count > 1 && i < count; i++) {
        struct text turned[NAME_WORDS_MAX];
        for (size_t w = 0; w < count; w++)
            turned[w] = words[(i + w) % count];
        add_key(&list, join(arena, turned, count)); /* begins with word i, so it finds the word too */
    }
    return list.count;
}

/* ---- parts ---- */

struct text name_reading(struct arena *arena, struct text folded, bool family)
{
    const char *reading = NULL;
    struct builder full = {.arena = arena}, initials = {.arena = arena};

    if (!has_chinese(folded))
        return folded;
    if (family && surname_of(folded, &reading) == folded.size && reading != NULL)
        add_syllables(reading, &full, &initials);
    else
        add_readings(folded, &full, &initials);
    return builder_done(&full);
}

void name_split(struct arena *arena, struct text whole, struct text *family, struct text *given)
{
    struct text words[NAME_WORDS_MAX];
    size_t count = fold_words(arena, whole, words);
    const char *reading;

    *family = *given = (struct text){NULL, 0};
    if (count == 0)
        return;
    if (has_chinese(words[0])) {
        struct text folded = join(arena, words, count);
        size_t size = surname_of(folded, &reading);
        *family = (struct text){folded.bytes, size};
        *given = (struct text){folded.bytes + size, folded.size - size};
        return;
    }
    *family = words[count - 1];
    *given = join(arena, words, count - 1);
}
