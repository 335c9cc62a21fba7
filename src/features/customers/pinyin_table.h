/* pinyin_table.h: the readings of Chinese characters; pinyin_generator.c writes pinyin_table.c at build time. */
#ifndef PATRON_FEATURES_CUSTOMERS_PINYIN_TABLE_H
#define PATRON_FEATURES_CUSTOMERS_PINYIN_TABLE_H

enum { PINYIN_FIRST = 0x3400, PINYIN_LAST = 0x9fff };

/* Of each character from PINYIN_FIRST to PINYIN_LAST, in lower-case letters; "" when it has none. */
extern const char pinyin_readings[PINYIN_LAST - PINYIN_FIRST + 1][8];

#endif
