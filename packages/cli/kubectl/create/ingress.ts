import { Failure } from '../error-text.ts';
import { generatorVerb } from './generator.ts';

interface Rule {
  readonly host: string;
  readonly path: string;
  readonly backend: object;
  /** Absent: no TLS. '': without a secret. */
  readonly tls: string | undefined;
}

export const ingress = generatorVerb({
  usage: 'create ingress NAME --rule=host/path=service:port[,tls[=secret]]',
  summary: 'Create an ingress with the specified name.',
  flags: {
    annotation: { type: 'strings', help: 'Annotations, as key=value' },
    class: { type: 'string', help: 'Ingress class' },
    'default-backend': { type: 'string', help: 'Where the rest goes, as service:port' },
    rule: { type: 'strings', help: 'Rules, as host/path=service:port[,tls[=secret]]' },
  },
  failing: 'ingress',
  build: ({ flags }, name) => {
    const rules = flags.values('rule').map(parseRule);
    const fallback = flags.string('default-backend');
    if (rules.length === 0 && fallback === undefined) {
      throw new Failure(
        'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
      );
    }
    const annotations = Object.fromEntries(
      flags
        .values('annotation')
        .map((text) => [text.split('=')[0] as string, text.slice(text.indexOf('=') + 1)]),
    );
    const className = flags.string('class');
    const tls = tlsOf(rules);
    const hosts = [...new Set(rules.map((rule) => rule.host))];
    return {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { ...(flags.values('annotation').length > 0 ? { annotations } : {}), name },
      spec: {
        ...(fallback === undefined ? {} : { defaultBackend: backendOf(fallback) }),
        ...(className ? { ingressClassName: className } : {}),
        ...(rules.length > 0 ? { rules: hosts.map((host) => ruleOf(host, rules)) } : {}),
        ...(tls.length > 0 ? { tls } : {}),
      },
      status: { loadBalancer: {} },
    };
  },
});

function ruleOf(host: string, rules: readonly Rule[]): object {
  const paths = rules
    .filter((rule) => rule.host === host)
    .map(({ path, backend }) => ({
      backend,
      path: path.replace(/\*$/, ''),
      pathType: path.endsWith('*') ? 'Prefix' : 'Exact',
    }));
  return { ...(host === '' ? {} : { host }), http: { paths } };
}

function tlsOf(rules: readonly Rule[]): object[] {
  const bySecret = new Map<string, string[]>();
  for (const { host, tls } of rules) {
    if (tls === undefined) continue;
    const hosts = bySecret.get(tls) ?? [];
    if (host !== '' && !hosts.includes(host)) hosts.push(host);
    bySecret.set(tls, hosts);
  }
  return [...bySecret].map(([secretName, hosts]) => ({
    ...(hosts.length > 0 ? { hosts } : {}),
    ...(secretName === '' ? {} : { secretName }),
  }));
}

function parseRule(text: string): Rule {
  const match = /^([^/=]*)(\/[^=]*)?=([^,:]+:[^,]+)(?:,(tls)(?:=(.*))?)?$/.exec(text);
  if (!match) {
    throw new Failure(
      `rule ${text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`,
    );
  }
  const [, host = '', path = '/', service = '', tls, secret = ''] = match;
  return { host, path, backend: backendOf(service), tls: tls === undefined ? undefined : secret };
}

function backendOf(text: string): object {
  const [name = '', port] = text.split(':');
  if (port === undefined)
    throw new Failure(`backend ${text} is invalid and should be in format svcname:svcport`);
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}
