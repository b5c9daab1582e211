import { groupTitle, type PathItem, tagOf } from './operation.ts';
import { refTo } from './schema.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function get(
  tag: string,
  description: string,
  operationId: string,
  types: readonly string[],
  definition: string,
): PathItem {
  const content = Object.fromEntries(types.map((t) => [`application/${t}`, { schema: refTo(definition) }]));
  const responses = { 200: { description: 'OK', content }, 401: { description: 'Unauthorized' } };
  return { get: { tags: [tag], description, operationId, responses } };
}

/** The path that lists the resources of a group and version. */
export function versionPath(group: string, version: string): PathItem {
  return get(
    tagOf(group, version),
    'get available resources',
    `get${groupTitle(group)}${capital(version)}APIResources`,
    ['cbor', 'json', 'vnd.kubernetes.protobuf', 'yaml'],
    `${meta}.APIResourceList`,
  );
}

/** The path that describes a group. */
export function groupPath(group: string): PathItem {
  const title = groupTitle(group);
  return get(
    `${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    'get information of a group',
    `get${title}APIGroup`,
    ['json', 'vnd.kubernetes.protobuf', 'yaml'],
    `${meta}.APIGroup`,
  );
}
