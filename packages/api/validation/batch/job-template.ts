import { invalid } from '@coxswain/machinery';
import { goEqual } from '../../go-equal.ts';
import { goStruct } from '../go-print.ts';
import { type Errors, immutableMessage, type Json, sizeOf, specPath } from '../values.ts';
import { hasJobCondition } from './job-condition.ts';

const templateType = 'io.k8s.api.core.v1.PodTemplateSpec';
const podType = 'io.k8s.api.core.v1.PodSpec';

/** validatePodTemplateUpdate: a job that is suspended and at rest may still choose where and how large its pods are. */
export function validateJobTemplateUpdate(errs: Errors, template: Json, old: Json): void {
  const stored: Json = old['spec'].template;
  const path = specPath.child('template');
  if (!isAtRest(old)) {
    if (goEqual(template, stored, templateType)) return;
    errs.push(invalid(path, goStruct(template, templateType), immutableMessage));
    return;
  }
  const allowed = withResourcesOf(withSchedulingOf(stored, template), template);
  if (goEqual(template['spec'], allowed['spec'], podType)) return;
  errs.push(invalid(path.child('spec'), goStruct(template['spec'], podType), immutableMessage));
}

/** Suspended before it ever started, or since then with all its pods gone. */
function isAtRest(job: Json): boolean {
  const status: Json = job['status'] ?? {};
  if (job['spec'].suspend !== true || status['active'] > 0) return false;
  return status['startTime'] == null || hasJobCondition(job, 'Suspended');
}

function withSchedulingOf(stored: Json, template: Json): Json {
  const spec: Json = { ...stored['spec'] };
  const now: Json = template['spec'];
  for (const member of ['nodeSelector', 'tolerations', 'schedulingGates']) copy(spec, now, member);
  const affinity: Json = { ...spec['affinity'] };
  copy(affinity, now['affinity'] ?? {}, 'nodeAffinity');
  if (now['affinity'] != null || sizeOf(affinity) > 0) spec['affinity'] = affinity;
  else delete spec['affinity'];
  return { ...stored, spec };
}

/** Containers lend their resources where the lists have the same length and names. */
function withResourcesOf(stored: Json, template: Json): Json {
  const spec: Json = { ...stored['spec'] };
  for (const list of ['containers', 'initContainers']) {
    const now: readonly Json[] = template['spec'][list] ?? [];
    const before: readonly Json[] = spec[list] ?? [];
    if (now.length !== before.length || now.length === 0) continue;
    spec[list] = before.map((container, i) =>
      now[i]!['name'] === container['name'] ? { ...container, resources: now[i]!['resources'] } : container,
    );
  }
  return { ...stored, spec };
}

function copy(into: Json, from: Json, member: string): void {
  if (from[member] == null) delete into[member];
  else into[member] = from[member];
}
