#!/usr/bin/env bash
# Writes one comment in a pull request, and writes it again with each push: what a deployment of it would do.
set -euo pipefail

marker="<!-- composegen plan -->"
comment=$RUNNER_TEMP/composegen-plan.md

# What a pull request changes of Compose files without specs is seen in the diff.
if [ ! -d environments ]; then
    echo "::notice::composegen writes no plan: there are no specs (environments/)"
    exit 0
fi

# Of a shallow clone, the base is missing.
git cat-file -e "$BASE^{commit}" 2>/dev/null || git fetch --quiet --depth 1 origin "$BASE"
status=0
composegen plan --rev "$BASE" --format markdown >"$RUNNER_TEMP/plan.md" || status=$?
if [ "$status" -gt 1 ]; then exit "$status"; fi
{
    echo "$marker"
    cat "$RUNNER_TEMP/plan.md"
} >"$comment"
cat "$RUNNER_TEMP/plan.md" >>"$GITHUB_STEP_SUMMARY"

comments=repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments
# A pull request from a fork has a token that cannot write.
# shellcheck disable=SC2016 # a variable of jq
filter='[.[] | select(.user.type == "Bot" and (.body | startswith($marker))) | .id] | first // empty'
old=$(gh api --paginate "$comments" | jq -r --slurp --arg marker "$marker" "add | $filter")
if [ -n "$old" ]; then
    write=(gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$old" -F "body=@$comment")
else
    write=(gh api --silent --method POST "$comments" -F "body=@$comment")
fi
"${write[@]}" || echo "::notice::composegen cannot write a comment here (a pull request from a fork?); the summary has the plan"
