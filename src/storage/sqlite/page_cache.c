/* page_cache.c: SQLite's own page cache, but for a search that finds nothing. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "storage/sqlite/sqlite.h"

/*
 * After each commit SQLite drops the pages behind the end of the database, of which there are none. Its cache remembers the
 * largest number of a page; but to bring neighbours in order, SQLite gives one of them for a moment a number far behind the
 * end, after which every commit searched the whole cache. Here that moment is forgotten as soon as it is over.
 */
struct cache {
    sqlite3_pcache *pages; /* of the cache that does the work */
    unsigned last;         /* no page but `aside` has a larger number */
    unsigned aside;        /* the page out of the way at the moment, or 0 */
};

static sqlite3_pcache_methods2 own;

static struct cache *cache_of(sqlite3_pcache *cache)
{
    return (struct cache *)cache;
}

static sqlite3_pcache *cache_create(int page_bytes, int extra_bytes, int purgeable)
{
    struct cache *cache = calloc(1, sizeof *cache);

    if (cache != NULL)
        cache->pages = own.xCreate(page_bytes, extra_bytes, purgeable);
    if (cache == NULL || cache->pages == NULL) {
        free(cache);
        return NULL;
    }
    return (sqlite3_pcache *)cache;
}

static void cache_resize(sqlite3_pcache *cache, int pages)
{
    own.xCachesize(cache_of(cache)->pages, pages);
}

static int cache_count(sqlite3_pcache *cache)
{
    return own.xPagecount(cache_of(cache)->pages);
}

static sqlite3_pcache_page *cache_fetch(sqlite3_pcache *cache, unsigned number, int create)
{
    struct cache *known = cache_of(cache);

    if (create != 0 && number > known->last)
        known->last = number;
    return own.xFetch(known->pages, number, create);
}

static void cache_unpin(sqlite3_pcache *cache, sqlite3_pcache_page *page, int discard)
{
    own.xUnpin(cache_of(cache)->pages, page, discard);
}

static void cache_rekey(sqlite3_pcache *cache, sqlite3_pcache_page *page, unsigned from, unsigned to)
{
    struct cache *known = cache_of(cache);

    own.xRekey(known->pages, page, from, to);
    if (from == known->aside)
        known->aside = 0;
    if (to > known->last && known->aside == 0)
        known->aside = to;
    else if (to > known->last)
        known->last = to;
}

static void cache_truncate(sqlite3_pcache *cache, unsigned limit)
{
    struct cache *known = cache_of(cache);

    if (limit > known->last && known->aside == 0)
        return;
    own.xTruncate(known->pages, limit);
    if (limit <= known->last)
        known->last = limit > 0 ? limit - 1 : 0;
    if (limit <= known->aside)
        known->aside = 0;
}

static void cache_destroy(sqlite3_pcache *cache)
{
    own.xDestroy(cache_of(cache)->pages);
    free(cache);
}

static void cache_shrink(sqlite3_pcache *cache)
{
    own.xShrink(cache_of(cache)->pages);
}

static void configure(void)
{
    if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &own) != SQLITE_OK || own.xRekey == NULL)
        return;
    sqlite3_pcache_methods2 methods = own;
    methods.xCreate = cache_create;
    methods.xCachesize = cache_resize;
    methods.xPagecount = cache_count;
    methods.xFetch = cache_fetch;
    methods.xUnpin = cache_unpin;
    methods.xRekey = cache_rekey;
    methods.xTruncate = cache_truncate;
    methods.xDestroy = cache_destroy;
    methods.xShrink = cache_shrink;
    sqlite3_config(SQLITE_CONFIG_PCACHE2,
                   &methods); /* refused when SQLite is at work already, which is slower and as right */
}

void sqlite_configure_cache(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, configure);
}
