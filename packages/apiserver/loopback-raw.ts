import type { Access } from './access/access.ts';
import { forbiddenError } from './access/authorization/forbidden.ts';
import type { Attributes, UserInfo } from './access/contract.ts';
import { apiGroup, apiGroupList, apiResourceList } from './http/discovery.ts';
import { routeNotFound } from './http/status-errors.ts';
import { versionInfo } from './http/version.ts';
import type { ResourceRegistry } from './registry/resource-registry.ts';

/** Reads a path that is no resource, as its text, for clients of the same process: discovery and version. */
export async function loopbackRaw(
  resources: ResourceRegistry,
  access: Access,
  path: string,
  user: UserInfo,
): Promise<string> {
  const attributes: Attributes = {
    user,
    verb: 'get',
    resourceRequest: false,
    path,
    group: '',
    version: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
  };
  const decision = await access.authorize(attributes);
  if (decision.decision !== 'allow') throw forbiddenError(attributes, decision.reason);
  const found = documentOf(resources, path);
  if (found === undefined) throw routeNotFound();
  return JSON.stringify(found);
}

function documentOf(resources: ResourceRegistry, path: string): object | undefined {
  const [, root = '', group = '', version = '', ...rest] = path.replace(/\/$/, '').split('/');
  if (rest.length > 0) return undefined;
  if (root === 'version' && group === '') return versionInfo();
  if (root === 'api') {
    if (version !== '') return undefined;
    if (group === '') return { kind: 'APIVersions', versions: ['v1'] };
    return resources.hasVersion(group) ? apiResourceList(resources, group) : undefined;
  }
  if (root !== 'apis') return undefined;
  if (group === '') return apiGroupList(resources);
  if (version === '') return apiGroup(resources, group);
  const apiVersion = `${group}/${version}`;
  return resources.hasVersion(apiVersion) ? apiResourceList(resources, apiVersion) : undefined;
}
