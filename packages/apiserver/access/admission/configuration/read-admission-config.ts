import { dirname, resolve } from 'node:path';
import { decodeYaml, isDocumentFault } from '@coxswain/api';
import { goQuote, readText } from '@coxswain/machinery';
import { apiserverConfigScheme, apiserverType } from '../../../config-file/apiserver-config.ts';
import { ConfigFileError } from '../../../config-file/config-file-error.ts';
import { decodeConfigAs, isKindFault } from '../../../config-file/decode-config.ts';
import type { AdmissionConfig } from './admission-config.ts';
import { eventLimitsOf } from './event-limits-config.ts';
import { imagePolicyOf } from './image-policy-config.ts';
import { limitedResourcesOf } from './limited-resources-config.ts';
import { podNodeSelectorOf } from './pod-node-selector-config.ts';
import { podSecurityConfigOf } from './pod-security-config.ts';
import { podTolerationsOf } from './pod-tolerations-config.ts';
import { checkPolicyConfig, webhookKubeconfigOf } from './webhook-admission-config.ts';
import { WebhookCredentials } from './webhook-credentials.ts';

const kind = 'AdmissionConfiguration';

const scheme = apiserverConfigScheme(
  'k8s.io/apiserver/pkg/server/options/admission.go:51',
  ['v1', 'v1alpha1'],
  kind,
  {
    plugins: {
      list: {
        struct: 'AdmissionPluginConfiguration',
        fields: { name: 'string', path: 'string', configuration: 'any' },
      },
    },
  },
);

/** What a plugin's configuration becomes; `path` is the file that relative ones in it are beside. */
type Reader = (text: string, path: string) => AdmissionConfig;

const readers: Readonly<Record<string, Reader>> = {
  EventRateLimit: (text) => ({ eventLimits: eventLimitsOf(text) }),
  ImagePolicyWebhook: (text, path) => ({ imagePolicy: imagePolicyOf(text, path) }),
  MutatingAdmissionPolicy: (text) => {
    checkPolicyConfig(text, 'MutatingAdmissionPolicyConfiguration');
    return {};
  },
  MutatingAdmissionWebhook: (text) => ({ mutatingWebhookCredentials: webhookCredentials(text) }),
  PodNodeSelector: (text) => ({ podNodeSelector: podNodeSelectorOf(text) }),
  PodSecurity: (text) => ({ podSecurity: podSecurityConfigOf(text) }),
  PodTolerationRestriction: (text) => ({ podTolerations: podTolerationsOf(text) }),
  ResourceQuota: (text) => ({ limitedResources: limitedResourcesOf(text) }),
  ValidatingAdmissionPolicy: (text) => {
    checkPolicyConfig(text, 'ValidatingAdmissionPolicyConfiguration');
    return {};
  },
  ValidatingAdmissionWebhook: (text) => ({ validatingWebhookCredentials: webhookCredentials(text) }),
};

function webhookCredentials(text: string): WebhookCredentials {
  return WebhookCredentials.fromFile(webhookKubeconfigOf(text));
}

interface PluginConfig {
  readonly name?: string;
  readonly path?: string;
  readonly configuration?: unknown;
}

/**
 * Reads an AdmissionConfiguration and the files that it names.
 * @param enabled whether a plugin runs: what is said of others is not looked at
 * @throws {ConfigFileError} when it cannot be used
 */
export function readAdmissionConfig(path: string, enabled: (plugin: string) => boolean): AdmissionConfig {
  const plugins = pluginsOf(textOf(path), path);
  let config: AdmissionConfig = {};
  for (const [name, read] of Object.entries(readers)) {
    const said = plugins.find((one) => (one.name ?? '') === name);
    if (said === undefined || !enabled(name)) continue;
    const { path: file = '', configuration = null } = said;
    if (configuration === null && file === '') continue;
    const at = configuration === null ? resolve(dirname(path), file) : path;
    try {
      config = {
        ...config,
        ...read(configuration === null ? textOf(at) : JSON.stringify(configuration), at),
      };
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error;
      throw new ConfigFileError(`couldn't init admission plugin ${goQuote(name)}: ${error.message}`);
    }
  }
  return config;
}

/** What a file says of plugins. Before there were versions of it, it was the configuration of one of two plugins. */
function pluginsOf(text: string, path: string): readonly PluginConfig[] {
  try {
    return decodeConfigAs(text, scheme, apiserverType(kind))['plugins'] ?? [];
  } catch (error) {
    if (!isKindFault(error) || !isUnversioned(text)) throw error;
    return ['ImagePolicyWebhook', 'PodNodeSelector'].map((name) => ({ name, path }));
  }
}

function isUnversioned(text: string): boolean {
  try {
    const value = decodeYaml(text, undefined, { strict: false }).object as object | null;
    return value !== null && ('imagePolicy' in value || 'podNodeSelectorPluginConfig' in value);
  } catch (error) {
    if (isDocumentFault(error)) return false;
    throw error;
  }
}

function textOf(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    throw new ConfigFileError(
      `unable to read admission control configuration from ${goQuote(path)} [${(error as Error).message}]`,
    );
  }
}
