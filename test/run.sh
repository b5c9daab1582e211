#!/usr/bin/env bash
# Runs every test: style, types, unit and contract tests, the recorded exchanges, and real containers. The last
# line counts them all.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0 skipped=0
trap 'rm -f "$log"' EXIT
runner=(node --test --test-reporter=spec --test-timeout=600000)
# What hangs is a failure, and the rest still runs.
patience=(timeout --foreground --kill-after=10 1500)
log=$(mktemp)

# Runs a suite and adds the counts that its runner prints.
suite() { # title command...
  local title=$1
  shift
  echo "== $title"
  local status=0
  "${patience[@]}" "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  local p f s
  p=$(sed -nE 's/^ℹ pass ([0-9]+)$/\1/p' "$log" | tail -n 1)
  f=$(sed -nE 's/^ℹ fail ([0-9]+)$/\1/p' "$log" | tail -n 1)
  s=$(sed -nE 's/^ℹ skipped ([0-9]+)$/\1/p' "$log" | tail -n 1)
  if [ -z "$p" ]; then
    # No test runner: the suite counts as one.
    if [ "$status" = 0 ]; then p=1 f=0; else p=0 f=1; fi
  elif [ "$status" != 0 ] && [ "${f:-0}" = 0 ]; then
    f=1
  fi
  passed=$((passed + p)) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
}

suite 'types' tsc -p .
suite 'lint' biome check --diagnostic-level=error packages tools test bench
suite 'imports' node tools/lint/imports.ts
suite 'generated files' node tools/generate/main.ts verify
suite 'unit and contract tests' "${runner[@]}" 'packages/**/*.test.ts' 'tools/**/*.test.ts'
suite 'recorded exchanges' node test/exchanges/run.ts
suite 'recorded exchanges over an etcd' node test/exchanges/run.ts --etcd --topic config,list,watch,patch-and-options,server-side-apply,workloads,namespaces-serviceaccounts
# Chance is the same in every run, so that a change is judged by what it changed; another seed looks elsewhere.
export COX_SEED="${COX_SEED:-1}"
# Longer, or again: COX_CRASHES, COX_SERVER_CRASHES, COX_CUTS, COX_HISTORIES and COX_SEED (a failure prints its own).
suite 'durability' "${runner[@]}" --test-concurrency=1 'test/durability/**/*.test.ts'
# Longer: COX_FUZZ_SECONDS.
suite 'hostile input' "${runner[@]}" --test-concurrency=1 'test/fuzz/**/*.test.ts'
suite 'end to end' "${runner[@]}" --test-concurrency=1 'test/e2e/**/*.test.ts'
suite 'conformance' "${runner[@]}" --test-concurrency=1 'test/conformance/**/*.test.ts'
suite 'kubectl side by side' "${runner[@]}" --test-concurrency=1 'test/kubectl/**/*.test.ts'
suite 'clients' "${runner[@]}" --test-concurrency=1 'test/clients/**/*.test.ts'

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
