#!/usr/bin/python3
"""What the program carries with it, as C, so that it needs no files beside it.

    embed.py OUTPUT FOLDER          the ready programmes of FOLDER as one table
    embed.py OUTPUT FILE VARIABLE   one file as a text
"""
import sys
from pathlib import Path

FILES = ["about.json", "programme.json", "definitions.jsonl", "receipt.json", "terms.en.md", "terms.zh-CN.md", "terms.zh-TW.md"]


def array(variable, content):
    """The bytes of a text and a zero after them."""
    return f"const char {variable}[] = {{{','.join(str(byte - 256 if byte > 127 else byte) for byte in content + bytes(1))}}};"


def embed_file(output, file, variable):
    lines = [f"/* Made by tools/embed.py of {file.name}. */", f"extern const char {variable}[];", array(variable, file.read_bytes())]
    output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def embed_programmes(output, folder):
    lines = ["/* Made by tools/embed.py of the folder programmes. */", '#include "features/library/library.h"', ""]
    table = []
    for programme in sorted(path for path in folder.iterdir() if path.is_dir()):
        name = programme.name.replace("-", "_")
        texts = []
        for file in FILES:
            content = (programme / file).read_bytes()
            variable = f"{name}_{file.replace('.', '_').replace('-', '_')}"
            lines += ["static " + array(variable, content)]
            texts.append(f"{{{variable}, {len(content)}}}")
        table.append(f'    {{"{programme.name}", {", ".join(texts[:4])}, {{{", ".join(texts[4:])}}}}},')
    lines += ["", "const struct ready_programme ready_programmes[] = {", *table, "};",
              "const size_t ready_programme_count = sizeof ready_programmes / sizeof ready_programmes[0];"]
    output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    output, source = Path(sys.argv[1]), Path(sys.argv[2])
    if len(sys.argv) == 4:
        embed_file(output, source, sys.argv[3])
    else:
        embed_programmes(output, source)


main()
