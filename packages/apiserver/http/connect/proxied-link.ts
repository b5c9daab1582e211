/**
 * A link in what is behind the proxy, as the proxy's clients must follow it: those that lead to other hosts or
 * are relative stay as they are, others go through the proxy. Pure.
 * @param prefix the path of the proxy, `/api/v1/namespaces/default/pods/web/proxy`
 * @param hosts the names by which what is behind knows itself
 */
export function proxiedLink(link: string, prefix: string, hosts: readonly string[]): string {
  const match = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/is.exec(link);
  if (match === null) return link;
  const [, host = '', path = '', rest = ''] = match;
  if ((host !== '' && !hosts.includes(host)) || !path.startsWith('/')) return link;
  if (path === prefix || path.startsWith(`${prefix}/`)) return path + rest;
  return prefix + path + rest;
}
