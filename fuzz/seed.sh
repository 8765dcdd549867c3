#!/bin/sh
# Fills the corpora of the fuzz targets (fuzz/corpus) from fuzz/seeds and from the fixtures of the tests.
# shellcheck disable=SC2030,SC2031 # each pipeline counts for itself
set -eu
cd "$(dirname "$0")"
fixtures=../tests/fixtures

# copy TARGET FILE…: copies files, each under a name made of its path
copy() {
  target=corpus/$1
  mkdir -p "$target"
  shift
  for file; do
    [ -f "$file" ] || continue
    cp "$file" "$target/seed-$(printf %s "$file" | tr -c 'A-Za-z0-9.\n' -)"
  done
}

for folder in seeds/*; do
  copy "$(basename "$folder")" "$folder"/*
done
copy spec $fixtures/*/environments/*.yaml ../environments/*.yaml
find $fixtures/*/templates ../templates -name '*.j2' | while read -r file; do copy template "$file"; done
find $fixtures/compose $fixtures/trade $fixtures/live $fixtures/engines -name '*.y*ml' -size -32k |
  while read -r file; do copy compose "$file"; done
copy snapshot $fixtures/hosts/*.json

# What stands after `ports:` and `volumes:`, and every line with a variable.
mkdir -p corpus/engine corpus/interpolation corpus/ports_volumes
lines() { find $fixtures/compose $fixtures/trade -name '*.y*ml' -exec cat {} +; }
number=0
lines | sed -n 's/^ *- *"\{0,1\}\([^ "]*:[^ "]*\)"\{0,1\}$/\1/p' | sort -u | while read -r line; do
  number=$((number + 1))
  printf %s "$line" > corpus/ports_volumes/seed-line-$number
done
lines | grep -F '$' | sort -u | while read -r line; do
  number=$((number + 1))
  printf %s "$line" > corpus/interpolation/seed-line-$number
done

# Each answer of an engine, after the number of its request among those of Docker 26.1.
python3 - <<'PYTHON'
import json, pathlib
fixtures = pathlib.Path("../tests/fixtures/engines")
requests = sorted(json.loads((fixtures / "docker-26.1.json").read_text()))
for file in sorted(fixtures.glob("*.json")):
    for request, answer in json.loads(file.read_text()).items():
        known = [r for r in requests if r == request or r.split("/")[1] == request.split("/")[1] and r.count("/") == request.count("/")]
        for at in {requests.index(r) for r in known}:
            name = f"seed-{file.stem}-{at}-{sorted(known).index(requests[at])}-{len(request)}"
            text = json.dumps(answer, separators=(",", ":"))
            pathlib.Path("corpus/engine", name).write_text(chr(ord("0") + at) + text)
PYTHON
