import { goQuote } from '@coxswain/machinery';
import type { Attributes, Authorizer, Decision, ObjectReader, UserInfo } from '../../contract.ts';
import type { UserRules } from '../../external-access.ts';
import { nodeOf } from '../../users.ts';
import { CompiledRules, type PolicyRule } from '../rbac/policy-rule.ts';
import { NodeGraph, type VertexType } from './node-graph.ts';

const allow: Decision = { decision: 'allow', reason: '' };
const none: Decision = { decision: 'no-opinion', reason: '' };
const refuse = (reason: string): Decision => ({ decision: 'no-opinion', reason });

const unresolvable = ['node authorizer does not support user rule resolution'];
const writeOwn = ['get', 'create', 'update', 'patch', 'delete'];

/** Mode `Node`: lets a kubelet reach what its own pods need, and its own objects. */
export class NodeAuthorizer implements Authorizer {
  readonly #graph: NodeGraph;
  readonly #rules: CompiledRules;

  /** @param rules those of the ClusterRole `system:node`, for all that is not subdivided */
  constructor(reader: ObjectReader, rules: readonly PolicyRule[]) {
    this.#graph = new NodeGraph(reader);
    this.#rules = new CompiledRules(rules);
  }

  authorize(a: Attributes): Decision {
    const node = nodeOf(a.user);
    if (node === undefined) return none;
    if (node === '') return refuse(`unknown node for user ${goQuote(a.user.name)}`);
    return (a.resourceRequest ? this.#subdivided(node, a) : undefined) ?? this.#byRules(a);
  }

  /** What a node may do depends on its pods: no rule says it. */
  rulesFor(user: UserInfo): UserRules {
    return { rules: [], faults: nodeOf(user) === undefined ? [] : unresolvable };
  }

  close(): void {
    this.#graph.close();
  }

  #byRules(a: Attributes): Decision {
    return this.#rules.allows(a) ? allow : none;
  }

  #subdivided(node: string, a: Attributes): Decision | undefined {
    switch (a.group === '' ? a.resource : `${a.resource}.${a.group}`) {
      case 'secrets':
        return this.#read(node, 'secret', a);
      case 'configmaps':
        return this.#read(node, 'configmap', a);
      case 'persistentvolumeclaims':
        return a.subresource === 'status'
          ? this.#updateStatus(node, 'persistentvolumeclaim', a)
          : this.#get(node, 'persistentvolumeclaim', a);
      case 'persistentvolumes':
        return this.#get(node, 'persistentvolume', a);
      case 'resourceclaims.resource.k8s.io':
        return this.#get(node, 'resourceclaim', a);
      case 'volumeattachments.storage.k8s.io':
        return this.#get(node, 'volumeattachment', a);
      case 'serviceaccounts':
        return this.#createToken(node, a);
      case 'leases.coordination.k8s.io':
        return authorizeLease(node, a);
      case 'csinodes.storage.k8s.io':
        return authorizeCsiNode(node, a);
      case 'resourceslices.resource.k8s.io':
        return this.#resourceSlice(node, a);
      case 'nodes':
        return authorizeNode(node, a);
      case 'pods':
        return this.#pod(node, a);
      default:
        return undefined;
    }
  }

  #related(node: string, type: VertexType, a: Attributes): Decision {
    if (a.name === '') return refuse('No Object name found');
    return this.#graph.related(node, type, a.namespace, a.name)
      ? allow
      : refuse(`no relationship found between node '${node}' and this object`);
  }

  #read(node: string, type: VertexType, a: Attributes): Decision {
    if (a.verb !== 'get' && a.verb !== 'list' && a.verb !== 'watch') {
      return refuse('can only read resources of this type');
    }
    if (a.subresource !== '') return refuse('cannot read subresource');
    if (a.namespace === '') return refuse('can only read namespaced object of this type');
    return this.#related(node, type, a);
  }

  #get(node: string, type: VertexType, a: Attributes): Decision {
    if (a.verb !== 'get') return refuse('can only get individual resources of this type');
    return a.subresource === '' ? this.#related(node, type, a) : refuse('cannot get subresource');
  }

  #updateStatus(node: string, type: VertexType, a: Attributes): Decision {
    return a.verb === 'update' || a.verb === 'patch'
      ? this.#related(node, type, a)
      : refuse('can only get/update/patch this type');
  }

  #createToken(node: string, a: Attributes): Decision {
    if (a.verb !== 'create' || a.name === '') {
      return refuse('can only create tokens for individual service accounts');
    }
    return a.subresource === 'token'
      ? this.#related(node, 'serviceaccount', a)
      : refuse('can only create token subresource of serviceaccount');
  }

  #resourceSlice(node: string, a: Attributes): Decision {
    if (a.subresource !== '') return refuse('cannot authorize ResourceSlice subresources');
    switch (a.verb) {
      case 'create':
        // the name of the node is inside of the object: NodeRestriction looks there
        return allow;
      case 'get':
      case 'update':
      case 'patch':
      case 'delete':
        return this.#related(node, 'resourceslice', a);
      case 'watch':
      case 'list':
      case 'deletecollection':
        return selects(a, 'spec.nodeName', node) || selects(a, 'nodeName', node)
          ? allow
          : refuse('can only list/watch/deletecollection resourceslices with nodeName field selector');
      default:
        return refuse(
          'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
        );
    }
  }

  #pod(node: string, a: Attributes): Decision {
    const what = a.subresource === '' ? a.verb : `${a.subresource} ${a.verb}`;
    switch (what) {
      case 'get':
        return this.#get(node, 'pod', a);
      case 'list':
      case 'watch':
        if (selects(a, 'spec.nodeName', node)) return allow;
        return a.name === ''
          ? refuse('can only list/watch pods with spec.nodeName field selector')
          : this.#related(node, 'pod', a);
      // NodeRestriction holds these to the node's own (mirror) pods
      case 'create':
      case 'delete':
      case 'status update':
      case 'status patch':
      case 'eviction create':
        return allow;
      default:
        return none;
    }
  }
}

/** Whether a field selector holds the request to one value of a field. */
function selects(a: Attributes, field: string, value: string): boolean {
  if (a.fieldSelector === undefined) return false;
  return a.fieldSelector
    .split(',')
    .some((part) => part === `${field}=${value}` || part === `${field}==${value}`);
}

function authorizeLease(node: string, a: Attributes): Decision {
  if (!writeOwn.includes(a.verb))
    return refuse('can only get, create, update, patch, or delete a node lease');
  if (a.namespace !== 'kube-node-lease') {
    return refuse('can only access leases in the "kube-node-lease" system namespace');
  }
  // the authorizer does not know the name on create: NodeRestriction looks at it then
  if (a.verb !== 'create' && a.name !== node) {
    return refuse('can only access node lease with the same name as the requesting node');
  }
  return allow;
}

function authorizeCsiNode(node: string, a: Attributes): Decision {
  if (!writeOwn.includes(a.verb)) return refuse('can only get, create, update, patch, or delete a CSINode');
  if (a.subresource !== '') return refuse('cannot authorize CSINode subresources');
  if (a.verb !== 'create' && a.name !== node) {
    return refuse('can only access CSINode with the same name as the requesting node');
  }
  return allow;
}

function authorizeNode(node: string, a: Attributes): Decision {
  const { verb } = a;
  if (a.subresource === 'status') return verb === 'update' || verb === 'patch' ? allow : none;
  if (a.subresource !== '') return none;
  // NodeRestriction holds writes to the node's own object
  if (verb === 'create' || verb === 'update' || verb === 'patch') return allow;
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch') return none;
  if (a.name === node) return allow;
  return a.name === ''
    ? refuse(`node '${node}' cannot read all nodes, only its own Node object`)
    : refuse(`node '${node}' cannot read '${a.name}', only its own Node object`);
}
