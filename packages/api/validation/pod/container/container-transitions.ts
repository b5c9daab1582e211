import { forbidden } from '@coxswain/machinery';
import { type Errors, type Json, statusPath } from '../../values.ts';

/** Statuses and the containers that they are about; ephemeral containers never run again, whatever they say. */
const lists = [
  ['containerStatuses', 'containers'],
  ['initContainerStatuses', 'initContainers'],
  ['ephemeralContainerStatuses', undefined],
] as const;

/** A container that ended for good does not run again. */
export function validateTransitions(errs: Errors, status: Json, before: Json, spec: Json): void {
  const allMayRestart = couldRestartAll(spec);
  for (const [list, containers] of lists) {
    if (containers !== undefined && allMayRestart) continue;
    const now: readonly Json[] = status[list] ?? [];
    const past: readonly Json[] = before[list] ?? [];
    past.forEach((one, i) => {
      const ended: Json | undefined = one['state']?.terminated;
      if (ended == null) return;
      const next = now.find((s) => s['name'] === one['name'] && s['state']?.terminated == null);
      if (next === undefined) return;
      const known: readonly Json[] = (containers && spec[containers]) ?? [];
      const container = known.find((c) => c['name'] === one['name']);
      if (container !== undefined && shouldRestart(container, spec, ended['exitCode'] ?? 0)) return;
      const place = statusPath.child(list).index(i).child('state');
      errs.push(forbidden(place, 'may not be transitioned to non-terminated state'));
    });
  }
}

/** AllContainersCouldRestart: one container's end may start all of them again. */
function couldRestartAll(spec: Json): boolean {
  return ['initContainers', 'containers'].some((list) =>
    (spec[list] ?? []).some((container: Json) =>
      (container['restartPolicyRules'] ?? []).some((rule: Json) => rule['action'] === 'RestartAllContainers'),
    ),
  );
}

/** ContainerShouldRestart: by the container's rules, else by its own policy, else by the pod's. */
function shouldRestart(container: Json, spec: Json, exitCode: number): boolean {
  const own: string | undefined = container['restartPolicy'];
  if (own != null && hasRestartRule(container, exitCode)) return true;
  const policy = own === 'Always' || own === 'OnFailure' || own === 'Never' ? own : spec['restartPolicy'];
  return policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never';
}

function hasRestartRule(container: Json, exitCode: number): boolean {
  const rules: readonly Json[] = container['restartPolicyRules'] ?? [];
  const rule = rules.find(({ exitCodes }) => {
    if (exitCodes == null) return false;
    const isListed = (exitCodes.values ?? []).includes(exitCode);
    return exitCodes.operator === 'In' ? isListed : exitCodes.operator === 'NotIn' && !isListed;
  });
  return rule?.['action'] === 'Restart';
}
