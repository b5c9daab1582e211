import { byteLength, inclusiveRangeError, maxLenError, regexError, whole } from './messages.ts';

const cIdentifier = '[A-Za-z_][A-Za-z0-9_]*';
const cIdentifierPattern = whole(cIdentifier);
const configMapKey = '[-._a-zA-Z0-9]+';
const configMapKeyPattern = whole(configMapKey);
const envVarName = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const envVarNamePattern = whole(envVarName);
const headerName = '[-A-Za-z0-9]+';
const headerNamePattern = whole(headerName);
const percent = '[0-9]+%';
const percentPattern = whole(percent);

export function isCIdentifier(value: string): string[] {
  if (cIdentifierPattern.test(value)) return [];
  const message =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";
  return [regexError(message, cIdentifier, 'my_name', 'MY_NAME', 'MyName')];
}

/** Keys that are file names must not lead out of their directory. */
function changesDirectory(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

/** What is wrong with `value` as a key of a ConfigMap or a Secret. */
export function isConfigMapKey(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 253) errors.push(maxLenError(253));
  if (!configMapKeyPattern.test(value)) {
    const message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    errors.push(regexError(message, configMapKey, 'key.name', 'KEY_NAME', 'key-name'));
  }
  errors.push(...changesDirectory(value));
  return errors;
}

/** What is wrong with `value` as an environment variable's name by the strict rule. */
export function isEnvVarName(value: string): string[] {
  const errors: string[] = [];
  if (!envVarNamePattern.test(value)) {
    const message =
      "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";
    errors.push(regexError(message, envVarName, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1'));
  }
  errors.push(...changesDirectory(value));
  return errors;
}

/** What is wrong with `value` as an environment variable's name: printable ASCII without `=`. */
export function isRelaxedEnvVarName(value: string): string[] {
  const errors: string[] = [];
  if (value === '') errors.push('environment variable name must be non-empty');
  if (!/^[\x20-\x3c\x3e-\x7e]*$/.test(value)) {
    errors.push(
      "a valid environment variable name must consist only of printable ASCII characters other than '='",
    );
  }
  return errors;
}

export function isHTTPHeaderName(value: string): string[] {
  if (headerNamePattern.test(value)) return [];
  const message = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return [regexError(message, headerName, 'X-Header-Name')];
}

export function isValidPercent(value: string): string[] {
  if (percentPattern.test(value)) return [];
  const message = "a valid percent string must be a numeric string followed by an ending '%'";
  return [regexError(message, percent, '1%', '93%')];
}

export function isInRange(value: number, low: number, high: number): string[] {
  return value >= low && value <= high ? [] : [inclusiveRangeError(low, high)];
}

export function isValidPortNum(port: number): string[] {
  return isInRange(port, 1, 65535);
}

/** What is wrong with `value` as a port's name (RFC 6335 service name). */
export function isValidPortName(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 15) errors.push(maxLenError(15));
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}
