import { aggregateContainerResources } from '../pod-resources.ts';
import { isOvercommitAllowed, isPodLevelResource } from '../validation/resource-names.ts';
import { ensure, type Json, sizeOf } from '../validation/values.ts';
import { defaultPodSpec } from './pod-spec.ts';
import { roundResources } from './resource-list.ts';

/** SetDefaults_Pod: what only pods get, not the templates they come from. */
export function defaultPod(pod: Json): void {
  const spec: Json = ensure(pod, 'spec');
  for (const list of ['containers', 'initContainers']) {
    for (const container of spec[list] ?? []) {
      roundResources(container.resources);
      defaultRequests(container);
    }
  }
  defaultPodLevel(spec);
  spec['enableServiceLinks'] ??= true;
  defaultPodSpec(spec);
  if (spec['hostNetwork']) {
    for (const list of ['containers', 'initContainers']) {
      for (const container of spec[list] ?? []) {
        for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
      }
    }
  }
  if (pod['status']) defaultAddresses(pod['status']);
}

/** Requests that are not said are the limits. */
function defaultRequests(container: Json): void {
  const limits: Json | undefined = container['resources']?.limits;
  if (!limits) return;
  container['resources'].requests = { ...limits, ...container['resources'].requests };
}

/** Resources of the pod as a whole, once it has some, are completed from those of its containers. */
function defaultPodLevel(spec: Json): void {
  const resources: Json | undefined = spec['resources'];
  if (!resources || sizeOf(resources['limits']) + sizeOf(resources['requests']) === 0) return;
  const limits: Json = { ...resources['limits'] };
  const sums = aggregateContainerResources(spec, 'limits');
  for (const name of Object.keys(sums)) {
    if (!name.startsWith('hugepages-') || resources['requests']?.[name] !== undefined) continue;
    limits[name] ??= sums[name]!.toString();
  }
  if (sizeOf(limits) > 0) resources['limits'] = limits;
  if (sizeOf(limits) === 0) return;
  const requests: Json = { ...resources['requests'] };
  const needs = aggregateContainerResources(spec, 'requests');
  for (const name of Object.keys(needs)) {
    if (isPodLevelResource(name) && isOvercommitAllowed(name)) requests[name] ??= needs[name]!.toString();
  }
  for (const name of Object.keys(limits)) {
    if (isPodLevelResource(name)) requests[name] ??= limits[name];
  }
  resources['requests'] = requests;
}

/** The single address and the list always agree; where both were said and differ, the single one counts. */
function defaultAddresses(status: Json): void {
  const { podIP, podIPs } = status;
  if (!podIP) {
    if (sizeOf(podIPs) > 0) status['podIP'] = podIPs[0].ip;
  } else if (sizeOf(podIPs) === 0 || podIPs[0].ip !== podIP) {
    status['podIPs'] = [{ ip: podIP }];
  }
}
