import { type FieldPath, invalid, isDNS1123Subdomain, isValidPortNum, required } from '@coxswain/machinery';
import { blank, type Errors, type Json } from '../values.ts';

const form = '; desired format: https://host[/path]';

/** How a webhook is reached: by URL or through a service of the cluster. */
export function validateWebhookClient(errs: Errors, config: Json, path: FieldPath): void {
  const { url, service } = config;
  if ((url == null) === (service == null)) {
    errs.push(required(path, 'exactly one of url or service is required'));
    return;
  }
  if (url != null) validateWebhookURL(errs, url, path.child('url'));
  else validateWebhookService(errs, service, path.child('service'));
}

/** ValidateWebhookURL with TLS required. */
function validateWebhookURL(errs: Errors, text: string, path: FieldPath): void {
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/.exec(text);
  if (match === null) {
    errs.push(required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${form}`));
    return;
  }
  const [, scheme = '', authority = '', , query, fragment] = match;
  if (scheme.toLowerCase() !== 'https') {
    errs.push(invalid(path, scheme, `'https' is the only allowed URL scheme${form}`));
  }
  if (authority === '') errs.push(invalid(path, authority, `host must be specified${form}`));
  const at = authority.lastIndexOf('@');
  if (at >= 0)
    errs.push(invalid(path, authority.slice(0, at), `user information is not permitted in the URL`));
  if (fragment != null && fragment.length > 1) {
    errs.push(invalid(path, fragment.slice(1), 'fragments are not permitted in the URL'));
  }
  if (query != null && query.length > 1) {
    errs.push(invalid(path, query.slice(1), 'query parameters are not permitted in the URL'));
  }
}

/** ValidateWebhookService. */
function validateWebhookService(errs: Errors, service: Json, path: FieldPath): void {
  // upstream hands over name and namespace in the wrong order: a missing one is reported as the other
  if (blank(service['namespace'])) errs.push(required(path.child('name')));
  if (blank(service['name'])) errs.push(required(path.child('namespace')));
  const problems = isValidPortNum(service['port'] ?? 443);
  if (problems.length > 0) {
    errs.push(invalid(path.child('port'), service['port'], `port is not valid: ${problems.join(', ')}`));
  }
  const route: string | undefined = service['path'];
  if (route == null || route === '' || route === '/') return;
  const place = path.child('path');
  if (route === '//') {
    errs.push(invalid(place, route, 'segment[0] may not be empty'));
    return;
  }
  if (!route.startsWith('/')) errs.push(invalid(place, route, "must start with a '/'"));
  const inner = route.slice(1).replace(/\/$/, '');
  inner.split('/').forEach((part, i) => {
    if (part === '') errs.push(invalid(place, route, `segment[${i}] may not be empty`));
    else {
      for (const message of isDNS1123Subdomain(part)) {
        errs.push(invalid(place, route, `segment[${i}]: ${message}`));
      }
    }
  });
}
