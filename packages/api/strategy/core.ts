import type { KubeObject } from '@coxswain/machinery';
import { FieldPath } from '@coxswain/machinery';
import { defaultPodTemplate } from '../defaults/pod-spec.ts';
import { roundResourceList } from '../defaults/resource-list.ts';
import {
  validateConfigMap,
  validateConfigMapUpdate,
  validateSecret,
  validateSecretUpdate,
} from '../validation/core/data-maps.ts';
import { validateEndpoints } from '../validation/core/endpoints.ts';
import { validateLimitRange } from '../validation/core/limit-range.ts';
import {
  validateNamespace,
  validateNamespaceFinalize,
  validateNamespaceStatus,
} from '../validation/core/namespace.ts';
import { validateNode, validateNodeUpdate } from '../validation/core/node.ts';
import { dnsLabelName } from '../validation/names.ts';
import { validatePodTemplateSpec } from '../validation/pod/pod-template.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';
import { carryOver } from './generic.ts';

export const configMapRules: KindRules = {
  allowUnconditionalUpdate: true,
  validate: validateConfigMap,
  update: { validate: validateConfigMapUpdate, thenAsNew: true },
};

/** The write-only texts become data, as the conversion to the internal version does it. */
function defaultSecret(secret: Json): void {
  secret['type'] ||= 'Opaque';
  const texts: Record<string, string> | undefined = secret['stringData'];
  if (texts === undefined) return;
  const data: Record<string, string> = { ...secret['data'] };
  for (const key of Object.keys(texts)) data[key] = Buffer.from(texts[key]!, 'utf8').toString('base64');
  if (Object.keys(data).length > 0) secret['data'] = data;
  delete secret['stringData'];
}

export const secretRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: defaultSecret,
  validate: validateSecret,
  update: { validate: validateSecretUpdate, thenAsNew: true },
};

const nameLabel = 'kubernetes.io/metadata.name';

function defaultNamespace(namespace: Json): void {
  const name: string | undefined = namespace['metadata'].name;
  if (name) namespace['metadata'].labels = { ...namespace['metadata'].labels, [nameLabel]: name };
  ensure(namespace, 'status').phase ||= 'Active';
}

export const namespaceRules: KindRules = {
  name: dnsLabelName,
  allowUnconditionalUpdate: true,
  defaults: defaultNamespace,
  prepareForCreate: (namespace) => {
    namespace['status'] = { phase: 'Active' };
    const spec: Json = ensure(namespace, 'spec');
    const finalizers: string[] = spec['finalizers'] ?? [];
    if (!finalizers.includes('kubernetes')) spec['finalizers'] = [...finalizers, 'kubernetes'];
    // a generated name is only known now
    if (namespace.metadata.name) {
      namespace.metadata.labels = { ...namespace.metadata.labels, [nameLabel]: namespace.metadata.name };
    }
  },
  validate: validateNamespace,
  update: {
    asNew: true,
    prepare: (namespace, old) => {
      carryOver(ensure(namespace, 'spec'), old['spec'] ?? {}, 'finalizers');
    },
  },
  subresources: {
    status: { validate: validateNamespaceStatus },
    finalize: {
      prepare: (namespace, old) => carryOver(namespace, old, 'status'),
      validate: validateNamespaceFinalize,
    },
  },
};

/** Only the names of secrets are kept. */
function cleanSecretReferences(account: KubeObject): void {
  if (!account['secrets']) return;
  account['secrets'] = account['secrets'].map((ref: Json) => (ref['name'] ? { name: ref['name'] } : {}));
}

export const serviceAccountRules: KindRules = {
  allowUnconditionalUpdate: true,
  prepareForCreate: cleanSecretReferences,
  update: { prepare: cleanSecretReferences, thenAsNew: true },
};

function defaultNode(node: Json): void {
  const status: Json | undefined = node['status'];
  roundResourceList(status?.['capacity']);
  roundResourceList(status?.['allocatable']);
  if (status?.['capacity'] && !status['allocatable']) status['allocatable'] = { ...status['capacity'] };
  const spec: Json = ensure(node, 'spec');
  // the single range and the list always agree; the list wins
  if (spec['podCIDRs']?.length > 0) spec['podCIDR'] = spec['podCIDRs'][0];
  else if (spec['podCIDR']) spec['podCIDRs'] = [spec['podCIDR']];
}

export const nodeRules: KindRules = {
  allowUnconditionalUpdate: true,
  keepsStatusOnCreate: true,
  defaults: defaultNode,
  prepareForCreate: (node) => {
    delete node['spec'].configSource;
    delete node['status']?.config;
  },
  validate: validateNode,
  update: {
    asNew: true,
    prepare: (node, old) => {
      if (old['spec']?.configSource == null) delete node['spec'].configSource;
    },
    validate: validateNodeUpdate,
  },
  subresources: {
    status: {
      prepare: (node, old) => {
        if (old['status']?.config == null) delete node['status']?.config;
      },
      validate: validateNodeUpdate,
    },
  },
};

export const podTemplateRules: KindRules = {
  generation: true,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  defaults: (object) => defaultPodTemplate(ensure(object, 'template')),
  validate: (errs, object, _, old) =>
    validatePodTemplateSpec(errs, object['template'], FieldPath.root('template'), old?.['template']),
};

/** A container's limits follow from its maxima, its requests from its limits. */
const limitMembers = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'];

function defaultLimitRange(range: Json): void {
  for (const limit of range['spec']?.limits ?? []) {
    for (const member of limitMembers) roundResourceList(limit[member]);
    if (limit.type !== 'Container') continue;
    const limits: Json = { ...limit.max, ...limit.default };
    const requests: Json = { ...limit.min, ...limits, ...limit.defaultRequest };
    if (Object.keys(limits).length > 0) limit.default = limits;
    if (Object.keys(requests).length > 0) limit.defaultRequest = requests;
  }
}

export const limitRangeRules: KindRules = {
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  defaults: defaultLimitRange,
  validate: validateLimitRange,
  update: { asNew: true, metaOnce: true },
};

export const endpointsRules: KindRules = {
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  defaults: (endpoints) => {
    for (const subset of endpoints['subsets'] ?? []) {
      for (const port of subset.ports ?? []) port.protocol ||= 'TCP';
    }
  },
  validate: (errs, endpoints) => validateEndpoints(errs, endpoints),
  update: { metaAsNewToo: true, validate: validateEndpoints },
};
