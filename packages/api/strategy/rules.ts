import {
  controllerRevisionRules,
  daemonSetRules,
  deploymentRules,
  replicaSetRules,
  replicationControllerRules,
  statefulSetRules,
} from './apps.ts';
import type { KindRules } from './contract.ts';
import {
  configMapRules,
  endpointsRules,
  limitRangeRules,
  namespaceRules,
  nodeRules,
  podTemplateRules,
  secretRules,
  serviceAccountRules,
} from './core.ts';
import { podRules } from './pod.ts';
import { serviceRules } from './service.ts';

/** The rules of built-in kinds by `group/Kind`; a kind that is not here is as the generic strategy has it. */
const rules: Readonly<Record<string, KindRules>> = {
  '/ConfigMap': configMapRules,
  '/Endpoints': endpointsRules,
  '/LimitRange': limitRangeRules,
  '/Namespace': namespaceRules,
  '/Node': nodeRules,
  '/Pod': podRules,
  '/PodTemplate': podTemplateRules,
  '/ReplicationController': replicationControllerRules,
  '/Secret': secretRules,
  '/Service': serviceRules,
  '/ServiceAccount': serviceAccountRules,
  'apps/ControllerRevision': controllerRevisionRules,
  'apps/DaemonSet': daemonSetRules,
  'apps/Deployment': deploymentRules,
  'apps/ReplicaSet': replicaSetRules,
  'apps/StatefulSet': statefulSetRules,
};

const none: KindRules = {};

/** The rules of a kind; the same in all versions of its group. */
export function rulesOf(kind: { readonly group: string; readonly kind: string }): KindRules {
  return rules[`${kind.group}/${kind.kind}`] ?? none;
}
