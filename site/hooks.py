"""Makes the site's pages from what is in the repository.

- The pages of the root (README.md and its like) become pages of the site.
- docs/rules.md has all rules and docs/drift.md a table of all findings; here each has a page of its own, and the pages
  that list them link there.
- Links to what is not a page of the site lead to the repository.
"""

import re
from pathlib import Path

from mkdocs.structure.files import File

TOP = Path(__file__).resolve().parent.parent
ROOT_PAGES = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
RULE = re.compile(r"^### `([a-z-]+)`\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
FINDING = re.compile(r"^\| `([a-z-]+)` \| (.*) \|$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def text(name):
    return (TOP / name).read_text(encoding="utf-8")


def rules():
    """The code and the section of every rule."""
    return RULE.findall(text("docs/rules.md"))


def findings():
    """The code of every finding of `drift`, and what it means."""
    return FINDING.findall(text("docs/drift.md").split("\n## Codes\n")[1])


def title_of(section):
    return re.search(r"\*\*(.*?)\*\*", section).group(1)


def finding_page(code, meaning):
    return f"""# `{code}`

{meaning}

This is a finding of [`composegen drift`](../drift.md), which compares a live host with its Compose file. Each finding
says what was expected, what was found, what `docker compose up -d` would do about it, and the command that fixes it.

- Report only findings with this code: `composegen drift --code {code}`
- Explain it in a terminal: `composegen rules {code}`
- Ignore it for a time, with a reason: in the spec of the host, or below `x-composegen` of a plain Compose file

```yaml
ignore:
  - code: {code}
    resource: NAME
    reason: why it may differ
    until: 2027-01-31
```

[How findings are ignored](../drift.md#ignore-a-finding) has all fields.
"""


def on_files(files, config):
    def add(path, content):
        files.append(File.generated(config, path, content=content))

    for name, page in ROOT_PAGES.items():
        add(page, text(name))
    listed = ["# Findings of `drift`", "", "| Code | Meaning |", "|---|---|"]
    for code, meaning in findings():
        add(f"findings/{code}.md", finding_page(code, meaning))
        listed.append(f"| [`{code}`](findings/{code}.md) | {meaning} |")
    add("findings.md", "\n".join(listed) + "\n")
    for code, section in rules():
        add(f"rules/{code}.md", f"# `{code}`\n{section}")
    return files


def on_page_markdown(markdown, page, config, files):
    source = page.file.src_uri
    # a comment is left, since it divides blocks of code
    markdown = re.sub(r"^<!-- console: .*? -->$", "<!-- -->", markdown, flags=re.MULTILINE)
    if source == "rules.md":
        markdown = RULE.sub(lambda rule: f"- [`{rule[1]}`](rules/{rule[1]}.md): {title_of(rule[2])}\n", markdown)
    in_root = source in ROOT_PAGES.values()

    def target(link):
        where, _, anchor = link.partition("#")
        if not where or re.match(r"[a-z]+:", where) or source.startswith(("rules/", "findings/")):
            return link
        # as it is meant in the repository
        path = where if in_root else (Path("docs") / where).as_posix()
        path = re.sub(r"[^/]+/\.\./", "", path)
        anchor = f"#{anchor}" if anchor else ""
        if path in ROOT_PAGES:
            return ROOT_PAGES[path] + anchor
        if path.startswith("docs/") and files.get_file_from_path(path[5:]):
            return path[5:] + anchor
        return f"{config.repo_url}/blob/main/{path.rstrip('/')}{anchor}"

    return LINK.sub(lambda link: f"]({target(link[1])})", markdown)
