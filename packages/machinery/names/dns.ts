import { byteLength, maxLenError, regexError, whole } from './messages.ts';

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const label1123Message =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const subdomain1123Message =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const underscored = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const subdomainUnderscored = `${underscored}(\\.${underscored})*`;
const subdomainUnderscoredMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const label1035Message =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const wildcard = `\\*\\.${subdomain1123}`;
const wildcardMessage =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";

const label1123Pattern = whole(label1123);
const subdomain1123Pattern = whole(subdomain1123);
const subdomainUnderscoredPattern = whole(subdomainUnderscored);
const label1035Pattern = whole(label1035);
const wildcardPattern = whole(wildcard);

/** RFC 1123: bytes in a label and in a subdomain. */
const dns1123LabelMaxLength = 63;
const dns1123SubdomainMaxLength = 253;

/** What is wrong with `value` as an RFC 1123 label; empty when it is one. */
export function isDNS1123Label(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > dns1123LabelMaxLength) errors.push(maxLenError(dns1123LabelMaxLength));
  if (!label1123Pattern.test(value)) {
    // A valid subdomain that is no label differs only by its dots.
    errors.push(
      subdomain1123Pattern.test(value)
        ? 'must not contain dots'
        : regexError(label1123Message, label1123, 'my-name', '123-abc'),
    );
  }
  return errors;
}

/** What is wrong with `value` as an RFC 1123 subdomain; empty when it is one. */
export function isDNS1123Subdomain(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > dns1123SubdomainMaxLength) errors.push(maxLenError(dns1123SubdomainMaxLength));
  if (!subdomain1123Pattern.test(value)) {
    errors.push(regexError(subdomain1123Message, subdomain1123, 'example.com'));
  }
  return errors;
}

/** As `isDNS1123Subdomain`, with underscores allowed (DNS search paths). */
export function isDNS1123SubdomainWithUnderscore(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > dns1123SubdomainMaxLength) errors.push(maxLenError(dns1123SubdomainMaxLength));
  if (!subdomainUnderscoredPattern.test(value)) {
    errors.push(regexError(subdomainUnderscoredMessage, subdomainUnderscored, 'example.com'));
  }
  return errors;
}

/** What is wrong with `value` as an RFC 1035 label; empty when it is one. */
export function isDNS1035Label(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 63) errors.push(maxLenError(63));
  if (!label1035Pattern.test(value)) {
    errors.push(regexError(label1035Message, label1035, 'my-name', 'abc-123'));
  }
  return errors;
}

/** What is wrong with `value` as `*.` and a subdomain; empty when it is one. */
export function isWildcardDNS1123Subdomain(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > dns1123SubdomainMaxLength) errors.push(maxLenError(dns1123SubdomainMaxLength));
  if (!wildcardPattern.test(value)) errors.push(regexError(wildcardMessage, wildcard, '*.example.com'));
  return errors;
}

/** What is wrong with `value` as a name of at least three DNS segments. */
export function isFullyQualifiedName(value: string): string[] {
  const errors = isDNS1123Subdomain(value);
  if (errors.length > 0) return errors;
  return value.split('.').length < 3
    ? ['should be a domain with at least three segments separated by dots']
    : [];
}

/** What is wrong with `value` as a domain name of at least two segments; a trailing dot is fine. */
export function isFullyQualifiedDomainName(value: string): string[] {
  const name = value.endsWith('.') ? value.slice(0, -1) : value;
  const errors = isDNS1123Subdomain(name);
  if (errors.length > 0) return errors;
  if (name.split('.').length < 2) return ['should be a domain with at least two segments separated by dots'];
  return name.split('.').flatMap((part) => isDNS1123Label(part));
}
