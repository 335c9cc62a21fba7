#!/usr/bin/python3
"""embed.py OUTPUT FOLDER: the ready programmes of FOLDER as one C table, so that the program needs no files beside it."""
import sys
from pathlib import Path

FILES = ["about.json", "programme.json", "definitions.jsonl", "receipt.json", "terms.en.md", "terms.zh-CN.md", "terms.zh-TW.md"]


def main():
    output, folder = Path(sys.argv[1]), Path(sys.argv[2])
    lines = ["/* Made by tools/embed.py of the folder programmes. */", '#include "features/library/library.h"', ""]
    table = []
    for programme in sorted(path for path in folder.iterdir() if path.is_dir()):
        name = programme.name.replace("-", "_")
        texts = []
        for file in FILES:
            content = (programme / file).read_bytes()
            variable = f"{name}_{file.replace('.', '_').replace('-', '_')}"
            lines += [f"static const char {variable}[] = {{{','.join(str(byte - 256 if byte > 127 else byte) for byte in content + bytes(1))}}};"]
            texts.append(f"{{{variable}, {len(content)}}}")
        table.append(f'    {{"{programme.name}", {", ".join(texts[:4])}, {{{", ".join(texts[4:])}}}}},')
    lines += ["", "const struct ready_programme ready_programmes[] = {", *table, "};",
              "const size_t ready_programme_count = sizeof ready_programmes / sizeof ready_programmes[0];"]
    output.write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
