import { isAbsolute } from 'node:path';
import { type FieldError, FieldPath, forbidden, invalid } from '@coxswain/machinery';
import { throwFaults } from '../../../config-file/config-file-error.ts';
import { decodeConfig, decodeConfigAs } from '../../../config-file/decode-config.ts';
import { pluginScheme } from './plugin-scheme.ts';

const group = 'apiserver.config.k8s.io/v1';

const webhookScheme = pluginScheme({
  scheme: 'k8s.io/apiserver/pkg/admission/plugin/webhook/config/kubeconfig.go:34',
  versions: [[group, 'WebhookAdmissionConfiguration']],
  goName: 'WebhookAdmission',
  goType: '*webhookadmission.WebhookAdmission',
  fields: { kubeConfigFile: 'string', staticManifestsDir: 'string' },
});

/** The kubeconfig by whose users webhooks are called; '' for none. @throws {ConfigFileError} */
export function webhookKubeconfigOf(text: string): string {
  const { kubeConfigFile = '', staticManifestsDir = '' } = decodeConfig(text, webhookScheme).object;
  if (kubeConfigFile !== '' && !isAbsolute(kubeConfigFile)) {
    const path = FieldPath.root('kubeConfigFile');
    throwFaults([invalid(path, kubeConfigFile, 'must be an absolute file path')]);
  }
  throwFaults(manifestFaults(staticManifestsDir));
  return kubeConfigFile;
}

const policyKinds = [
  'ValidatingAdmissionPolicyConfiguration',
  'MutatingAdmissionPolicyConfiguration',
] as const;

const policyScheme = {
  name: 'k8s.io/apiserver/pkg/admission/plugin/policy/config/config.go:32',
  kinds: policyKinds.flatMap(
    (kind) =>
      pluginScheme({
        scheme: '',
        versions: [[group, kind]],
        goName: kind,
        goType: `*policyconfig.${kind}`,
        fields: { staticManifestsDir: 'string' },
      }).kinds,
  ),
};

/** Checks the configuration of a plugin of policies, which says nothing that counts. @throws {ConfigFileError} */
export function checkPolicyConfig(text: string, kind: (typeof policyKinds)[number]): void {
  const { staticManifestsDir = '' } = decodeConfigAs(text, policyScheme, `*policyconfig.${kind}`);
  throwFaults(manifestFaults(staticManifestsDir));
}

/** The feature is off unless it is asked for, and is not here. */
function manifestFaults(directory: string): readonly FieldError[] {
  if (directory === '') return [];
  return [
    forbidden(
      FieldPath.root('staticManifestsDir'),
      'staticManifestsDir requires the ManifestBasedAdmissionControlConfig feature gate to be enabled',
    ),
  ];
}
