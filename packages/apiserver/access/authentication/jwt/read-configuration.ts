import { apiserverConfigScheme, apiserverType } from '../../../config-file/apiserver-config.ts';
import { ConfigFileError } from '../../../config-file/config-file-error.ts';
import { decodeConfigAs } from '../../../config-file/decode-config.ts';
import { type AuthenticationConfig, authenticationFields } from './configuration.ts';

const kind = 'AuthenticationConfiguration';

const scheme = apiserverConfigScheme(
  'pkg/kubeapiserver/options/authentication.go',
  ['v1', 'v1beta1', 'v1alpha1'],
  kind,
  authenticationFields,
);

/** The configuration that a file's text holds. @throws {ConfigFileError} */
export function readAuthenticationConfig(text: string): AuthenticationConfig {
  if (text === '') throw new ConfigFileError('empty config data');
  const { jwt = [], anonymous } = decodeConfigAs(
    text,
    scheme,
    apiserverType(kind),
    ({ goType }) => `expected ${kind}, got ${goType}`,
  );
  return { jwt, ...(anonymous === undefined ? {} : { anonymous }) };
}
