"""The help's pages: Markdown files and the page of keys, with an index and a search. No widgets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import resources
from ui.actions import GROUPS
from ui.shell.keymap import KeyMap

INDEX: Final = "index"
KEYS: Final = "keys"
_FIRST: Final = (INDEX, "window", KEYS)
_EXCERPT: Final = 90


@dataclass(frozen=True)
class Hit:
    """A place where the search found all words."""

    page: str
    title: str
    excerpt: str


class HelpPages:
    """All pages, read when they are first asked for.

    Attributes:
        folder: where they and their pictures are.
    """

    def __init__(self, keymap: KeyMap, folder: Path | None = None) -> None:
        self._keymap = keymap
        self.folder = folder or resources.path("help")
        self._texts: dict[str, str] = {}

    @property
    def names(self) -> list[str]:
        """The names of all pages: the index, the window, the keys, then by title."""
        found = {path.stem for path in self.folder.glob("*.md")} | {KEYS}
        rest = sorted(found - set(_FIRST), key=self.title)
        return [name for name in _FIRST if name in found] + rest

    def text(self, name: str) -> str:
        """Return a page as Markdown; of one that there is not, a page that says so."""
        if name == KEYS:
            return keys_page(self._keymap)
        if name not in self._texts:
            path = self.folder / f"{name}.md"
            if not re.fullmatch(r"[\w-]+", name) or not path.is_file():
                return f"# No such page\n\nThere is no page {name!r}. [All pages](index.md)\n"
            self._texts[name] = path.read_text(encoding="utf-8")
        text = self._texts[name]
        return text + self._contents() if name == INDEX else text

    def _contents(self) -> str:
        """Return links to the pages that the index does not name by itself."""
        written = self._texts[INDEX]
        others = [name for name in self.names if name != INDEX and f"({name}.md)" not in written]
        return "".join(["\n\n", *(f"- [{self.title(name)}]({name}.md)\n" for name in others)])

    def title(self, name: str) -> str:
        """Return a page's title: its first heading."""
        if name == KEYS:
            return "Keys"
        for line in self._read(name).splitlines():
            if line.startswith("# "):
                return line[2:].strip()
        return name.replace("_", " ").capitalize()

    def _read(self, name: str) -> str:
        if name not in self._texts and (self.folder / f"{name}.md").is_file():
            self._texts[name] = (self.folder / f"{name}.md").read_text(encoding="utf-8")
        return self._texts.get(name, "")

    def search(self, typed: str) -> list[Hit]:
        """Return the pages that hold every word of `typed`; those with it in their title first."""
        words = typed.lower().split()
        if not words:
            return []
        hits = []
        for name in self.names:
            text = self.text(name)
            lowered = text.lower()
            if all(word in lowered for word in words):
                title = self.title(name)
                rank = sum(word not in title.lower() for word in words)
                hits.append((rank, Hit(name, title, _excerpt(text, words))))
        hits.sort(key=lambda hit: hit[0])
        return [hit for _, hit in hits]


def _excerpt(text: str, words: Sequence[str]) -> str:
    """Return the first line that holds a word, without marks."""
    for line in text.splitlines():
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line)
        plain = re.sub(r"[#*`|]+", " ", plain).strip()
        plain = re.sub(r"\s+", " ", plain)
        if any(word in plain.lower() for word in words):
            return plain if len(plain) <= _EXCERPT else f"{plain[: _EXCERPT - 1]}…"
    return ""


def keys_page(keymap: KeyMap) -> str:
    """Return the page of all keys that are in force."""
    lines = ["# Keys", ""]
    change = keymap.first("keys")
    lines += [
        f"Every key can be changed ({change}, or *Change keys* in the menu). A key that sends"
    ]
    lines += ["something always needs Ctrl, Alt or Meta.", ""]
    for group in GROUPS:
        lines += [f"## {group}", "", "| key | does |", "|---|---|"]
        for action in keymap.actions:
            if action.group != group:
                continue
            keys = ", ".join(f"**{key}**" for key in keymap.keys(action.name)) or "–"
            changed = " *(changed)*" if keymap.is_changed(action.name) else ""
            lines.append(f"| {keys} | {action.title}{changed} |")
        lines.append("")
    lines.append("[The main window](window.md) · [All pages](index.md)")
    return "\n".join(lines) + "\n"
