import type { Access } from './access/access.ts';
import { forbiddenError } from './access/authorization/forbidden.ts';
import type { Attributes, UserInfo } from './access/contract.ts';
import type { Aggregator } from './aggregator/aggregator.ts';
import type { Discovery } from './http/non-resource/discovery.ts';
import { versionInfo } from './http/non-resource/version.ts';
import { routeNotFound } from './http/status-errors.ts';

/** Reads a path that is no resource, as its text, for clients of the same process: discovery and version. */
export async function loopbackRaw(
  documents: Discovery,
  aggregator: Aggregator,
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
  const [, root = '', group = '', version = ''] = path.split('/');
  const remote = root === 'apis' ? aggregator.remote(`${group}/${version}`) : undefined;
  if (remote !== undefined) return remote.clientFor(user).raw(path);
  const found = documentOf(documents, path);
  if (found === undefined) throw routeNotFound();
  return JSON.stringify(found);
}

function documentOf(documents: Discovery, path: string): object | undefined {
  const [, root = '', group = '', version = '', ...rest] = path.replace(/\/$/, '').split('/');
  if (rest.length > 0) return undefined;
  if (root === 'version' && group === '') return versionInfo();
  if (root === 'api') {
    if (version !== '') return undefined;
    return group === '' ? { kind: 'APIVersions', versions: ['v1'] } : documents.resourceList(group);
  }
  if (root !== 'apis') return undefined;
  if (group === '') return documents.groupList();
  return version === '' ? documents.group(group) : documents.resourceList(`${group}/${version}`);
}
