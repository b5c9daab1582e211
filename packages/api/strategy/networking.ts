import { deepEqual, type KubeObject } from '@coxswain/machinery';
import { validateEndpointSlice, validateEndpointSliceUpdate } from '../validation/misc/endpoint-slice.ts';
import {
  ipAddressName,
  validateIPAddress,
  validateIPAddressUpdate,
  validateServiceCIDR,
  validateServiceCIDRUpdate,
} from '../validation/networking/addresses.ts';
import {
  validateIngress,
  validateIngressCreate,
  validateIngressStatus,
} from '../validation/networking/ingress.ts';
import { validateIngressClass, validateIngressClassUpdate } from '../validation/networking/ingress-class.ts';
import { validateNetworkPolicy } from '../validation/networking/network-policy.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';
import { bumpGeneration, resetMetaForStatus } from './generic.ts';

export const ingressRules: KindRules = {
  allowUnconditionalUpdate: true,
  generation: true,
  validate: validateIngressCreate,
  update: { metaAsNewToo: true, validate: (errs, ingress) => validateIngress(errs, ingress) },
  subresources: { status: { validate: validateIngressStatus } },
};

export const ingressClassRules: KindRules = {
  allowUnconditionalUpdate: true,
  generation: true,
  defaults: (ingressClass) => {
    const parameters: Json | undefined = ingressClass['spec']?.parameters;
    if (parameters) parameters['scope'] ??= 'Cluster';
  },
  validate: validateIngressClass,
  update: { validate: validateIngressClassUpdate, thenAsNew: true },
};

export const networkPolicyRules: KindRules = {
  allowUnconditionalUpdate: true,
  generation: true,
  defaults: (policy) => {
    const spec: Json = ensure(policy, 'spec');
    if (!spec['policyTypes'] || spec['policyTypes'].length === 0) {
      spec['policyTypes'] = spec['egress']?.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
    }
    for (const direction of ['ingress', 'egress']) {
      for (const rule of spec[direction] ?? []) {
        for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
      }
    }
  },
  validate: validateNetworkPolicy,
};

export const ipAddressRules: KindRules = {
  name: ipAddressName,
  allowUnconditionalUpdate: true,
  validate: validateIPAddress,
  update: { validate: validateIPAddressUpdate },
};

export const serviceCIDRRules: KindRules = {
  allowUnconditionalUpdate: true,
  validate: validateServiceCIDR,
  update: { validate: validateServiceCIDRUpdate },
  subresources: { status: { prepare: resetMetaForStatus } },
};

const hostnameLabel = 'kubernetes.io/hostname';

/** The topology of endpoints is not written any more; a node's name that older writers left there is kept. */
function dropTopology(slice: KubeObject, old?: KubeObject): void {
  const before: readonly Json[] = old?.['endpoints'] ?? [];
  const known = new Set(before.map((endpoint) => endpoint['deprecatedTopology']?.[hostnameLabel]));
  for (const endpoint of slice['endpoints'] ?? []) {
    const name: string | undefined = endpoint.deprecatedTopology?.[hostnameLabel];
    if (name !== undefined && known.has(name)) endpoint.nodeName ??= name;
    delete endpoint.deprecatedTopology;
  }
}

export const endpointSliceRules: KindRules = {
  allowUnconditionalUpdate: true,
  generation: true,
  defaults: (slice) => {
    for (const port of slice['ports'] ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  prepareForCreate: (slice) => dropTopology(slice),
  validate: validateEndpointSlice,
  update: {
    metaAsNew: true,
    prepare: (slice, old) => {
      if (!deepEqual(slice['endpoints'] ?? [], old['endpoints'] ?? [])) dropTopology(slice, old);
      // labels say whose endpoints these are, and count as changes
      if (!deepEqual(slice.metadata.labels ?? {}, old.metadata.labels ?? {})) bumpGeneration(slice, old);
    },
    validate: validateEndpointSliceUpdate,
  },
};
