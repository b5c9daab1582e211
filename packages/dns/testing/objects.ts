import type { corev1, discoveryv1 } from '@coxswain/api';

/** A service of namespace `default`. */
export function makeService(name: string, spec: corev1.ServiceSpec): corev1.Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec };
}

/** A slice of a service of namespace `default`. */
export function makeSlice(
  service: string,
  endpoints: readonly discoveryv1.Endpoint[],
  ports: readonly discoveryv1.EndpointPort[] = [],
): discoveryv1.EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-1`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: 'IPv4',
    ports: [...ports],
    endpoints: [...endpoints],
  };
}
