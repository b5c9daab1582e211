import type { KubeObject } from '@coxswain/machinery';

/** What resource.k8s.io/v1beta1 holds in the request itself and later versions below `exactly`. */
const exactFields = [
  'deviceClassName',
  'selectors',
  'allocationMode',
  'count',
  'adminAccess',
  'tolerations',
  'capacity',
] as const;

/** From v1beta1: requests get `exactly`, devices of a slice lose `basic`. */
export function nestDevices(object: KubeObject): Record<string, unknown> {
  return mapDevices(object, nestRequest, ({ name, basic }) => ({ ...basic, name }));
}

/** To v1beta1: requests lose `exactly`, devices of a slice get `basic`. */
export function flattenDevices(object: KubeObject): Record<string, unknown> {
  return mapDevices(object, flattenRequest, ({ name, ...basic }) => ({ name, basic }));
}

type Members = Record<string, any>;

function nestRequest(request: Members): Members {
  const { name, firstAvailable, ...rest } = request;
  const isExact = exactFields.some((field) => rest[field] !== undefined && rest[field] !== '');
  return {
    name,
    ...(isExact ? { exactly: rest } : {}),
    ...(firstAvailable === undefined ? {} : { firstAvailable }),
  };
}

function flattenRequest({ exactly, ...request }: Members): Members {
  return { ...request, ...exactly };
}

function mapDevices(
  object: KubeObject,
  request: (request: Members) => Members,
  device: (device: Members) => Members,
): Members {
  switch (object.kind) {
    case 'ResourceSlice':
      return mapList(object, ['spec', 'devices'], device);
    case 'ResourceClaimTemplate':
      return mapList(object, ['spec', 'spec', 'devices', 'requests'], request);
    default:
      return mapList(object, ['spec', 'devices', 'requests'], request);
  }
}

/** A copy of the object whose list at the path has every element replaced. */
function mapList(object: Members, path: readonly string[], replace: (item: Members) => Members): Members {
  const [key, ...rest] = path as [string, ...string[]];
  const value = object[key];
  if (value === undefined || value === null) return object;
  return { ...object, [key]: rest.length === 0 ? value.map(replace) : mapList(value, rest, replace) };
}
