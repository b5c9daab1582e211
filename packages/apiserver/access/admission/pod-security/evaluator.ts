import type { Check, PodLike, Rule, VersionedRule, Violation } from './check.ts';
import { contextChecks } from './context-checks.ts';
import { hostChecks } from './host-checks.ts';
import type { LevelVersion } from './policy.ts';
import { restrictedChecks } from './restricted-checks.ts';

/** In the order in which faults are told. */
const baseline = sorted([...hostChecks, ...contextChecks]);
const restricted = sorted(restrictedChecks);

/** The release of the newest rule: those after it ask the same. */
const newest = Math.max(
  ...[...baseline, ...restricted].flatMap(({ versions }) => versions.map(({ since }) => since)),
);

/** What each level of each release asks, made when it is first asked for. */
const rules = new Map<string, readonly Rule[]>();

/** Every rule of a level that a pod breaks, in upstream's order. */
export function brokenRules({ level, version }: LevelVersion, pod: PodLike): Violation[] {
  if (level === 'privileged') return [];
  const release = version === 'latest' ? newest : Math.min(Number(version.slice('v1.'.length)), newest);
  const key = `${level} ${release}`;
  let known = rules.get(key);
  if (known === undefined) {
    known = level === 'baseline' ? rulesOf(baseline, release) : restrictedRules(release);
    rules.set(key, known);
  }
  return known.flatMap((rule) => rule(pod) ?? []);
}

function restrictedRules(release: number): readonly Rule[] {
  const overridden = new Set(restricted.flatMap((check) => ruleOf(check, release)?.overrides ?? []));
  const left = baseline.filter(({ id }) => !overridden.has(id));
  return rulesOf([...left, ...restricted], release);
}

function rulesOf(checks: readonly Check[], release: number): readonly Rule[] {
  return checks.flatMap((check) => ruleOf(check, release)?.rule ?? []);
}

function ruleOf({ versions }: Check, release: number): VersionedRule | undefined {
  return versions.findLast(({ since }) => since <= release);
}

function sorted(checks: readonly Check[]): readonly Check[] {
  return [...checks].sort((a, b) => (a.id < b.id ? -1 : 1));
}
