import { isDNS1123Subdomain } from './dns.ts';
import { byteLength, emptyError, maxBytesError, regexError, whole } from './messages.ts';

const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const qualifiedNameMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const labelValue = `(${qualifiedName})?`;
const labelValueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const pathSegments = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

const qualifiedNamePattern = whole(qualifiedName);
const labelValuePattern = whole(labelValue);
const pathPattern = whole(pathSegments);

/** Label values and name parts of label keys. */
const labelValueMaxLength = 63;

/** What is wrong with `value` as a label key: a name with an optional DNS subdomain and `/` before it. */
export function isQualifiedName(value: string): string[] {
  const errors: string[] = [];
  const parts = value.split('/');
  const text = regexError(qualifiedNameMessage, qualifiedName, 'MyName', 'my.name', '123-abc');
  if (parts.length > 2) {
    return [
      `a valid label key ${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    if (prefix === '') errors.push(`prefix part ${emptyError}`);
    else
      errors.push(
        ...isDNS1123Subdomain(prefix).map((m) => `prefix part ${m.replace('253 characters', '253 bytes')}`),
      );
  }
  const name = parts.at(-1) as string;
  if (name === '') errors.push(`name part ${emptyError}`);
  else if (byteLength(name) > labelValueMaxLength)
    errors.push(`name part ${maxBytesError(labelValueMaxLength)}`);
  if (!qualifiedNamePattern.test(name)) errors.push(`name part ${text}`);
  return errors;
}

/** What is wrong with `value` as a label's value; empty when it is one. */
export function isValidLabelValue(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > labelValueMaxLength) errors.push(maxBytesError(labelValueMaxLength));
  if (!labelValuePattern.test(value)) {
    errors.push(regexError(labelValueMessage, labelValue, 'MyValue', 'my_value', '12345'));
  }
  return errors;
}

/** What is wrong with `value` as a DNS subdomain, `/` and a path; errors show the part that is wrong. */
export function domainPrefixedPathFaults(
  value: string,
): readonly { readonly part: string; readonly text: string }[] {
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1)
    return [{ part: value, text: 'must be a domain-prefixed path (such as "acme.io/foo")' }];
  const [host, path] = [value.slice(0, slash), value.slice(slash + 1)];
  return [
    ...isDNS1123Subdomain(host).map((text) => ({ part: host, text })),
    ...isHTTPPath(path).map((text) => ({ part: path, text })),
  ];
}

/** What is wrong with `value` as the path of a URL, its first slash left out. */
function isHTTPPath(value: string): string[] {
  return pathPattern.test(value) ? [] : [regexError('Invalid path', pathSegments)];
}
