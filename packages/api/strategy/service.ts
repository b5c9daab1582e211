import type { KubeObject } from '@coxswain/machinery';
import { validateService, validateServiceUpdate } from '../validation/core/service.ts';
import { dropServiceFields } from '../validation/core/service-fields.ts';
import { validateLoadBalancerStatus } from '../validation/core/service-status.ts';
import { dnsLabelName } from '../validation/names.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';

const outward = ['NodePort', 'LoadBalancer'];

function defaults(service: Json): void {
  const spec: Json = ensure(service, 'spec');
  spec['sessionAffinity'] ||= 'None';
  if (spec['sessionAffinity'] === 'None') delete spec['sessionAffinityConfig'];
  if (
    spec['sessionAffinity'] === 'ClientIP' &&
    spec['sessionAffinityConfig']?.clientIP?.timeoutSeconds == null
  ) {
    // three hours
    spec['sessionAffinityConfig'] = { clientIP: { timeoutSeconds: 10800 } };
  }
  spec['type'] ||= 'ClusterIP';
  const type: string = spec['type'];
  for (const port of spec['ports'] ?? []) {
    port.protocol ||= 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') {
      port.targetPort = port.port;
    }
  }
  const external = outward.includes(type) || (type === 'ClusterIP' && spec['externalIPs']?.length > 0);
  if (external) spec['externalTrafficPolicy'] ||= 'Cluster';
  if (outward.includes(type) || type === 'ClusterIP') spec['internalTrafficPolicy'] ??= 'Cluster';
  if (type !== 'LoadBalancer') return;
  spec['allocateLoadBalancerNodePorts'] ??= true;
  for (const ingress of service['status']?.loadBalancer?.ingress ?? []) {
    if (ingress.ip) ingress.ipMode ??= 'VIP';
  }
}

export const serviceRules: KindRules = {
  name: dnsLabelName,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  defaults,
  validate: (errs, service) => validateService(errs, service),
  update: {
    prepare: (service: KubeObject, old: KubeObject) => {
      dropServiceFields(service['spec'], old['spec']);
      // nobody need see that giving the balancer back takes its time
      if (service['spec'].type !== 'LoadBalancer')
        service['status'] = { ...service['status'], loadBalancer: {} };
    },
    validate: (errs, service, old) => validateServiceUpdate(errs, service, old),
  },
  subresources: {
    status: { validate: validateLoadBalancerStatus },
  },
};
