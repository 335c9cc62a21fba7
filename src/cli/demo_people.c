#include "cli/demo_people.h"

#include <stdio.h>
#include <string.h>

#include "cli/demo.h"

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

const struct demo_store demo_stores[DEMO_STORES] = {
    {"SH-BUND", "Harbour & Pine Café, Shanghai Bund 港松外滩咖啡", "Asia/Shanghai", "Shanghai", 180, false},
    {"SH-JINGAN", "Harbour & Pine Café, Jing'an 港松静安咖啡", "Asia/Shanghai", "Shanghai", 180, false},
    {"HZ-LAKE", "Harbour & Pine Café, West Lake 港松西湖咖啡", "Asia/Shanghai", "Hangzhou", 180, false},
    {"TP-DAAN", "Harbour & Pine Café, Daan 港松大安咖啡", "Asia/Taipei", "Taipei", 180, false},
    {"SH-HOTEL", "Harbour & Pine Hotel, Shanghai 港松上海酒店", "Asia/Shanghai", "Shanghai", 240, true},
    {"HZ-HOTEL", "Harbour & Pine Hotel, Hangzhou 港松杭州酒店", "Asia/Shanghai", "Hangzhou", 240, true},
};

/* Common names, put together at random. */
static const char *const families[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙",
                                       "胡", "朱", "高", "林", "何", "郭", "马", "罗", "梁", "宋", "郑", "谢",
                                       "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅"};
static const char *const families_traditional[] = {"陳", "林", "黃", "張", "李", "王", "吳", "劉", "蔡",
                                                   "楊", "許", "鄭", "謝", "郭", "洪", "曾", "邱", "廖"};
static const char *const letters_female[] = {"婷", "雪", "慧", "敏", "静", "丽", "娟", "芳", "颖", "琳",
                                             "佳", "怡", "欣", "梦", "雨", "晓", "月", "诗", "思", "洁"};
static const char *const letters_male[] = {"伟", "强", "磊", "军", "杰", "涛", "明", "超", "勇", "鹏",
                                           "浩", "宇", "晨", "文", "博", "志", "俊", "凯", "翔", "建"};
static const char *const given_female[] = {"Emma",  "Olivia", "Grace", "Alice", "Hannah", "Clara",  "Ruth", "Nora",
                                           "Julia", "Maya",   "Helen", "Iris",  "Lucy",   "Sophie", "Zoe",  "Ivy"};
static const char *const given_male[] = {"James", "Oliver", "Henry", "Leo",  "Samuel", "Thomas", "Daniel", "Oscar",
                                         "Hugo",  "Simon",  "Felix", "Adam", "Peter",  "Martin", "Victor", "Noah"};
static const char *const families_english[] = {"Smith",  "Brown",  "Taylor", "Wilson", "Clark", "Walker",
                                               "Hall",   "Young",  "Wright", "Hill",   "Green", "Baker",
                                               "Turner", "Parker", "Cook",   "Bell"};

/* 555-0100 to 555-0199 of any area is kept for fiction. */
static const int areas[] = {201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219,
                            224, 225, 228, 229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267,
                            269, 270, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309, 310, 312, 313, 314};

static const char *pick(struct demo_random *random, const char *const *list, int count)
{
    return list[demo_random_below(random, count)];
}

static void make_name(struct demo_random *random, struct demo_person *person)
{
    bool female = demo_random_chance(random, 5200);
    person->gender = female ? "female" : "male";
    if (demo_random_chance(random, 2200)) {
        person->language = "en";
        snprintf(person->given, sizeof person->given, "%s",
                 female ? pick(random, given_female, COUNT(given_female))
                        : pick(random, given_male, COUNT(given_male)));
        snprintf(person->family, sizeof person->family, "%s", pick(random, families_english, COUNT(families_english)));
        snprintf(person->display, sizeof person->display, "%s %s", person->given, person->family);
        return;
    }
    bool traditional = strcmp(demo_stores[person->home].region, "Taipei") == 0;
    person->language = traditional ? "zh-Hant" : "zh-Hans";
    const char *const *letters = female ? letters_female : letters_male;
    bool two = demo_random_chance(random, 7500);
    const char *first = pick(random, letters, COUNT(letters_female));
    const char *second = two ? pick(random, letters, COUNT(letters_female)) : "";
    snprintf(person->given, sizeof person->given, "%s%s", first, second);
    snprintf(person->family, sizeof person->family, "%s",
             traditional ? pick(random, families_traditional, COUNT(families_traditional))
                         : pick(random, families, COUNT(families)));
    snprintf(person->display, sizeof person->display, "%s%s", person->family, person->given);
}

/* Regulars, now-and-then guests, travellers, and those who tried it once: with very different rates. */
static void make_habits(struct demo_random *random, struct demo_person *person)
{
    static const struct {
        int share, visits, stays, redeems; /* per 10,000 */
        bool weekends;
    } habits[] = {
        {900, 1900, 10, 900, false}, {2400, 480, 12, 600, false}, {2700, 190, 15, 400, true},
        {1000, 60, 110, 700, false}, {3000, 55, 4, 200, true},
    };
    int at = demo_random_below(random, 10000);
    size_t kind = 0;
    while (kind + 1 < sizeof habits / sizeof habits[0] && at >= habits[kind].share)
        at -= habits[kind++].share;
    person->visits_per_10000 = habits[kind].visits * (84 + demo_random_below(random, 112)) / 100;
    person->stays_per_10000 = habits[kind].stays;
    person->redeems_per_10000 = habits[kind].redeems;
    person->weekends = habits[kind].weekends;
    person->joined = demo_random_chance(random, 4500) ? 0 : demo_random_below(random, DEMO_DAYS - 5);
    person->left = DEMO_DAYS;
    if (demo_random_chance(random, 2800))
        person->left = person->joined + demo_random_below(random, DEMO_DAYS - person->joined);
}

void demo_person_make(uint64_t seed, int index, struct demo_person *out)
{
    static const char *const domains[] = {"example.com", "example.org", "example.net"};
    struct demo_random random = {seed ^ ((uint64_t)index * UINT64_C(0xD1342543DE82EF95) + 1)};
    demo_random_next(&random);
    *out = (struct demo_person){.home = demo_random_below(&random, DEMO_CAFES)};
    make_name(&random, out);
    make_habits(&random, out);
    snprintf(out->external, sizeof out->external, "HP%05d", index + 1);
    snprintf(out->card, sizeof out->card, "8800%08d", index + 1);
    if (demo_random_chance(&random, 8000))
        snprintf(out->phone, sizeof out->phone, "+1%d55501%02d", areas[index / 100 % COUNT(areas)], index % 100);
    if (demo_random_chance(&random, 5500))
        snprintf(out->email, sizeof out->email, "member%d@%s", index + 1, pick(&random, domains, COUNT(domains)));
    if (demo_random_chance(&random, 7000))
        snprintf(out->birthday, sizeof out->birthday, "%04d-%02d-%02d", 1950 + demo_random_below(&random, 56),
                 1 + demo_random_below(&random, 12), 1 + demo_random_below(&random, 28));
}
