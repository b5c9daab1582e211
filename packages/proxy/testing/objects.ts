import type { corev1, discoveryv1 } from '@coxswain/api';

/** A service of namespace `default`. */
export function makeService(
  name: string,
  spec: corev1.ServiceSpec,
  ingress?: readonly string[],
): corev1.Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec,
    ...(ingress ? { status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } } } : {}),
  };
}

/** An endpoint by address, ready and on node `here` unless said otherwise. */
export function makeEndpoint(
  address: string,
  conditions: discoveryv1.EndpointConditions = { ready: true },
  nodeName = 'here',
): discoveryv1.Endpoint {
  return { addresses: [address], conditions, nodeName };
}

/** A slice of a service with one unnamed port. */
export function makeSlice(
  service: string,
  endpoints: readonly discoveryv1.Endpoint[],
  port = 8080,
  protocol = 'TCP',
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
    ports: [{ name: '', port, protocol }],
    endpoints: [...endpoints],
  };
}
