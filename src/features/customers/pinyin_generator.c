/* pinyin_generator.c: writes the table of readings of Chinese characters (pinyin_table.c) from the data of ICU. */
#include <stdio.h>
#include <string.h>

#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "features/customers/pinyin_table.h"

enum { READING_SIZE = 16 };

/* The reading in lower-case letters; "" when the character has none. */
static void reading_of(UTransliterator *transliterator, UChar character, char out[READING_SIZE])
{
    UChar text[64] = {character};
    int32_t length = 1, limit = 1;
    UErrorCode error = U_ZERO_ERROR;
    size_t size = 0;

    utrans_transUChars(transliterator, text, &length, 64, 0, &limit, &error);
    for (int32_t i = 0; U_SUCCESS(error) && i < length && size + 1 < READING_SIZE; i++) {
        if (text[i] < 'a' || text[i] > 'z')
            break;
        out[size++] = (char)text[i];
    }
    out[size] = '\0';
}

int main(void)
{
    UChar id[64];
    UErrorCode error = U_ZERO_ERROR;

    u_uastrcpy(id, "Han-Latin; Latin-ASCII; Lower");
    UTransliterator *transliterator = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &error);
    if (U_FAILURE(error)) {
        fprintf(stderr, "pinyin_generator: %s\n", u_errorName(error));
        return 1;
    }
    printf("#include \"features/customers/pinyin_table.h\"\n\n");
    printf("const char pinyin_readings[PINYIN_LAST - PINYIN_FIRST + 1][8] = {\n");
    for (int character = PINYIN_FIRST; character <= PINYIN_LAST; character++) {
        char reading[READING_SIZE];
        reading_of(transliterator, (UChar)character, reading);
        printf("\"%.7s\",%c", reading, character % 16 == 15 ? '\n' : ' ');
    }
    printf("};\n");
    utrans_close(transliterator);
    return 0;
}
