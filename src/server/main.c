/* main.c: the program. */
#include "cli/cli.h"
#include "mathematics/special.h"

int main(int argc, char **argv)
{
    mathematics_start();
    return cli_main(argc, argv);
}
