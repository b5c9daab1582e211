/** Whether a text is a URI that a request may name, absolute or a path from the root, as Go's `url.ParseRequestURI` reads it. */
export function isRequestUri(text: string): boolean {
  if (text === '' || /\p{Cc}/u.test(text.replace(/[\u0080-\u009f]/g, ''))) return false;
  if (text === '*') return true;
  const [, scheme = '', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(text) ?? [];
  const [named = ''] = rest.split('?', 1);
  // What follows a scheme may be anything.
  if (!named.startsWith('/')) return scheme !== '';
  if (scheme === '' || !named.startsWith('//')) return isEscaped(named);
  const end = named.indexOf('/', 2);
  const authority = end < 0 ? named.slice(2) : named.slice(2, end);
  return isAuthority(authority) && isEscaped(end < 0 ? '' : named.slice(end));
}

const isEscaped = (text: string): boolean => !/%(?![0-9A-Fa-f]{2})/.test(text);

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) || !isEscaped(user)) return false;
  const host = authority.slice(at + 1);
  if (host.startsWith('[')) return /^\[[^\]]*\](?::\d*)?$/.test(host);
  if (!/^[^:]*(?::\d*)?$/.test(host.slice(Math.max(host.lastIndexOf(':'), 0)))) return false;
  // Of ASCII nothing is escaped in a host.
  return /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]|[^\0-\x7f]|%[89A-Fa-f][0-9A-Fa-f])*$/.test(host);
}
