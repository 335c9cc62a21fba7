/* Any bytes as a file to import: the first byte chooses the options, the rest is the file. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "features/exchange/reader.h"

enum { FILE_NAME_SIZE = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct reader_options *options)
{
    struct reader *reader = NULL;
    struct record record = {0};
    bool end = false;
    if (reader_open(options, &reader, NULL) != STATUS_OK)
        return;
    while (!end) {
        enum status status = reader_next(reader, &record, &end, NULL);
        if (status != STATUS_OK && status != STATUS_INVALID)
            break;
        for (size_t i = 0; status == STATUS_OK && !end && i < record.field_count; i++)
            if (!text_is_utf8(record.fields[i]))
                abort(); /* rows are promised to be valid */
    }
    reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = {0, ',', ';', '\t'};
    if (size == 0)
        return 0;

    int file = memfd_create("table", 0);
    char path[FILE_NAME_SIZE];
    if (file < 0 || write(file, data + 1, size - 1) != (ssize_t)(size - 1))
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    read_all(&(struct reader_options){
        .path = path,
        .format = (enum reader_format)(data[0] & 3),
        .header = (enum reader_header)((data[0] >> 2) % 3),
        .delimiter = delimiters[(data[0] >> 4) & 3],
    });
    close(file);
    return 0;
}
